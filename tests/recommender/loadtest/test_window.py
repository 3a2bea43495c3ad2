from recommender.loadtest import window
from tests.recommender.loadtest.series import second


def test_the_rate_is_sixty_times_the_mean_of_the_successful() -> None:
    part = [second(0, invocations=10), second(1, invocations=20, errors=4)]
    assert window.rate_per_minute(part) == 60 * (10 + 16) / 2


def test_an_empty_window_has_no_rate_and_no_latency() -> None:
    assert window.rate_per_minute([]) == 0
    assert window.latency_us([], 99) is None


def test_the_trailing_window_is_ten_seconds_and_shorter_at_the_start() -> None:
    seen = [second(at) for at in range(30)]
    assert list(window.trailing(seen, 20)) == seen[11:21]
    assert list(window.trailing(seen, 3)) == seen[:4]


def test_the_latency_is_a_percentile_over_every_invocation_of_the_window() -> None:
    part = [
        second(0, invocations=98, latency_us=1000.0),
        second(1, invocations=2, latency_us=50_000.0),
    ]
    median = window.latency_us(part, 50)
    tail = window.latency_us(part, 99)
    assert median is not None
    assert tail is not None
    assert abs(median / 1000 - 1) < 0.01
    assert abs(tail / 50_000 - 1) < 0.01
