"""Alarms follow the samples."""

import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.metrics import alarms, queries
from consoleapp.metrics.evaluation import SETTLED_AFTER_S, evaluate_all
from consoleapp.metrics.models import Alarm, Series
from consoleapp.metrics.retention import roll_up
from tests.consoleapp.metrics.alarm_specs import make_alarm
from tests.consoleapp.metrics.samples import make_sample, store

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])

# Not a round time: periods end where the look ends.
NOW = 1_763_640_007
END = NOW - SETTLED_AFTER_S


def fill(first: int, last: int, latency_us: float) -> None:
    """Samples for the seconds from `first` to before `last`, counted back from the look."""
    store(*(make_sample([latency_us] * 10, second=END - back) for back in range(first, last, -1)))


def test_it_follows_the_latency_up_and_down(actor: Actor) -> None:
    alarm = make_alarm(actor)
    fill(40, 0, 1_000)
    assert evaluate_all(NOW) == 1
    store(*(make_sample([90_000.0], second=END + n) for n in range(20)))
    # After ten seconds one of two periods breaches, after twenty both do.
    assert evaluate_all(NOW + 10) == 0
    assert evaluate_all(NOW + 20) == 1
    alarm.refresh_from_db()
    assert alarm.state == "ALARM"
    assert "2 out of the last 2 datapoints [90000, 90000] were greater" in alarm.state_reason
    store(*(make_sample([1_000.0] * 1_000, second=END + 20 + n) for n in range(20)))
    evaluate_all(NOW + 40)
    assert [
        item.detail["new"] for item in alarms.history(actor, "slow") if item.kind == "StateUpdate"
    ] == [
        "OK",
        "ALARM",
        "OK",
    ]


def test_running_it_twice_changes_nothing(actor: Actor) -> None:
    make_alarm(actor)
    fill(40, 0, 90_000)
    assert evaluate_all(NOW) == 1
    assert evaluate_all(NOW) == 0
    assert alarms.history(actor, "slow").filter(kind="StateUpdate").count() == 1


def test_without_data_it_says_so(actor: Actor) -> None:
    alarm = make_alarm(actor)
    fill(40, 0, 1_000)
    evaluate_all(NOW)
    evaluate_all(NOW + 100)
    alarm.refresh_from_db()
    assert (alarm.state, alarm.state_reason) == ("INSUFFICIENT_DATA", "2 datapoints were unknown.")


def test_an_average_and_a_sum_are_judged_too(actor: Actor) -> None:
    make_alarm(actor, "average", statistic="Average", threshold=999)
    make_alarm(actor, "sum", statistic="Sum", threshold=99_999)
    make_alarm(actor, "high", statistic="Sum", threshold=100_001)
    fill(60, 0, 1_000)
    evaluate_all(NOW)
    states = {alarm.name: alarm.state for alarm in Alarm.objects.all()}
    assert states == {"average": "ALARM", "sum": "ALARM", "high": "OK"}


def test_a_series_of_another_variant_or_team_is_not_looked_at(actor: Actor, charlie: Actor) -> None:
    make_alarm(actor, dimensions={"EndpointName": "churn", "VariantName": "B"})
    make_alarm(charlie)
    fill(60, 0, 90_000)
    assert evaluate_all(NOW) == 0


def test_an_alarm_in_another_unit_than_the_metric_sees_no_data(actor: Actor) -> None:
    make_alarm(actor, "same", unit="Microseconds")
    make_alarm(actor, "other", unit="Milliseconds")
    fill(60, 0, 90_000)
    evaluate_all(NOW)
    states = {alarm.name: alarm.state for alarm in Alarm.objects.all()}
    assert states == {"same": "ALARM", "other": "INSUFFICIENT_DATA"}


def test_a_state_set_by_hand_is_corrected_by_the_next_look(actor: Actor) -> None:
    make_alarm(actor)
    fill(60, 0, 1_000)
    alarms.set_alarm_state(actor, name="slow", state="ALARM", reason="a fire drill")
    assert evaluate_all(NOW) == 1
    assert alarms.alarm(actor, "slow").state == "OK"


def test_an_alarm_that_cannot_be_judged_stops_no_other(actor: Actor, caplog) -> None:
    make_alarm(actor, "broken")
    make_alarm(actor, "slow")
    Alarm.objects.filter(name="broken").update(comparison_operator="Sideways")
    fill(60, 0, 90_000)
    assert evaluate_all(NOW) == 1
    assert "broken" in caplog.text


def test_a_slow_writer_does_not_undo_a_faster_one(actor: Actor) -> None:
    stale = make_alarm(actor)
    alarms.set_alarm_state(actor, name="slow", state="ALARM", reason="first")
    from consoleapp.metrics.transitions import move

    assert not move(stale, "OK", "late", {})
    assert alarms.alarm(actor, "slow").state == "ALARM"
    assert alarms.history(actor, "slow").filter(kind="StateUpdate").count() == 1


def test_an_alarm_over_a_day_is_not_looked_at_every_time(actor: Actor) -> None:
    make_alarm(actor, period_s=3_600, evaluation_periods=24, datapoints_to_alarm=1)
    evaluate_all(NOW)
    evaluate_all(NOW + 10)
    assert Alarm.objects.get().evaluated_second == NOW
    evaluate_all(NOW + 240)
    assert Alarm.objects.get().evaluated_second == NOW + 240


def test_windows_cross_the_roll_up(actor: Actor) -> None:
    store(*(make_sample([float(n)], second=END - 600 + n) for n in range(600)))
    series = (
        "123456789012",
        "us-east-1",
        "AWS/SageMaker",
        "ModelLatency",
        make_sample().dimensions,
    )
    ask = {"end": END, "period_s": 300, "count": 3, "statistic": "SampleCount"}
    assert queries.windows(series, **ask) == [None, 300, 300]
    roll_up(Series.objects.get().pk, END - 300)
    counts = queries.windows(series, **ask)
    assert sum(count or 0 for count in counts) == 600


def test_a_percentile_of_few_samples_can_be_left_alone(actor: Actor) -> None:
    """p99 needs 1000 samples over the evaluation periods, as AWS documents it."""
    careful = make_alarm(actor, "careful", low_samples="ignore")
    eager = make_alarm(actor, "eager", low_samples="evaluate")
    # Twenty seconds of ten samples each.
    fill(20, 0, 90_000)
    evaluate_all(NOW)
    careful.refresh_from_db()
    eager.refresh_from_db()
    assert (careful.state, eager.state) == ("INSUFFICIENT_DATA", "ALARM")
    store(*(make_sample([90_000.0] * 50, second=END - back) for back in range(20, 0, -1)))
    evaluate_all(NOW + 1)
    careful.refresh_from_db()
    assert careful.state == "ALARM"
