from dataclasses import replace

from recommender.loadtest.validity import Limits, Watched, judge

CLEAN = [Watched(t, invocations=100, errors=0, generator_cpu=0.3) for t in range(60)]


def changed(start: int, end: int, **changes) -> list[Watched]:
    return [replace(w, **changes) if start <= w.second < end else w for w in CLEAN]


def test_a_clean_test_is_valid() -> None:
    assert judge(CLEAN, read_at=40) == []


def test_a_busy_generator_in_the_window_that_was_read_makes_it_invalid() -> None:
    busy = changed(31, 41, generator_cpu=0.9)
    assert judge(busy, read_at=40) == [
        "the load generator used 90% of its own core: it may have been the limit (limit 80%)"
    ]
    assert judge(busy, read_at=20) == []


def test_a_generator_busy_on_average_makes_it_invalid_wherever_it_was_read() -> None:
    assert len(judge(changed(0, 60, generator_cpu=0.81), read_at=None)) == 1


def test_other_processes_on_the_cores_of_the_test_make_it_invalid() -> None:
    (reason,) = judge(changed(31, 41, foreign_cpu=0.25), read_at=40)
    assert reason == "other processes used 25% of the test's cores (limit 10%)"


def test_steal_makes_it_invalid() -> None:
    (reason,) = judge(changed(31, 41, steal=0.11), read_at=40)
    assert reason.startswith("the hypervisor took 11%")


def test_a_platform_that_had_no_more_to_give_makes_it_invalid() -> None:
    """Generator and gateway on one core: each at half of it, and nothing left."""
    full = changed(31, 41, generator_cpu=0.5, platform_cpu=0.99, granted_cpu=0.6)
    assert judge(full, read_at=40) == [
        "the busiest of the platform's cores, which gateway and load generator run on, was 99% busy"
        " (limit 95%) while only 60% of the endpoint's CPU was used: the platform may have been the"
        " limit"
    ]
    assert judge(full, read_at=20) == judge(full) == []


def test_an_endpoint_that_had_no_more_to_give_was_the_limit_itself() -> None:
    assert judge(changed(31, 41, platform_cpu=1.0, granted_cpu=0.95), read_at=40) == []


def test_a_moment_of_foreign_work_elsewhere_does_not() -> None:
    assert judge(changed(5, 8, foreign_cpu=0.9), read_at=40) == []


def test_errors_above_the_stated_share_make_it_invalid() -> None:
    assert judge(changed(0, 60, errors=5), read_at=40) == []
    (reason,) = judge(changed(0, 60, errors=6), read_at=40)
    assert reason == "360 of 6000 invocations failed, 6.0% (limit 5%)"


def test_a_gap_of_more_than_three_seconds_makes_it_invalid() -> None:
    assert judge([w for w in CLEAN if not 20 <= w.second < 23]) == []
    (reason,) = judge([w for w in CLEAN if not 20 <= w.second < 24])
    assert reason == "metrics are missing for 4 s (limit 3 s)"


def test_a_gap_at_the_very_start_is_one_too() -> None:
    late = [w for w in CLEAN if w.second >= 4]
    assert judge(late) == judge(late, began=1) == []
    assert judge(late, began=0) == ["metrics are missing for 4 s (limit 3 s)"]


def test_every_reason_is_named() -> None:
    bad = changed(0, 60, generator_cpu=1.0, foreign_cpu=0.5, steal=0.2, errors=50)
    assert len(judge(bad, read_at=30)) == 4


def test_limits_can_be_set() -> None:
    assert judge(CLEAN, limits=Limits(generator_cpu=0.2)) != []


def test_a_test_nobody_watched_is_not_valid() -> None:
    assert judge([]) == ["no second of the test was observed"]
