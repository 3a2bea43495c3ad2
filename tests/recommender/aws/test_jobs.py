"""Jobs on the AWS wire: what a test that shares a measurement answers."""

import pytest

from consoleapp.accounts.actor import Actor
from recommender.aws import jobs
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
