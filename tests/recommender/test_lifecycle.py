"""Compare-and-set: one event for each move, and no move from a status that was left."""

import pytest

from consoleapp.accounts.actor import Actor
from recommender import lifecycle
from recommender.executor import rows
from recommender.models import Job, JobStep
from recommender.statuses import TERMINAL, TRANSITIONS, JobStatus, StepPhase
from tests.recommender.asked import make_job

pytestmark = pytest.mark.usefixtures("two_cores")


@pytest.fixture
def job(actor: Actor) -> Job:
    return make_job(actor)


@pytest.fixture
def step(job: Job) -> JobStep:
    return rows.ensure(job)[0]


def test_a_move_writes_status_columns_revision_and_event(job: Job) -> None:
    before = job.revision
    assert lifecycle.transition(job, JobStatus.IN_PROGRESS, message="go", progress="checking")
    job.refresh_from_db()
    assert (job.status, job.progress, job.revision) == ("IN_PROGRESS", "checking", before + 1)
    event = job.events.last()
    assert event is not None
    assert (event.from_status, event.to_status, event.message) == ("PENDING", "IN_PROGRESS", "go")


def test_only_the_first_of_two_processes_moves_it(job: Job) -> None:
    other = Job.objects.get(pk=job.pk)
    assert lifecycle.transition(job, JobStatus.IN_PROGRESS)
    assert not lifecycle.transition(other, JobStatus.STOPPING)
    assert job.events.exclude(from_status="").count() == 1


def test_a_terminal_status_is_dated(job: Job) -> None:
    lifecycle.transition(job, JobStatus.FAILED)
    assert job.completed_at is not None


def test_an_edge_that_is_not_drawn_is_a_bug(job: Job, step: JobStep) -> None:
    with pytest.raises(ValueError, match="PENDING to COMPLETED"):
        lifecycle.transition(job, JobStatus.COMPLETED)
    with pytest.raises(ValueError, match="waiting to running"):
        lifecycle.move(step, StepPhase.RUNNING)


def test_every_status_and_every_phase_has_its_edges() -> None:
    assert set(TRANSITIONS) == set(JobStatus)
    assert set(lifecycle.PHASES) == set(StepPhase)
    for status in TERMINAL:
        assert TRANSITIONS[status] == {JobStatus.DELETING}


def test_a_move_of_a_test_tells_the_page(step: JobStep) -> None:
    before = Job.objects.get(pk=step.job_id).revision
    assert lifecycle.move(step, StepPhase.CREATING, endpoint_name="sm-epc-x")
    assert Job.objects.get(pk=step.job_id).revision > before
    assert step.job.events.filter(step=step, to_status="creating").count() == 1


def test_a_test_of_another_attempt_is_not_moved(step: JobStep) -> None:
    lifecycle.move(step, StepPhase.READY, attempt_id="first")
    JobStep.objects.filter(pk=step.pk).update(attempt_id="second")
    assert not lifecycle.move(step, StepPhase.RUNNING)
    assert not lifecycle.write(step, stop_detail="from the first attempt")
    step.refresh_from_db()
    assert (step.phase, step.stop_detail) == ("ready", "")


@pytest.mark.parametrize("words", ["1 of 2 tests finished", "a long word " * 40])
def test_saying_the_same_again_changes_nothing(job: Job, words: str) -> None:
    lifecycle.say(job, words)
    before = Job.objects.get(pk=job.pk).revision
    lifecycle.say(job, words)
    assert Job.objects.get(pk=job.pk).revision == before
