"""What a test leaves behind, and when a type measures for itself after all."""

import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.metrics import logs
from recommender.errors import TestFailed
from recommender.executor import outcome, rows
from recommender.joblog import GROUP
from recommender.models import JobStep, Recommendation
from recommender.statuses import JobStatus, StepPhase
from tests.recommender.executor import playing
from tests.recommender.executor.stand_in import StandIn

pytestmark = [
    pytest.mark.django_db(databases=["default", "metrics"]),
    pytest.mark.usefixtures("fake"),
]


def pair(actor: Actor, stand_in: StandIn) -> tuple[JobStep, JobStep]:
    """ml.c5.large measures (4 GiB), ml.m5.large (8 GiB) shares."""
    job = playing.start_job(actor, stand_in, "ml.c5.large", "ml.m5.large")
    playing.look(job, 2)
    leader, sharer = playing.steps(job)
    leader.job = sharer.job = job
    return leader, sharer


def ended(step: JobStep, **columns: object) -> JobStep:
    JobStep.objects.filter(pk=step.pk).update(phase=StepPhase.DONE, **columns)
    step.refresh_from_db()
    return step


@pytest.mark.usefixtures("two_cores")
def test_projected_figures_stand_beside_raw_ones(actor: Actor, stand_in: StandIn) -> None:
    job = playing.play(playing.start_job(actor, stand_in, "ml.c5.large"))
    row = Recommendation.objects.get()
    assert job.scale == 0.5
    assert (row.raw_max_invocations, row.max_invocations, row.projected) == (600, 1200, True)


@pytest.mark.usefixtures("many_cores")
def test_a_target_asks_for_as_many_instances_as_it_takes(actor: Actor, stand_in: StandIn) -> None:
    job = playing.start_job(actor, stand_in, "ml.c5.large", stopping={"MaxInvocations": 1500})
    playing.play(job)
    row = Recommendation.objects.get()
    assert (row.instance_count, row.max_invocations) == (3, 1800)
    assert row.cost_per_hour_usd == pytest.approx(3 * 0.102)


@pytest.mark.usefixtures("many_cores")
def test_an_unknown_price_is_kept_unknown(actor: Actor, stand_in: StandIn) -> None:
    playing.play(playing.start_job(actor, stand_in, "ml.m4.xlarge"))
    row = Recommendation.objects.get()
    assert (row.cost_per_hour_usd, row.cost_per_inference_usd) == (None, None)


@pytest.mark.usefixtures("many_cores")
def test_a_larger_type_measures_itself_when_the_smaller_did_not_come_up(
    actor: Actor, stand_in: StandIn
) -> None:
    leader, sharer = pair(actor, stand_in)
    ended(leader, status="FAILED", failure_detail={"at": "creating"})
    outcome.settle_share(sharer, leader)
    sharer.refresh_from_db()
    assert (sharer.shares, sharer.phase) == (None, "waiting")


@pytest.mark.usefixtures("many_cores")
def test_of_several_larger_types_the_smallest_measures_for_the_others(
    actor: Actor, stand_in: StandIn
) -> None:
    """4 GiB did not do: whether 8 do is not known from 16."""
    types = ("ml.c5.large", "ml.r5.large", "ml.m5.large")
    job = playing.start_job(actor, stand_in, *types)
    playing.look(job, 2)
    given = {step.instance_type: step for step in rows.steps_of(job)}
    small, roomy, middle = (given[name] for name in types)
    ended(small, status="FAILED", failure_detail={"at": "creating"})
    for step in (roomy, middle):  # As one round of the job does, with what it read before.
        outcome.settle_share(step, small)
    roomy.refresh_from_db()
    middle.refresh_from_db()
    assert (middle.shares, roomy.shares) == (None, middle)
    assert (middle.phase, roomy.phase) == ("waiting", "waiting")


@pytest.mark.usefixtures("many_cores")
def test_a_failed_measurement_fails_those_that_share_it(actor: Actor, stand_in: StandIn) -> None:
    leader, sharer = pair(actor, stand_in)
    ended(leader, status="FAILED", failure_reason="too many invocations failed")
    outcome.settle_share(sharer, leader)
    sharer.refresh_from_db()
    assert (sharer.status, sharer.phase) == ("FAILED", "done")
    assert sharer.failure_reason == "As Test 1 (ml.c5.large): too many invocations failed"


@pytest.mark.usefixtures("many_cores")
def test_the_log_names_a_test_that_shares_a_measurement(actor: Actor, stand_in: StandIn) -> None:
    leader, sharer = pair(actor, stand_in)
    ended(leader, status="COMPLETED")
    outcome.settle_share(sharer, leader)
    job = sharer.job
    found = logs.events(job.team.account_id, job.region, GROUP, f"{job.name}/execution")
    told = "Test 2 (ml.m5.large) is COMPLETED: it shares the measurement of Test 1 (ml.c5.large)."
    assert [event.message for event in found].count(told) == 1


@pytest.mark.usefixtures("many_cores")
def test_an_invalid_measurement_is_kept_and_never_recommended(
    actor: Actor, stand_in: StandIn
) -> None:
    leader, sharer = pair(actor, stand_in)
    reading = {"invocations_per_minute": 600, "model_latency_us": 5}
    ended(leader, status="FAILED", reading=reading, invalid_reason="others used the cores")
    outcome.settle_share(sharer, leader)
    sharer.refresh_from_db()
    assert (sharer.reading, sharer.invalid_reason) == (reading, "others used the cores")
    assert not Recommendation.objects.exists()


@pytest.mark.usefixtures("many_cores")
def test_what_failed_is_kept_in_full(actor: Actor, stand_in: StandIn) -> None:
    leader, _ = pair(actor, stand_in)
    failed = TestFailed("it broke", {"payload": "row-1.csv", "status": 500})
    assert outcome.fail(leader, failed, stop_reason="Errors")
    leader.refresh_from_db()
    assert (leader.status, leader.phase) == (JobStatus.FAILED, StepPhase.REMOVING)
    assert leader.failure_detail == {"payload": "row-1.csv", "status": 500}
    assert leader.stop_reason == "Errors"


def test_a_tests_title_names_what_makes_it_different() -> None:
    step = JobStep(ordinal=3, instance_type="ml.c5.large", environment={"B": "2", "A": "1"})
    assert outcome.title(step) == "Test 3 (ml.c5.large, A=1, B=2)"
