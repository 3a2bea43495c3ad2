"""The load test's own series, as CloudWatch names them."""

import pytest

from recommender.executor.samples import NAMESPACE, Series
from recommender.loadtest.report import SecondReport
from tests.recommender.executor.test_merging import report

SERIES = Series(
    account="123456789012", region="us-east-1", job_name="job-1", endpoint_name="sm-epc-1"
)


def samples(of: SecondReport) -> dict[str, object]:
    found = list(SERIES.samples(of))
    assert {s.namespace for s in found} == {NAMESPACE}
    assert all(s.dimensions == {"JobName": "job-1", "EndpointName": "sm-epc-1"} for s in found)
    return {s.name: s for s in found}


def test_a_second_of_traffic_gives_all_four() -> None:
    found = samples(report(7, users=3, invocations=10))
    assert set(found) == {
        "NumberOfUsers",
        "ClientInvocations",
        "ClientInvocationErrors",
        "ClientLatency",
    }


def test_latency_is_in_milliseconds_with_its_percentiles() -> None:
    latency = next(s for s in SERIES.samples(report(7)) if s.name == "ClientLatency")
    assert (latency.unit, latency.count, latency.total) == ("Milliseconds", 10, 10.0)
    assert latency.sketch is not None
    assert latency.sketch.percentile(50) == pytest.approx(1.0, rel=0.02)


def test_users_are_a_level_and_invocations_a_sum() -> None:
    found = {s.name: s for s in SERIES.samples(report(7, users=3, invocations=10))}
    assert (found["NumberOfUsers"].count, found["NumberOfUsers"].total) == (1, 3)
    assert (found["ClientInvocations"].total, found["ClientInvocationErrors"].total) == (10, 0)


def test_a_silent_second_still_has_users() -> None:
    assert set(samples(report(7, invocations=0))) == {"NumberOfUsers"}
