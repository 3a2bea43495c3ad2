"""The tasks beat sends are those that exist, and they do their work."""

import time

import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.celery import app
from consoleapp.metrics import tasks
from consoleapp.metrics.models import Alarm, MinuteSample
from tests.consoleapp.metrics.alarm_specs import make_alarm
from tests.consoleapp.metrics.samples import make_sample, store

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])


def test_beat_sends_both() -> None:
    sent = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert {tasks.evaluate_alarms.name, tasks.apply_retention.name} <= sent


def test_alarms_are_evaluated(actor: Actor) -> None:
    make_alarm(actor)
    now = int(time.time())
    store(*(make_sample([90_000.0], second=now - back) for back in range(60)))
    tasks.evaluate_alarms()
    assert Alarm.objects.get().state == "ALARM"


def test_old_seconds_are_rolled_up() -> None:
    store(make_sample(second=int(time.time()) - 3 * 86_400))
    tasks.apply_retention()
    assert MinuteSample.objects.count() == 1
