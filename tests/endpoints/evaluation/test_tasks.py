"""The tasks: on the queue of their own, sent after commit, and found again by the sweep."""

import json
from collections.abc import Callable

import pytest
from django.db import transaction
from redis import Redis

from consoleapp.celery import app
from endpoints.evaluation import lease, tasks
from endpoints.evaluation import run as running
from endpoints.models import Evaluation
from tests.endpoints.evaluation.target import Target

pytestmark = pytest.mark.django_db(transaction=True)
Start = Callable[..., Evaluation]


def queued(redis: Redis) -> list[int]:
    """Primary keys of the evaluations that are asked for, oldest first."""
    found = []
    for raw in reversed(redis.lrange("evaluation", 0, -1)):
        headers = json.loads(raw)["headers"]
        assert headers["task"] == "endpoints.evaluation.tasks.run"
        found += json.loads(headers["argsrepr"])
    return found


def test_a_new_one_is_queued_apart_from_control_steps(start: Start, redis: Redis) -> None:
    before = redis.llen("control")
    evaluation = start()
    assert queued(redis) == [evaluation.pk]
    assert redis.llen("control") == before


def test_one_that_is_rolled_back_is_never_queued(start: Start, redis: Redis) -> None:
    def rolled_back() -> None:
        with transaction.atomic():
            start()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rolled_back()
    assert queued(redis) == []


def test_the_sweep_asks_for_what_nobody_is_at_and_does_not_pile_up(
    start: Start, redis: Redis
) -> None:
    evaluation = start()
    redis.delete("evaluation")
    tasks.sweep()
    tasks.sweep()
    assert queued(redis) == [evaluation.pk]


def test_the_sweep_leaves_alone_what_somebody_is_at(start: Start, redis: Redis) -> None:
    evaluation = start()
    redis.delete("evaluation")
    assert lease.take(evaluation.pk) is not None
    tasks.sweep()
    assert queued(redis) == []


def test_a_run_with_more_to_do_asks_for_itself(
    start: Start, target: Target, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluation = start()
    redis.delete("evaluation")
    monkeypatch.setattr(running, "SLICE_S", 0.0)
    tasks.run(evaluation.pk)
    assert queued(redis) == [evaluation.pk]
    monkeypatch.setattr(running, "SLICE_S", 60.0)
    redis.delete("evaluation")
    tasks.run(evaluation.pk)
    assert queued(redis) == []
    evaluation.refresh_from_db()
    assert evaluation.status == "COMPLETED"
    tasks.sweep()
    assert queued(redis) == []


def test_beat_sweeps_and_a_long_run_is_acknowledged_early() -> None:
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert tasks.sweep.name in scheduled
    # Acknowledged late, it would be delivered a second time while it still runs.
    assert tasks.run.acks_late is False
