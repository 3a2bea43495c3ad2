"""A recommendation becomes a model, a configuration and an endpoint, or nothing at all."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import Role
from endpoints import queries, services
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Endpoint, Model
from tests import factories
from tests.endpoints.build import IMAGE
from tests.endpoints.test_create_pages import ENDPOINT, rows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _model(actor: Actor, fake: FakeRunner) -> None:
    services.create_model(actor, name="small", primary_container={"Image": IMAGE})


def registered(actor: Actor) -> str:
    services.create_package_group(actor, name="churn")
    container = {"Image": IMAGE, "ModelDataUrl": "s3://b/m.tar.gz", "Environment": {"A": "0"}}
    specification = {"Containers": [container], "SupportedContentTypes": ["text/csv"]}
    made = services.create_package(actor, group_name="churn", inference_specification=specification)
    return made.arn


def filled_in(client: Client, query: dict[str, str]) -> dict[str, Any]:
    """What a browser would send of the page that a "Deploy" link leads to."""
    answer = client.get(reverse(ENDPOINT), query)
    assert answer.status_code == 200
    context = answer.context
    given = {
        field.html_name: field.value() or ""
        for form in (context["form"], context["config_form"], context["model_form"])
        if form is not None
        for field in form
        if field.html_name not in {"capture", "capture_modes"}
    }
    (row,) = context["rows"].raw()
    return given | rows(row)


def test_a_recommendation_of_a_version_becomes_model_configuration_and_endpoint(
    alice_client: Client, actor: Actor
) -> None:
    query = {
        "package": registered(actor),
        "instance_type": "ml.m5.large",
        "instance_count": "2",
        "env.OMP_NUM_THREADS": "1",
    }
    given = filled_in(alice_client, query)
    answer = alice_client.post(reverse(ENDPOINT), given)
    assert answer.status_code == 302, answer.content.decode()
    endpoint = Endpoint.objects.get()
    (variant,) = queries.variants(endpoint)
    assert (variant.instance_type, variant.desired_count) == ("ml.m5.large", 2)
    assert variant.model.package is not None
    assert variant.model.primary_container["Environment"] == {"A": "0", "OMP_NUM_THREADS": "1"}
    assert variant.model.primary_container["ModelDataUrl"] == "s3://b/m.tar.gz"


def test_a_recommendation_of_a_model_with_environment_makes_a_model_like_it(
    alice_client: Client, actor: Actor
) -> None:
    given = filled_in(
        alice_client, {"model": "small", "instance_type": "ml.c5.large", "env.B": "2"}
    )
    assert alice_client.post(reverse(ENDPOINT), given).status_code == 302
    (variant,) = queries.variants(Endpoint.objects.get())
    assert variant.model.name != "small"
    assert variant.model.primary_container == {"Image": IMAGE, "Environment": {"B": "2"}}


def test_a_recommendation_of_a_model_as_it_is_makes_no_other_model(
    alice_client: Client, actor: Actor
) -> None:
    given = filled_in(alice_client, {"model": "small", "instance_type": "ml.c5.large"})
    assert alice_client.post(reverse(ENDPOINT), given).status_code == 302
    (variant,) = queries.variants(Endpoint.objects.get())
    assert variant.model.name == "small"
    assert Model.objects.count() == 1


def test_an_operator_is_told_that_models_need_a_publisher(
    actor: Actor, client: Client, team: Any
) -> None:
    operator = factories.make_actor(team, username="olga", role=Role.OPERATOR)
    assert operator.user is not None
    client.force_login(operator.user)
    given = filled_in(client, {"package": registered(actor), "instance_type": "ml.c5.large"})
    page = client.get(reverse(ENDPOINT), {"package": given["package"]}).content.decode()
    assert "Ask a publisher" in page
    answer = client.post(reverse(ENDPOINT), given)
    assert answer.status_code == 422
    assert not Endpoint.objects.exists()
