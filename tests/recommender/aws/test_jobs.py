"""Jobs on the AWS wire: what tests of every kind answer."""

import pytest

from consoleapp.accounts.actor import Actor
from endpoints import queries as endpoint_queries
from recommender.aws import jobs
from tests.endpoints.build import make_endpoint
from tests.recommender.asked import make_job
from tests.recommender.views.measured import ENDPOINT, make_result, make_step

pytestmark = pytest.mark.usefixtures("two_cores")


def test_a_shared_measurement_names_the_endpoint_it_was_made_on(actor: Actor) -> None:
    job = make_job(actor, "ml.c5.large", "ml.m5.large")
    leader = make_step(job)
    sharer = make_step(job, 2, instance_type="ml.m5.large", endpoint_name="", shares=leader)
    for step in (leader, sharer):
        make_result(step)
    found = jobs.describe(actor, {"JobName": job.name})["InferenceRecommendations"]
    assert [r["EndpointConfiguration"]["EndpointName"] for r in found] == [ENDPOINT] * 2
    steps = jobs.list_steps(actor, {"JobName": job.name})["Steps"]
    benchmarks = [step["InferenceBenchmark"]["EndpointConfiguration"] for step in steps]
    assert [each["EndpointName"] for each in benchmarks] == [ENDPOINT] * 2


def test_a_step_says_how_many_instances_its_metrics_are_of(actor: Actor) -> None:
    job = make_job(actor)
    make_result(make_step(job), instance_count=3)
    make_step(job, 2)
    first, second = jobs.list_steps(actor, {"JobName": job.name})["Steps"]
    assert first["InferenceBenchmark"]["EndpointConfiguration"]["InitialInstanceCount"] == 3
    assert second["InferenceBenchmark"]["EndpointConfiguration"]["InitialInstanceCount"] is None


def test_the_step_of_an_existing_endpoint_has_its_metrics_and_its_own_variant(
    actor: Actor,
) -> None:
    endpoint = make_endpoint(actor, "mine")
    job = make_job(actor)
    reading = {"invocations_per_minute": 1200.0, "model_latency_us": 2499.7}
    done = {"status": "COMPLETED", "reading": reading, "existing_endpoint": True}
    make_step(job, endpoint_name="mine", **done)
    (step,) = jobs.list_steps(actor, {"JobName": job.name})["Steps"]
    benchmark = step["InferenceBenchmark"]
    wanted = {"MaxInvocations": 1200, "ModelLatency": 2500}
    assert (benchmark["Metrics"], benchmark["EndpointMetrics"]) == (None, wanted)
    variant = endpoint_queries.variants(endpoint).get()
    assert benchmark["EndpointConfiguration"]["VariantName"] == variant.name != "AllTraffic"
    described = jobs.describe(actor, {"JobName": job.name})
    assert described["EndpointPerformances"][0]["Metrics"] == wanted
