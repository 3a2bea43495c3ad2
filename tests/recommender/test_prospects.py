"""Which instance types a model is told to try: measured ones, or the first of a Default job."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from consoleapp.accounts.actor import Actor
from endpoints import services as endpoint_services
from endpoints.models import Model
from recommender import prospects, services
from recommender.models import Job
from recommender.statuses import JobStatus
from tests.recommender.asked import advanced, make_model
from tests.recommender.views.measured import make_result, make_step

pytestmark = pytest.mark.usefixtures("two_cores")


@pytest.fixture
def model(actor: Actor) -> Model:
    return make_model(actor)


def finished(
    actor: Actor, model: Model, name: str, costs: Mapping[str, float], **request: Any
) -> Job:
    """A completed job of the model: the costs per inference of its types, in millionths."""
    job = services.create_from_request(actor, advanced(model, *costs, name=name, **request))
    for ordinal, (instance_type, cost) in enumerate(costs.items(), 1):
        step = make_step(job, ordinal, instance_type=instance_type)
        make_result(step, cost_per_inference_usd=cost / 1e6, environment={"ORDINAL": str(ordinal)})
    Job.objects.filter(pk=job.pk).update(status=JobStatus.COMPLETED)
    return job


def types(found: list[prospects.Prospect]) -> list[str]:
    return [each.instance_type for each in found]


def test_before_any_job_they_are_the_cheapest_of_a_default_job(actor: Actor, model: Model) -> None:
    found = prospects.of_model(actor, model)
    assert types(found) == ["ml.c5.large", "ml.m5.large", "ml.r5.large"]
    assert all(each.environment == {} for each in found)


def test_their_ids_have_the_form_that_the_sdk_deploys_by(actor: Actor, model: Model) -> None:
    """Model.deploy(inference_recommendation_id=...) refuses any other."""
    found = [each.recommendation_id for each in prospects.of_model(actor, model)]
    assert all(re.fullmatch(r"plain/\w{8}", each) for each in found)
    assert len(set(found)) == 3
    again = [each.recommendation_id for each in prospects.of_model(actor, model)]
    assert again == found


def test_an_image_that_nothing_here_serves_has_none(actor: Actor) -> None:
    assert prospects.of_model(actor, make_model(actor, Image="example.com/mine:1")) == []


def test_a_finished_job_s_three_best_come_first_with_their_environment(
    actor: Actor, model: Model
) -> None:
    costs = {"ml.r5.large": 4.0, "ml.c5.large": 1.0, "ml.m5.large": 3.0, "ml.c5.xlarge": 2.0}
    finished(actor, model, "measured", costs)
    found = prospects.of_model(actor, model)
    assert types(found) == ["ml.c5.large", "ml.c5.xlarge", "ml.m5.large"]
    assert found[0].environment == {"ORDINAL": "2"}
    assert found[0].recommendation_id == "measured/00000002"


def test_the_newest_job_counts(actor: Actor, model: Model) -> None:
    finished(actor, model, "older", {"ml.m5.large": 1.0})
    finished(actor, model, "newer", {"ml.c5.large": 9.0})
    assert types(prospects.of_model(actor, model)) == ["ml.c5.large"]


def test_a_job_that_measured_an_endpoint_alone_does_not_count(actor: Actor, model: Model) -> None:
    finished(actor, model, "older", {"ml.m5.large": 1.0})
    alone = finished(actor, model, "newer", {"ml.c5.large": 1.0})
    alone.recommendations.all().delete()
    assert types(prospects.of_model(actor, model)) == ["ml.m5.large"]


def test_an_unfinished_job_does_not_count(actor: Actor, model: Model) -> None:
    job = finished(actor, model, "running", {"ml.m5.large": 1.0})
    Job.objects.filter(pk=job.pk).update(status=JobStatus.IN_PROGRESS)
    assert len(prospects.of_model(actor, model)) == 3


def test_a_job_with_a_target_ranks_by_its_hourly_cost(actor: Actor, model: Model) -> None:
    """As DescribeInferenceRecommendationsJob and the job's page rank it."""
    costs = {"ml.m5.large": 1.0, "ml.c5.large": 2.0}
    job = finished(actor, model, "target", costs, stopping={"MaxInvocations": 1000})
    rows = job.recommendations
    rows.filter(instance_type="ml.m5.large").update(cost_per_hour_usd=0.9)
    rows.filter(instance_type="ml.c5.large").update(cost_per_hour_usd=0.1)
    assert types(prospects.of_model(actor, model)) == ["ml.c5.large", "ml.m5.large"]


def test_a_former_model_s_results_are_not_its_successor_s(actor: Actor, model: Model) -> None:
    job = finished(actor, model, "former", {"ml.m5.large": 1.0})
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    endpoint_services.delete_model(actor, name=model.name)
    assert len(prospects.of_model(actor, make_model(actor))) == 3


def test_a_stranger_s_model_of_the_same_name_has_nothing_of_it(
    actor: Actor, charlie: Actor, model: Model
) -> None:
    finished(actor, model, "ours", {"ml.m5.large": 1.0})
    assert len(prospects.of_model(charlie, make_model(charlie))) == 3
