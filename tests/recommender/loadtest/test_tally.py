from hypothesis import given
from hypothesis import strategies as st

from consoleapp.metrics.sketch import Sketch
from recommender.loadtest.report import SAMPLES_KEPT, ErrorKind, ErrorSample, SecondReport
from recommender.loadtest.tally import Tally


def close(tally: Tally) -> SecondReport:
    return tally.close(second=5, elapsed_s=1.0, users=2, full=True)


@given(st.lists(st.floats(2e-6, 500.0), max_size=600))
def test_it_counts_as_a_sketch_of_single_values_would(latencies: list[float]) -> None:
    tally, single = Tally(), Sketch()
    for latency in latencies:
        tally.latencies.append(latency)
        tally.fold_some()
        single.add(latency * 1e6)
    report = close(tally)
    assert report.client_latency_us.count == report.invocations == len(latencies)
    for percent in (1, 50, 99, 100):
        ours, theirs = (s.percentile(percent) for s in (report.client_latency_us, single))
        # The two logarithms may differ in the last bit, which is one bucket at its very edge.
        assert (ours is None) == (theirs is None)
        assert ours is None or theirs is None or abs(ours / theirs - 1) < 0.021


def test_total_least_and_most_are_exact() -> None:
    tally = Tally()
    tally.latencies += [0.001, 0.003, 0.002]
    report = close(tally)
    assert report.latency_total_us == 6000.0
    assert (report.latency_min_us, report.latency_max_us) == (1000.0, 3000.0)


def test_every_second_starts_from_zero() -> None:
    tally = Tally()
    append = tally.latencies.append
    append(0.001)
    tally.fail(ErrorKind.TIMEOUT)
    assert (close(tally).invocations, close(tally).invocations) == (2, 0)
    append(0.001)
    assert close(tally).invocations == 1


def test_failures_are_counted_by_kind_among_the_invocations() -> None:
    tally = Tally()
    for kind in (ErrorKind.TIMEOUT, ErrorKind.HTTP_5XX, ErrorKind.TIMEOUT):
        tally.fail(kind)
    tally.latencies.append(0.001)
    report = close(tally)
    assert (report.invocations, report.errors) == (4, {"timeout": 2, "http_5xx": 1})


def test_a_few_samples_are_wanted_and_one_of_every_kind() -> None:
    tally = Tally()
    kinds = [ErrorKind.HTTP_4XX] * 10 + [ErrorKind.TIMEOUT]
    wanted = []
    for kind in kinds:
        if tally.fail(kind):
            wanted.append(kind)
            tally.keep(ErrorSample(kind, "a", 0, ""))
    assert wanted == [ErrorKind.HTTP_4XX] * SAMPLES_KEPT + [ErrorKind.TIMEOUT]


def test_the_cpu_share_is_that_of_this_process() -> None:
    tally = Tally()
    sum(range(2_000_000))
    assert 0 < close(tally).cpu_share <= 1.05
