import pytest

from recommender.loadtest.stop import StopReason, StopRules, decide
from tests.recommender.loadtest.series import START, closed_loop, second


def ramp(at: int) -> int:
    return 1 + at


CLIMBING = closed_loop(ramp, seconds=60)
FLAT = closed_loop(ramp, seconds=60, capacity=1000.0)
NOW = START + 60.0


def reason(seen, rules: StopRules, now: float = NOW) -> StopReason | None:
    stop = decide(seen, rules, now)
    return stop.reason if stop else None


def test_a_climbing_test_goes_on() -> None:
    assert decide(CLIMBING, StopRules(), NOW) is None


def test_nothing_is_decided_before_the_first_second() -> None:
    assert decide([], StopRules(duration_s=1), NOW) is None


def test_a_plateau_stops_it() -> None:
    stop = decide(FLAT, StopRules(), NOW)
    assert stop is not None
    assert stop.reason is StopReason.PLATEAU
    assert "levelled off at" in stop.detail
    assert "60 since" in stop.detail


def test_a_plateau_does_not_stop_it_where_flat_invocations_may_continue() -> None:
    assert decide(FLAT, StopRules(flat="Continue"), NOW) is None


def test_the_target_stops_it_in_the_first_window_that_reaches_it() -> None:
    rules = StopRules(max_invocations_per_minute=60_000)
    ends = [end for end in range(1, 61) if reason(CLIMBING[:end], rules)]
    rates = [60 * sum(s.succeeded for s in CLIMBING[end - 10 : end]) / 10 for end in (ends[0],)]
    assert reason(CLIMBING[: ends[0]], rules) is StopReason.TARGET_REACHED
    assert 60_000 <= rates[0] < 65_000


def test_at_a_part_of_the_size_the_target_is_that_part_of_it_and_says_so() -> None:
    rules = StopRules.from_aws({"MaxInvocations": 2400}, scale=0.25)
    seen = [second(at, users=1, invocations=10) for at in range(10)]
    stop = decide(seen, rules, NOW)
    assert stop is not None
    assert stop.reason is StopReason.TARGET_REACHED
    assert stop.detail == (
        "600 invocations per minute reached 600, the target of 2400 at the scale of 0.25"
    )
    assert decide(seen, StopRules.from_aws({"MaxInvocations": 2400}), NOW) is None


def test_the_target_is_not_judged_on_less_than_a_window() -> None:
    rules = StopRules(max_invocations_per_minute=10)
    assert reason(CLIMBING[:9], rules) is None
    assert reason(CLIMBING[:10], rules) is StopReason.TARGET_REACHED


def slow_from(at: int, *, until: int = 10**6, length: int = 40):
    return [
        second(t, users=1 + t, invocations=100 + t, latency_us=90e3 if at <= t < until else 9e3)
        for t in range(length)
    ]


def test_a_lasting_latency_above_the_threshold_stops_it() -> None:
    rules = StopRules(latency_threshold_us=50e3, percentile=95)
    seen = slow_from(20)
    first = next(end for end in range(1, 41) if reason(seen[:end], rules))
    assert 21 < first <= 30
    stop = decide(seen[:first], rules, NOW)
    assert stop is not None
    assert stop.reason is StopReason.LATENCY_THRESHOLD
    assert "P95" in stop.detail
    assert "threshold of 50 ms" in stop.detail


def test_one_slow_second_does_not() -> None:
    rules = StopRules(latency_threshold_us=50e3, percentile=99)
    seen = slow_from(20, until=21)
    assert not any(reason(seen[:end], rules) for end in range(1, 41))


def test_latency_is_not_judged_on_less_than_a_window() -> None:
    rules = StopRules(latency_threshold_us=1.0)
    assert reason(CLIMBING[:9], rules) is None


def test_latency_comes_before_the_target_and_the_plateau() -> None:
    rules = StopRules(latency_threshold_us=1.0, max_invocations_per_minute=1, percentile=50)
    assert reason(FLAT, rules) is StopReason.LATENCY_THRESHOLD


def test_a_window_of_errors_stops_it() -> None:
    seen = [second(t, users=1, invocations=20, errors=11) for t in range(12)]
    assert reason(seen[:9], StopRules()) is None
    stop = decide(seen, StopRules(), NOW)
    assert stop is not None
    assert (stop.reason, stop.detail) == (
        StopReason.ERRORS,
        "110 of 200 invocations failed in the last 10 s",
    )


def test_some_errors_do_not() -> None:
    seen = [second(t, users=1, invocations=20, errors=10) for t in range(12)]
    assert decide(seen, StopRules(), NOW) is None


def test_the_maximum_duration_stops_it() -> None:
    rules = StopRules(duration_s=60, traffic_s=600)
    assert reason(CLIMBING, rules, START + 59.9) is None
    assert reason(CLIMBING, rules, START + 60) is StopReason.DURATION


def test_the_end_of_the_traffic_stops_it() -> None:
    rules = StopRules(duration_s=600, traffic_s=60)
    assert reason(CLIMBING, rules, START + 60) is StopReason.TRAFFIC_ENDED


def test_rules_are_read_from_aws_stopping_conditions() -> None:
    rules = StopRules.from_aws(
        {
            "MaxInvocations": 1000,
            "ModelLatencyThresholds": [{"Percentile": "P95", "ValueInMilliseconds": 100}],
            "FlatInvocations": "Continue",
        },
        duration_s=7200,
    )
    assert rules == StopRules(1000.0, 100_000.0, 95.0, "Continue", 7200)


@pytest.mark.parametrize("nothing", [None, {}])
def test_without_conditions_only_the_plateau_stops(nothing) -> None:
    assert StopRules.from_aws(nothing) == StopRules(None, None, 99.0, "Stop")


def test_an_unknown_percentile_is_refused() -> None:
    with pytest.raises(ValueError, match="MOST"):
        StopRules.from_aws(
            {"ModelLatencyThresholds": [{"Percentile": "MOST", "ValueInMilliseconds": 1}]}
        )
