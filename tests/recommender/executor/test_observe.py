"""Joining what users did with what the gateway measured, lag and gaps included."""

import pytest

from consoleapp.accounts.models import Team
from consoleapp.metrics.line import Sample
from consoleapp.metrics.sketch import Sketch
from recommender.executor.observe import GAP_S, LAG_S, NAMESPACE, Observer
from recommender.models import Job
from tests.consoleapp.metrics.samples import store
from tests.recommender.executor.test_merging import report

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])
START = 1_700_000_000
DIMENSIONS = {"EndpointName": "e", "VariantName": "AllTraffic"}


@pytest.fixture
def observer(team: Team) -> Observer:
    return Observer(Job(team=team, region="us-east-1", name="j"), "e", "AllTraffic")


def gateway(*seconds: int, invocations: int = 10) -> None:
    latency = Sketch()
    latency.add(2000.0, invocations)
    for second in seconds:
        for name, sketch in (("Invocations", None), ("ModelLatency", latency)):
            store(sample(name, second, invocations, sketch))


def sample(name: str, second: int, count: int, sketch: Sketch | None = None) -> Sample:
    total = 2000.0 * count if sketch else float(count)
    return Sample(
        account="123456789012",
        region="us-east-1",
        namespace=NAMESPACE,
        name=name,
        dimensions=DIMENSIONS,
        second=second,
        count=count,
        total=total,
        minimum=1.0,
        maximum=2000.0,
        sketch=sketch,
    )


def test_a_second_is_seen_once_the_store_had_time_for_it(observer: Observer) -> None:
    gateway(START)
    observer.heard([report(START, users=2)])
    assert observer.seen(now=START + 1 + LAG_S - 0.1) == []
    seen = observer.seen(now=START + 1 + LAG_S)
    assert [(s.second, s.users, s.invocations, s.errors) for s in seen] == [(START, 2, 10, 0)]
    assert seen[0].model_latency_us.percentile(99) == pytest.approx(2000, rel=0.02)


def test_a_second_whose_samples_are_late_holds_back_those_after_it(observer: Observer) -> None:
    gateway(START, START + 2)
    observer.heard([report(START + n) for n in range(3)])
    now = START + 3 + LAG_S
    assert [s.second for s in observer.seen(now)] == [START]
    gateway(START + 1)
    assert [s.second for s in observer.seen(now)] == [START, START + 1, START + 2]


def test_a_silent_second_of_silent_users_is_no_gap(observer: Observer) -> None:
    observer.heard([report(START + n, invocations=0) for n in range(10)])
    assert len(observer.seen(START + 30)) == 10
    assert not observer.gap(START + 30)


def test_more_than_three_seconds_without_metrics_are_a_gap(observer: Observer) -> None:
    gateway(START)
    now = START + 30
    observer.heard([report(START + n) for n in range(GAP_S + 2)])
    observer.seen(now)
    assert not observer.gap(now)
    observer.heard([report(START + GAP_S + 2)])
    assert observer.gap(now)


def test_seconds_the_store_had_no_time_for_are_no_gap_yet(observer: Observer) -> None:
    observer.heard([report(START + n) for n in range(10)])
    assert not observer.gap(START + 2)


def test_partial_seconds_are_not_judged(observer: Observer) -> None:
    partial = report(START)
    object.__setattr__(partial, "full", False)
    observer.heard([partial])
    assert observer.seen(START + 60) == observer.everything() == []


def test_errors_are_never_more_than_what_arrived(observer: Observer) -> None:
    gateway(START, invocations=3)
    failed = report(START)
    object.__setattr__(failed, "errors", {"http_5xx": 8})
    observer.heard([failed])
    assert [(s.invocations, s.errors) for s in observer.everything()] == [(3, 3)]


def test_late_samples_are_read_for_the_result(observer: Observer) -> None:
    observer.heard([report(START + n) for n in range(60)])
    observer.seen(START + 120)
    gateway(START)
    assert observer.everything()[0].invocations == 10
    assert observer.present() == {START}


def test_an_instance_metric_is_averaged_over_a_range(observer: Observer) -> None:
    for offset, value in enumerate((20, 40)):
        one = sample("CPUUtilization", START + offset, 1)
        store(
            Sample(
                account=one.account,
                region=one.region,
                namespace="/aws/sagemaker/Endpoints",
                name=one.name,
                dimensions=DIMENSIONS,
                second=one.second,
                count=1,
                total=value,
                minimum=value,
                maximum=value,
            )
        )
    assert observer.average("CPUUtilization", START, START + 2) == 30
    assert observer.average("MemoryUtilization", START, START + 2) is None
