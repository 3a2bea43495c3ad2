"""Watches the cores of a test while it runs, and judges whether they were its own."""

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings

from endpoints import capacity
from endpoints.models import Endpoint, Instance
from recommender.loadtest.cpu import CoreUse, CoreWatch
from recommender.loadtest.report import SecondReport
from recommender.loadtest.validity import Limits, Watched, judge

_NOBODY: Final = CoreUse(own=0.0, foreign=0.0, steal=0.0)


def generator_cores() -> tuple[int, ...]:
    """Platform cores; not the first where there are several: web and workers are busiest there."""
    platform = capacity.platform_cores()
    return platform[1:] or platform


class Watch:
    """One sample for each second that a report came in."""

    def __init__(self, endpoint: Endpoint, instances: Sequence[Instance]) -> None:
        # Cores that are shared (a serving endpoint, a machine of one core) have no foreigners.
        exclusive = endpoint.purpose == Endpoint.Purpose.BENCHMARK and capacity.exclusive()
        cores = [core for instance in instances for core in instance.cores]
        pids = [int(i.handle["pid"]) for i in instances if i.handle.get("pid")]
        self._watch = CoreWatch(cores, pids) if exclusive and cores and pids else None
        self._uses: dict[int, CoreUse] = {}

    def sample(self, second: int) -> None:
        if self._watch is not None:
            self._uses[second] = self._watch.sample()

    def judge(
        self, reports: Sequence[SecondReport], present: set[int], read_at: int | None
    ) -> list[str]:
        """Why the test must not be ranked; `present` are the seconds that the store has."""
        limits = Limits(
            generator_cpu=settings.GENERATOR_CPU_LIMIT, foreign_cpu=settings.FOREIGN_CPU_LIMIT
        )
        watched = [self._watched(r) for r in reports if r.full and r.second in present]
        return judge(watched, read_at=read_at, limits=limits)

    def summary(self, reports: Sequence[SecondReport]) -> dict[str, Any]:
        """The means over the test, for people; None where nothing was watched."""
        full = [report for report in reports if report.full]
        uses = list(self._uses.values())
        return {
            "generator_cpu_share": _mean([report.cpu_share for report in full]),
            "foreign_cpu_share": _mean([use.foreign for use in uses]),
            "steal_share": _mean([use.steal for use in uses]),
            "own_cpu_share": _mean([use.own for use in uses]),
        }

    def _watched(self, report: SecondReport) -> Watched:
        use = self._uses.get(report.second, _NOBODY)
        return Watched(
            second=report.second,
            invocations=report.invocations,
            errors=report.failed,
            generator_cpu=report.cpu_share,
            foreign_cpu=use.foreign,
            steal=use.steal,
        )


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None
