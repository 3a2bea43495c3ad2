from consoleapp.metrics.sketch import Sketch
from recommender.loadtest.report import SAMPLES_KEPT, ErrorSample, SecondReport


def make(**changes) -> SecondReport:
    sketch = Sketch()
    sketch.add(1500.0, times=7)
    fields = {
        "second": 100,
        "elapsed_s": 3.0,
        "users": 4,
        "invocations": 10,
        "errors": {"http_5xx": 2, "timeout": 1},
        "client_latency_us": sketch,
        "latency_total_us": 10_500.0,
        "latency_min_us": 1400.0,
        "latency_max_us": 1600.0,
        "cpu_share": 0.25,
        "error_samples": (ErrorSample("http_5xx", "a.csv", 500, "oh", {"x": "y"}),),
    }
    return SecondReport(**(fields | changes))


def test_it_survives_the_way_through_a_line() -> None:
    report = make()
    back = SecondReport.from_line(report.to_line())
    assert back.client_latency_us.buckets == report.client_latency_us.buckets
    assert back.to_line() == report.to_line()
    assert back.error_samples == report.error_samples


def test_a_report_is_one_line() -> None:
    sample = ErrorSample("http_4xx", "a", 400, "two\nlines")
    assert make(error_samples=(sample,)).to_line().count(b"\n") == 1


def test_failed_and_succeeded_add_up_to_the_invocations() -> None:
    assert (make().failed, make().succeeded, make().invocations) == (3, 7, 10)


def test_merging_adds_counts_and_keeps_the_busiest_generator() -> None:
    whole = SecondReport.merged([make(), make(users=5, cpu_share=0.75, latency_max_us=9000.0)])
    assert (whole.users, whole.invocations, whole.failed) == (9, 20, 6)
    assert whole.errors == {"http_5xx": 4, "timeout": 2}
    assert whole.client_latency_us.count == 14
    assert (whole.latency_min_us, whole.latency_max_us) == (1400.0, 9000.0)
    assert whole.cpu_share == 0.75


def test_merging_ignores_the_least_latency_of_a_generator_without_answers() -> None:
    idle = make(invocations=0, errors={}, client_latency_us=Sketch(), latency_min_us=0.0)
    assert SecondReport.merged([idle, make()]).latency_min_us == 1400.0


def test_a_second_is_full_only_when_every_share_was() -> None:
    assert not SecondReport.merged([make(), make(full=False)]).full


def test_merging_keeps_a_few_samples_only() -> None:
    assert len(SecondReport.merged([make()] * 9).error_samples) == SAMPLES_KEPT
