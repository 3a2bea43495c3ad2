"""What the gateway measured of a test, second by second, joined with what the generators did."""

import time
from typing import Final

from consoleapp.metrics import queries
from consoleapp.metrics.sketch import Sketch
from recommender.loadtest.report import SecondReport
from recommender.loadtest.stop import SecondSeen
from recommender.models import Job

NAMESPACE: Final = "AWS/SageMaker"
INSTANCES: Final = "/aws/sagemaker/Endpoints"
#: From the end of a second until its samples are in the store.
LAG_S: Final = 2.0
#: A longer silence of the store, while invocations succeed, ends the attempt.
GAP_S: Final = 3
#: How far back each look goes: late samples are still taken in.
_LOOK_BACK_S: Final = 12


class Observer:
    """Joins generator reports with the metrics store for one endpoint's variant."""

    def __init__(self, job: Job, endpoint_name: str, variant_name: str) -> None:
        self._account = job.team.account_id
        self._region = job.region
        self._dimensions = {"EndpointName": endpoint_name, "VariantName": variant_name}
        self._reports: dict[int, SecondReport] = {}
        self._invocations: dict[int, int] = {}
        self._latency: dict[int, Sketch] = {}

    def heard(self, reports: list[SecondReport]) -> None:
        self._reports.update((report.second, report) for report in reports if report.full)

    @property
    def reports(self) -> list[SecondReport]:
        return [self._reports[second] for second in sorted(self._reports)]

    def seen(self, now: float | None = None) -> list[SecondSeen]:
        """Every full second the store has had time for. Holds back from the first second whose
        samples are missing though its invocations succeeded, until that is a gap."""
        moment = time.time() if now is None else now
        if not self._reports:
            return []
        last = max(self._reports)
        self._read(max(min(self._reports), last - _LOOK_BACK_S), last + 1)
        whole: list[SecondSeen] = []
        for report in self.reports:
            age = moment - (report.second + 1)
            if age < LAG_S or (age < LAG_S + GAP_S and self._missing(report)):
                break
            whole.append(self._second(report))
        return whole

    def everything(self) -> list[SecondSeen]:
        """All full seconds, read anew: for the result, once the store has settled."""
        if not self._reports:
            return []
        self._read(min(self._reports), max(self._reports) + 1)
        return [self._second(report) for report in self.reports]

    def gap(self, now: float | None = None) -> bool:
        """Whether the store lacks more than GAP_S seconds in which invocations succeeded."""
        moment = time.time() if now is None else now
        newest = max(self._invocations, default=0)
        # A second's answer may count at the gateway one second earlier than at its user.
        silent = [
            report
            for report in self._reports.values()
            if report.succeeded
            and report.second > newest + 1
            and moment - (report.second + 1) > LAG_S
        ]
        return len(silent) > GAP_S

    def present(self) -> set[int]:
        """Seconds the store has, or in which there was nothing for it to have."""
        return {second for second, r in self._reports.items() if not self._missing(r)}

    def average(self, name: str, start: int, end: int) -> float | None:
        """The mean of an instance metric (CPUUtilization, MemoryUtilization) over a range."""
        return queries.statistic(
            self._account, self._region, INSTANCES, name, self._dimensions, start, end, "Average"
        )

    def _missing(self, report: SecondReport) -> bool:
        return report.succeeded > 0 and report.second not in self._invocations

    def _second(self, report: SecondReport) -> SecondSeen:
        second = report.second
        invocations = self._invocations.get(second, 0)
        return SecondSeen(
            second=second,
            users=report.users,
            invocations=invocations,
            errors=min(report.failed, invocations),
            model_latency_us=self._latency.get(second, Sketch()),
        )

    def _read(self, start: int, end: int) -> None:
        for point in self._series("Invocations", start, end):
            self._invocations[point.second] = round(point.total)
        for point in self._series("ModelLatency", start, end):
            if point.sketch is not None:
                self._latency[point.second] = point.sketch

    def _series(self, name: str, start: int, end: int) -> list[queries.Second]:
        return queries.per_second(
            self._account, self._region, NAMESPACE, name, self._dimensions, start, end
        )
