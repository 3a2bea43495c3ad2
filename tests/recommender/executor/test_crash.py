"""Steps that break: forgiven a while, then the job ends, and all that is its with it."""

import pytest

from consoleapp.accounts.actor import Actor
from recommender import lifecycle, payloads
from recommender.errors import AttemptFenced
from recommender.executor import crash
from recommender.executor.lease import Lease
from recommender.statuses import JobStatus, StepPhase
from tests.recommender.executor import playing
from tests.recommender.executor.stand_in import StandIn

pytestmark = [
    pytest.mark.django_db(databases=["default", "metrics"]),
    pytest.mark.usefixtures("fake", "many_cores"),
]


def test_a_job_whose_steps_keep_breaking_fails_with_a_generic_reason(
    actor: Actor, stand_in: StandIn
) -> None:
    job = playing.start_job(actor, stand_in, "ml.c5.large")
    for _ in range(20):
        crash.note(job.pk)
    job.refresh_from_db()
    assert (job.status, job.failure_reason) == ("FAILED", crash.REASON)


def test_the_tests_of_a_job_that_breaks_end_with_it(actor: Actor, stand_in: StandIn) -> None:
    types = ("ml.c5.large", "ml.c5.xlarge", "ml.c5.2xlarge")
    job = playing.start_job(actor, stand_in, *types)
    playing.until(job, playing.in_phase(StepPhase.CREATING))
    playing.until(job, playing.queued)
    running = playing.take_up(playing.queued(job)[0])
    for _ in range(20):
        crash.note(job.pk)
    assert playing.phases(job) == ["done"] * 3
    assert {step.status for step in playing.steps(job)} == {"STOPPED"}
    assert not payloads.folder(job).exists()
    with pytest.raises(AttemptFenced):
        Lease(running).renew()


def test_a_few_broken_steps_are_forgiven(actor: Actor, stand_in: StandIn) -> None:
    job = playing.start_job(actor, stand_in, "ml.c5.large")
    for _ in range(19):
        crash.note(job.pk)
    lifecycle.transition(job, JobStatus.IN_PROGRESS)
    crash.note(job.pk)
    job.refresh_from_db()
    assert job.status == JobStatus.IN_PROGRESS
