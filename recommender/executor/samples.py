"""The load test's own CloudWatch series: what its users saw. Pure."""

from collections.abc import Iterator
from typing import Final

from consoleapp.metrics.line import Sample
from consoleapp.metrics.sketch import Sketch, value_of
from recommender.loadtest.report import SecondReport

NAMESPACE: Final = "/aws/sagemaker/InferenceRecommendationsJobs"
_US_PER_MS: Final = 1000.0


class Series:
    """The four series of one test: dimensions JobName and EndpointName, as at AWS."""

    def __init__(self, *, account: str, region: str, job_name: str, endpoint_name: str) -> None:
        self._account = account
        self._region = region
        self._dimensions = {"JobName": job_name, "EndpointName": endpoint_name}

    def samples(self, report: SecondReport) -> Iterator[Sample]:
        users, ended, failed = report.users, report.invocations, report.failed
        yield self._sample(report, "NumberOfUsers", 1, users, users, users)
        if ended:
            yield self._sample(report, "ClientInvocations", ended, ended, 1, 1)
            worst, best = float(failed > 0), float(failed == ended)
            yield self._sample(report, "ClientInvocationErrors", ended, failed, best, worst)
        if report.succeeded:
            yield self._latency(report)

    def _latency(self, report: SecondReport) -> Sample:
        return self._sample(
            report,
            "ClientLatency",
            report.succeeded,
            report.latency_total_us / _US_PER_MS,
            report.latency_min_us / _US_PER_MS,
            report.latency_max_us / _US_PER_MS,
            unit="Milliseconds",
            sketch=_in_milliseconds(report.client_latency_us),
        )

    def _sample(  # noqa: PLR0913 (a sample's own members)
        self,
        report: SecondReport,
        name: str,
        count: int,
        total: float,
        minimum: float,
        maximum: float,
        *,
        unit: str = "None",
        sketch: Sketch | None = None,
    ) -> Sample:
        return Sample(
            account=self._account,
            region=self._region,
            namespace=NAMESPACE,
            name=name,
            dimensions=self._dimensions,
            second=report.second,
            count=count,
            total=total,
            minimum=minimum,
            maximum=maximum,
            unit=unit,
            sketch=sketch,
        )


def _in_milliseconds(microseconds: Sketch) -> Sketch:
    whole = Sketch()
    for bucket, times in microseconds.buckets.items():
        whole.add(value_of(bucket) / _US_PER_MS, times)
    return whole
