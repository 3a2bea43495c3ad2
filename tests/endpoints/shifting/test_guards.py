"""What rolls back, what is too little to judge by, and what is said about it."""

import json
from typing import Any

import pytest

from consoleapp.accounts.errors import ValidationFailed
from endpoints.shifting.guards import Ending, Guards, NoData, Seen, Verdict, ending, judge

RATE = Guards(max_error_rate=0.05, minimum_samples=20)


def seen(invocations: int, errors: int = 0, latency_us: float | None = None, **more: Any) -> Seen:
    return Seen(
        variant=more.get("variant", "v2"),
        window=more.get("window", "since the step began"),
        invocations=invocations,
        errors=errors,
        latency_us=latency_us,
    )


def test_more_errors_than_the_limit_are_a_breach_with_the_counts() -> None:
    verdict = judge(RATE, [seen(100, 6)], [])
    assert verdict.breach == (
        "v2 answered 6 of 100 invocations with 5XX since the step began: 6%, more than 5%."
    )


def test_as_many_as_the_limit_are_none() -> None:
    assert judge(RATE, [seen(100, 5)], []).breach == ""


def test_fewer_than_the_least_number_say_nothing_however_bad() -> None:
    assert judge(RATE, [seen(19, 19)], []) == Verdict("", 19, enough=False)
    assert judge(RATE, [seen(20, 20)], []).breach


def test_a_rate_of_zero_allows_not_one() -> None:
    assert judge(Guards(max_error_rate=0.0), [seen(1000, 1)], []).breach


def test_a_late_burst_is_seen_though_the_whole_looks_well() -> None:
    late = seen(50, 25, window="in the last minute")
    verdict = judge(RATE, [seen(100_000, 25), late], [])
    assert "in the last minute" in verdict.breach
    assert verdict.samples == 100_000


def test_each_variant_needs_its_samples() -> None:
    assert not judge(RATE, [seen(500), seen(3, variant="v3")], []).enough


def test_latency_is_told_in_milliseconds() -> None:
    guards = Guards(max_latency_us=50_000, latency_percentile="p95")
    breach = judge(guards, [seen(100, latency_us=61_200)], []).breach
    assert "ModelLatency p95 of v2 since the step began was 61.2 ms, more than 50 ms" in breach
    assert judge(guards, [seen(100, latency_us=None)], []).breach == ""


def test_an_alarm_needs_no_samples() -> None:
    verdict = judge(Guards(alarms=("high",)), [], ["high"])
    assert verdict.breach == "Alarm high is in state ALARM."
    assert judge(Guards(alarms=("high",)), [], []).enough


@pytest.mark.parametrize(
    ("policy", "wanted"),
    [
        (NoData.CONTINUE, Ending.PASS),
        (NoData.WAIT, Ending.WAIT),
        (NoData.ROLL_BACK, Ending.ROLL_BACK),
    ],
)
def test_what_no_data_means_is_a_choice(policy: NoData, wanted: Ending) -> None:
    guards = Guards(max_error_rate=0.1, no_data=policy)
    assert ending(guards, Verdict("", 0, enough=False)) is wanted
    assert ending(guards, Verdict("", 99, enough=True)) is Ending.PASS
    assert ending(guards, Verdict("bad", 99, enough=True)) is Ending.ROLL_BACK


def test_without_guards_on_metrics_there_is_always_enough() -> None:
    assert judge(Guards(), [], []).enough


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"max_error_rate": 1.0}, "max_error_rate"),
        ({"max_error_rate": float("nan")}, "max_error_rate"),
        ({"max_latency_us": 0}, "max_latency_us"),
        ({"latency_percentile": "mean"}, "latency_percentile"),
        ({"minimum_samples": 0}, "minimum_samples"),
        ({"alarms": tuple("abcdefghijk")}, "alarms"),
    ],
)
def test_impossible_guards_are_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        Guards(**changes).check()
    assert refused.value.field == field


def test_guards_survive_their_way_through_json() -> None:
    guards = Guards(max_error_rate=0.01, alarms=("a", "b"), no_data=NoData.WAIT)
    assert Guards.restored(json.loads(json.dumps(guards.stored()))) == guards
