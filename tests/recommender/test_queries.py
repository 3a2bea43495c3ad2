"""Lists, filters and details of jobs; their number of queries; strangers."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound
from recommender import queries, services
from recommender.executor import rows
from recommender.models import Job, Recommendation
from tests.recommender.asked import advanced, make_job, make_model, make_package

pytestmark = pytest.mark.usefixtures("two_cores")


def names(actor: Actor, **filters: object) -> list[str]:
    return [job.name for job in queries.jobs(actor, **filters)]  # type: ignore[arg-type]


@pytest.fixture
def three(actor: Actor) -> list[Job]:
    package = make_package(actor)
    made = [make_job(actor, package=package, name=f"job-{letter}") for letter in "abc"]
    for age, job in enumerate(reversed(made)):
        Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(hours=age))
    return made


def test_the_newest_job_comes_first(actor: Actor, three: list[Job]) -> None:
    assert names(actor) == ["job-c", "job-b", "job-a"]
    assert names(actor, sort_by="Name", sort_order="Ascending") == ["job-a", "job-b", "job-c"]


def test_each_filter_narrows(actor: Actor, three: list[Job]) -> None:
    services.stop_job(actor, name="job-a")
    services.create_from_request(actor, advanced(make_model(actor), name="of-a-model"))
    hour_ago = timezone.now() - timedelta(minutes=30)
    assert names(actor, name_contains="-B") == ["job-b"]
    assert names(actor, status="STOPPING") == ["job-a"]
    assert names(actor, model="plain") == ["of-a-model"]
    assert names(actor, created_after=hour_ago) == ["of-a-model", "job-c"]
    assert names(actor, created_before=hour_ago) == ["job-b", "job-a"]
    assert names(actor, type="default") == []
    assert len(names(actor, package_arn=three[0].model_package_arn)) == 3


def test_a_stranger_sees_none_of_it(actor: Actor, charlie: Actor, three: list[Job]) -> None:
    assert names(charlie) == []
    with pytest.raises(NotFound):
        queries.job(charlie, "job-a")


def test_another_region_has_jobs_of_its_own(actor: Actor, three: list[Job]) -> None:
    elsewhere = Actor(team=actor.team, region="eu-west-1", role=actor.role, user=actor.user)
    assert names(elsewhere) == []


def test_the_list_counts_tests_and_knows_the_best_cost(actor: Actor, three: list[Job]) -> None:
    for step in rows.ensure(three[0]):
        Recommendation.objects.create(
            job=three[0],
            step=step,
            recommendation_id="job-a/1",
            instance_type=step.instance_type,
            instance_count=1,
            max_invocations=10,
            model_latency_us=1,
            cost_per_inference_usd=2e-6,
            raw_max_invocations=10,
        )
    found = queries.jobs(actor).get(name="job-a")
    assert (found.tests, found.finished_tests) == (1, 0)
    assert found.best_cost_usd == pytest.approx(2e-6)


def test_a_longer_list_asks_no_more_queries(actor: Actor, three: list[Job]) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            for job in queries.jobs(actor):
                assert job.arn
        return len(captured)

    few = count()
    package = make_package(actor, group="more")
    for number in range(5):
        make_job(actor, package=package, name=f"more-{number}")
    assert count() == few == 1


def test_steps_and_their_recommendations_come_in_one_query(actor: Actor) -> None:
    job = make_job(actor, "ml.c5.large", "ml.m5.large", "ml.r5.large")
    rows.ensure(job)
    with CaptureQueriesContext(connection) as captured:
        for step in queries.steps(job):
            assert getattr(step, "recommendation", None) is None
            assert step.shares is None or step.shares.ordinal == 1
    assert len(captured) == 1


def test_the_request_can_be_sent_again(actor: Actor) -> None:
    asked = advanced(make_package(actor), stopping={"MaxInvocations": 100})
    job = services.create_from_request(actor, asked | {"JobDescription": "why"})
    assert queries.request_of(job) == asked | {"JobDescription": "why"}
    assert queries.has_target(job)


def test_an_existing_endpoints_figures_are_its_own(actor: Actor) -> None:
    job = make_job(actor)
    step = rows.ensure(job)[0]
    type(step).objects.filter(pk=step.pk).update(
        existing_endpoint=True,
        endpoint_name="mine",
        status="COMPLETED",
        reading={"invocations_per_minute": 99.7, "model_latency_us": 1234.5},
    )
    found = queries.endpoint_performances(job)
    assert [(f.endpoint_name, f.max_invocations, f.model_latency_us) for f in found] == [
        ("mine", 99, 1234)
    ]
    # Invalid, or without a reading: kept with what was seen, and no performance of the endpoint.
    type(step).objects.filter(pk=step.pk).update(status="FAILED", reading={"kind": "nothing"})
    assert queries.endpoint_performances(job) == []


def test_a_test_that_is_not_there_is_not_found(actor: Actor) -> None:
    with pytest.raises(NotFound, match="has no test 9"):
        queries.step(make_job(actor), 9)
