"""A recommendation's button leads to an endpoint's form that is filled in with it."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from recommender.models import Job
from tests.recommender.views.measured import make_result, make_step

pytestmark = pytest.mark.django_db


def test_its_fields_carry_what_was_recommended(job: Job, alice_client: Client) -> None:
    make_result(make_step(job, 1), instance_count=3, environment={"OMP_NUM_THREADS": "1"})
    make_result(make_step(job, 2, instance_type="ml.c5.xlarge"))
    page = alice_client.get(reverse("recommender:job", args=[job.name])).content.decode()
    forms = re.findall(
        r'<form method="get" action="/console/create-endpoint".*?</form>', page, re.S
    )
    best, *rows = forms
    assert "Deploy this recommendation" in best
    assert len(rows) == job.recommendations.count()
    for row in job.recommendations.all():
        (form,) = [form for form in rows if f"Deploy: {row.instance_type}" in form]
        fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
        given = {name: unescape(value) for name, value in fields.items()}
        source = job.model_package_arn or job.model_name
        assert given.pop("package" if job.model_package_arn else "model") == source
        assert given == {
            "instance_type": row.instance_type,
            "instance_count": str(row.instance_count),
            **{f"env.{name}": str(value) for name, value in row.environment.items()},
        }


def test_a_viewer_sees_what_is_recommended_and_no_button_to_deploy_it(
    job: Job, bob_client: Client
) -> None:
    make_result(make_step(job, 1))
    for name in ("recommender:job", "recommender:recommendations"):
        page = bob_client.get(reverse(name, args=[job.name])).content.decode()
        assert "Best for these goals" in page
        assert "/console/create-endpoint" not in page
