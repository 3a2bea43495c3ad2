"""Leases and fences: who may write, and what happens to an attempt that fell silent."""

from datetime import timedelta

import pytest
from django.utils import timezone

from consoleapp.accounts.actor import Actor
from recommender import services
from recommender.errors import MAX_ATTEMPTS, AttemptFenced
from recommender.executor import lease, outcome
from recommender.executor.lease import Lease
from recommender.models import Job, JobStep, Recommendation
from recommender.statuses import JobStatus, StepPhase
from tests.recommender.executor import playing
from tests.recommender.executor.stand_in import StandIn

pytestmark = [
    pytest.mark.django_db(databases=["default", "metrics"]),
    pytest.mark.usefixtures("fake", "many_cores"),
]


@pytest.fixture
def job(actor: Actor, stand_in: StandIn) -> Job:
    job = playing.start_job(actor, stand_in, "ml.c5.large")
    return playing.until(job, playing.queued)


def lose(step: JobStep) -> None:
    """As if its worker had been killed some time ago."""
    JobStep.objects.filter(pk=step.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_an_attempt_is_taken_once(job: Job) -> None:
    step = playing.queued(job)[0]
    assert lease.take(step.pk, step.attempt_id) is not None
    assert lease.take(step.pk, step.attempt_id) is None


def test_another_attempts_id_takes_nothing(job: Job) -> None:
    assert lease.take(playing.queued(job)[0].pk, "someone else's") is None


def test_a_job_that_is_stopping_starts_no_traffic(actor: Actor, job: Job) -> None:
    step = playing.queued(job)[0]
    services.stop_job(actor, name=job.name)
    assert lease.take(step.pk, step.attempt_id) is None
    assert lease.stop_wanted(step)


def test_a_message_that_was_lost_is_sent_again_for_the_same_attempt(job: Job) -> None:
    step = playing.queued(job)[0]
    lose(step)
    playing.look(job)
    again = playing.queued(job)[0]
    assert again.attempt_id == step.attempt_id
    assert again.lease_until is not None
    assert again.lease_until > timezone.now()


def test_a_lost_attempt_is_repeated_under_a_new_id(job: Job) -> None:
    first = playing.take_up(playing.queued(job)[0])
    playing.look(job)
    assert playing.phases(job) == ["running"]
    lose(first)
    playing.look(job, 2)
    second = playing.queued(job)[0]
    assert second.attempt_id != first.attempt_id
    assert playing.take_up(second).attempt == 2


def test_the_last_word_of_a_lost_attempt_is_not_the_next_ones(job: Job) -> None:
    first = playing.take_up(playing.queued(job)[0])
    Lease(first).expire("the gateway's metrics were silent")
    playing.look(job, 2)
    playing.take_up(playing.queued(job)[0])
    assert playing.steps(job)[0].stop_detail == ""


def test_traffic_whose_worker_was_lost_has_an_end_too(actor: Actor, job: Job) -> None:
    """Else its charts would reach to this day."""
    step = playing.take_up(playing.queued(job)[0])
    began = timezone.now()
    JobStep.objects.filter(pk=step.pk).update(traffic_started_at=began)
    services.stop_job(actor, name=job.name)
    lose(step)
    playing.until(job, playing.finished)
    ended = playing.steps(job)[0].traffic_ended_at
    assert ended is not None
    assert ended >= began


def test_nothing_that_an_old_attempt_writes_arrives(job: Job) -> None:
    old = playing.take_up(playing.queued(job)[0])
    lose(old)
    playing.look(job, 2)
    playing.take_up(playing.queued(job)[0])
    assert not outcome.end(old, JobStatus.COMPLETED, reading={"invocations_per_minute": 1})
    with pytest.raises(AttemptFenced):
        Lease(old).renew(live={"users": 99})
    Lease(old).expire("an old word")
    step = playing.steps(job)[0]
    assert (step.phase, step.live, step.stop_detail, step.reading) == ("running", {}, "", None)
    assert not Recommendation.objects.exists()


def test_after_three_lost_attempts_the_test_fails_with_the_reason(job: Job) -> None:
    for _ in range(MAX_ATTEMPTS):
        step = playing.take_up(playing.queued(job)[0])
        Lease(step).expire("the gateway's metrics were silent for more than 3 s")
        playing.look(job, 2)
    job = playing.until(job, playing.finished)
    step = playing.steps(job)[0]
    assert (step.status, step.attempt) == ("FAILED", MAX_ATTEMPTS)
    assert "lost 3 times; last: the gateway's metrics were silent" in step.failure_reason
    assert job.status == JobStatus.FAILED


def test_a_renewed_lease_keeps_the_test_and_shows_what_is_live(job: Job) -> None:
    step = playing.take_up(playing.queued(job)[0])
    lose(step)
    Lease(step).renew(live={"users": 7})
    playing.look(job)
    found = playing.steps(job)[0]
    assert (found.phase, found.live, found.attempt) == ("running", {"users": 7}, 1)


def test_a_lost_attempt_of_a_stopping_job_is_not_repeated(actor: Actor, job: Job) -> None:
    step = playing.take_up(playing.queued(job)[0])
    services.stop_job(actor, name=job.name)
    lose(step)
    job = playing.until(job, playing.finished)
    assert (job.status, playing.steps(job)[0].status) == ("STOPPED", "STOPPED")
    assert playing.phases(job) == [StepPhase.DONE.value]
