import pytest

from recommender.loadtest import reading, window
from recommender.loadtest.reading import ReadingKind, read
from recommender.loadtest.stop import Stop, StopReason, StopRules
from tests.recommender.loadtest.series import START, closed_loop, second


def ramp(at: int) -> int:
    return 1 + at


CLIMBING = closed_loop(ramp, seconds=60)
FLAT = closed_loop(ramp, seconds=90, capacity=1000.0)


def stop(reason: StopReason) -> Stop:
    return Stop(reason, "")


def last_rate(seen) -> float:
    return window.rate_per_minute(seen[-10:])


@pytest.mark.parametrize(
    "reason", [StopReason.PLATEAU, StopReason.DURATION, StopReason.TRAFFIC_ENDED]
)
def test_a_plateau_is_read_where_it_begins_however_the_test_ended(reason: StopReason) -> None:
    result = read(FLAT, StopRules(), stop(reason))
    assert result.kind is ReadingKind.PLATEAU
    assert result.invocations_per_minute == pytest.approx(60_000, rel=0.03)
    assert result.second is not None
    assert result.second - START < 30
    assert result.users == result.second - START + 1
    assert result.note == ""


def test_latency_is_read_at_the_plateau_and_not_at_the_end() -> None:
    result = read(FLAT, StopRules(percentile=99), stop(StopReason.DURATION))
    at_the_end = window.latency_us(FLAT[-10:], 99)
    assert result.model_latency_us is not None
    assert at_the_end is not None
    assert result.model_latency_us < at_the_end / 3


def test_flat_from_the_first_user_is_noted() -> None:
    seen = closed_loop(ramp, seconds=90, capacity=50.0)
    result = read(seen, StopRules(), stop(StopReason.PLATEAU))
    assert result.note == "saturated from the first user"


def test_a_crossed_threshold_reads_the_last_window_inside_it() -> None:
    seen = [
        second(t, users=1 + t, invocations=100 * (1 + t), latency_us=9e3 if t < 30 else 90e3)
        for t in range(40)
    ]
    rules = StopRules(latency_threshold_us=50e3, percentile=99)
    result = read(seen, rules, stop(StopReason.LATENCY_THRESHOLD))
    assert result.kind is ReadingKind.INSIDE_THRESHOLD
    assert result.second == START + 29
    assert result.model_latency_us == pytest.approx(9e3, rel=0.01)
    assert result.invocations_per_minute == window.rate_per_minute(seen[20:30])


def test_an_endpoint_never_inside_the_threshold_gives_nothing() -> None:
    rules = StopRules(latency_threshold_us=1.0)
    result = read(CLIMBING, rules, stop(StopReason.LATENCY_THRESHOLD))
    assert (result.kind, result.usable) == (ReadingKind.NOTHING, False)
    assert result.note == "over the latency threshold from the first user"


def test_a_plateau_above_the_threshold_is_not_read() -> None:
    # Latency at the knee is 5 ms, and grows with each user after it.
    rules = StopRules(latency_threshold_us=5.5e3, percentile=99)
    result = read(FLAT, rules, stop(StopReason.PLATEAU))
    assert result.kind is ReadingKind.INSIDE_THRESHOLD
    assert result.model_latency_us is not None
    assert result.model_latency_us <= 5.5e3


def test_a_reached_target_reads_the_last_window_with_its_note() -> None:
    result = read(CLIMBING, StopRules(), stop(StopReason.TARGET_REACHED))
    assert result.kind is ReadingKind.TARGET
    assert result.note == "target reached, capacity not found"
    assert result.invocations_per_minute == last_rate(CLIMBING)
    assert result.second == CLIMBING[-1].second


@pytest.mark.parametrize("reason", [StopReason.DURATION, StopReason.TRAFFIC_ENDED])
def test_time_up_while_climbing_is_a_lower_bound(reason: StopReason) -> None:
    result = read(CLIMBING, StopRules(), stop(reason))
    assert (result.kind, result.note) == (ReadingKind.LOWER_BOUND, "a lower bound")
    assert result.invocations_per_minute == last_rate(CLIMBING)


def test_a_test_shorter_than_a_window_says_so() -> None:
    result = read(CLIMBING[:6], StopRules(), stop(StopReason.TRAFFIC_ENDED))
    assert result.note == "a lower bound, shorter than one window of 10 s"


@pytest.mark.parametrize("reason", [StopReason.USER_STOP, StopReason.ERRORS])
def test_a_test_that_was_broken_off_gives_nothing(reason: StopReason) -> None:
    result = read(FLAT, StopRules(), stop(reason))
    assert result.kind is ReadingKind.NOTHING
    assert result.invocations_per_minute is None


@pytest.mark.parametrize("seen", [[], [second(t, users=1) for t in range(20)]])
def test_a_test_without_answers_gives_nothing(seen) -> None:
    result = read(seen, StopRules(), stop(StopReason.TRAFFIC_ENDED))
    assert (result.usable, result.note) == (False, reading.NO_ANSWER_NOTE)


def test_a_reading_is_plain_data_for_a_row() -> None:
    fields = read(CLIMBING, StopRules(), stop(StopReason.DURATION)).as_dict()
    assert fields["kind"] == "lower_bound"
    assert set(fields) == {
        *("kind", "second", "invocations_per_minute", "model_latency_us", "users", "note")
    }


def test_a_window_whose_latency_is_missing_is_not_read_as_one_of_none() -> None:
    silent = [second(at, users=1, invocations=100) for at in range(12)]
    found = read(silent, StopRules(), stop(StopReason.TRAFFIC_ENDED))
    assert (found.usable, found.note) == (False, reading.NO_LATENCY_NOTE)
