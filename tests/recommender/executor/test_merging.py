"""Seconds of several generators become one, in order, and a silent one is noticed."""

from consoleapp.metrics.sketch import Sketch
from recommender.executor.merging import BEHIND_S, Merger
from recommender.loadtest.report import SecondReport


def report(second: int, users: int = 1, invocations: int = 10, **changed: float) -> SecondReport:
    latency = Sketch()
    latency.add(1000.0, invocations)
    members = {"latency_min_us": 900.0, "latency_max_us": 1100.0, "cpu_share": 0.1} | changed
    return SecondReport(
        second=second,
        elapsed_s=float(second),
        users=users,
        invocations=invocations,
        errors={},
        client_latency_us=latency,
        latency_total_us=1000.0 * invocations,
        **members,
    )


def test_one_generator_needs_no_waiting() -> None:
    assert [r.second for r in Merger(1).add([report(1), report(2)])] == [1, 2]


def test_a_second_is_whole_once_every_share_has_reported_it() -> None:
    merger = Merger(2)
    assert merger.add([report(1, users=3)]) == []
    whole = merger.add([report(1, users=4, cpu_share=0.7)])
    assert [(r.second, r.users, r.invocations, r.cpu_share) for r in whole] == [(1, 7, 20, 0.7)]
    assert whole[0].client_latency_us.count == 20


def test_a_share_that_falls_silent_is_behind() -> None:
    merger = Merger(2)
    merger.add([report(second) for second in range(BEHIND_S)])
    assert not merger.behind
    merger.add([report(BEHIND_S)])
    assert merger.behind


def test_the_ends_that_only_some_reported_are_given_out_last() -> None:
    merger = Merger(2)
    merger.add([report(1), report(1), report(2)])
    assert [r.second for r in merger.rest()] == [2]
    assert merger.rest() == []
