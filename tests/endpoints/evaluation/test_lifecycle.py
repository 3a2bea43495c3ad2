"""The status of an evaluation: only known moves, one winner, an event with each."""

from collections.abc import Callable

import pytest
from redis import Redis

from endpoints.evaluation import lease, lifecycle
from endpoints.evaluation.statuses import OVER, TRANSITIONS, EvaluationStatus
from endpoints.models import Evaluation

pytestmark = pytest.mark.django_db(transaction=True)
Start = Callable[..., Evaluation]
S = EvaluationStatus


def test_every_status_has_its_moves_and_the_last_ones_have_none() -> None:
    assert set(TRANSITIONS) == set(S)
    assert {S.COMPLETED, S.STOPPED, S.FAILED} == OVER


def test_a_move_that_is_not_known_is_a_bug(start: Start) -> None:
    evaluation = start()
    with pytest.raises(ValueError, match="from PENDING to COMPLETED"):
        lifecycle.transition(evaluation, S.COMPLETED)


def test_of_two_that_move_the_same_row_one_does(start: Start) -> None:
    evaluation = start()
    mine, theirs = (Evaluation.objects.get(pk=evaluation.pk) for _ in range(2))
    assert lifecycle.transition(mine, S.IN_PROGRESS, message="mine")
    assert not lifecycle.transition(theirs, S.STOPPED, message="theirs")
    evaluation.refresh_from_db()
    assert (evaluation.status, evaluation.revision) == (S.IN_PROGRESS, 1)
    assert [event.message for event in evaluation.events.all()][1:] == ["mine"]


def test_an_attempt_that_was_followed_moves_nothing(start: Start) -> None:
    evaluation = start()
    first = lease.take(evaluation.pk)
    assert first is not None
    lease.Lease(first).release()
    assert lease.take(evaluation.pk) is not None
    assert not lifecycle.transition(first, S.IN_PROGRESS)


def test_a_stop_wakes_somebody_even_when_its_worker_is_dead(start: Start, redis: Redis) -> None:
    evaluation = start()
    assert lifecycle.transition(evaluation, S.IN_PROGRESS)
    redis.delete("evaluation")
    assert lifecycle.transition(evaluation, S.STOPPING)
    assert redis.llen("evaluation") == 1


def test_what_was_said_last_is_not_said_again(start: Start) -> None:
    evaluation = start()
    for message in ("waiting", "waiting", "going on", "waiting"):
        lifecycle.tell(evaluation, message)
    said = [event.message for event in evaluation.events.all()][1:]
    assert said == ["waiting", "going on", "waiting"]
