"""Watches the cores of a test while it runs, and judges whether they were its own."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from django.conf import settings

from endpoints import capacity
from endpoints.models import Endpoint, Instance
from recommender.loadtest.cpu import BusiestCore, CoreUse, CoreWatch
from recommender.loadtest.report import SecondReport
from recommender.loadtest.validity import Limits, Watched, judge

_NOBODY: Final = CoreUse(own=0.0, foreign=0.0, steal=0.0)


def generator_cores() -> tuple[int, ...]:
    """Platform cores; not the first where there are several: web and workers are busiest there."""
    platform = capacity.platform_cores()
    return platform[1:] or platform


class Watch:
    """Samples while the reports come in, and judges them by it."""

    def __init__(self, endpoint: Endpoint, instances: Sequence[Instance]) -> None:
        # Cores that are shared (a serving endpoint, a machine of one core) have no foreigners.
        exclusive = endpoint.purpose == Endpoint.Purpose.BENCHMARK and capacity.exclusive()
        cores = [core for instance in instances for core in instance.cores]
        pids = [int(i.handle["pid"]) for i in instances if i.handle.get("pid")]
        self._watch = CoreWatch(cores, pids) if exclusive and cores and pids else None
        self._platform = BusiestCore(capacity.platform_cores())
        granted = sum(instance.cpu_granted for instance in instances)
        #: What the test was granted, as a share of its cores.
        self._granted = granted / len(cores) if granted and cores else 1.0
        self._uses: dict[int, CoreUse] = {}
        self._busy: dict[int, float] = {}

    def sample(self, seconds: Collection[int]) -> None:
        """The use since the last call, for all seconds that were reported since: one sample for
        each of several that came at once would be of moments, too short to measure."""
        if self._watch is None or not seconds:
            return
        use, busy = self._watch.sample(), self._platform.sample()
        self._uses.update(dict.fromkeys(seconds, use))
        self._busy.update(dict.fromkeys(seconds, busy))

    def judge(
        self, reports: Sequence[SecondReport], present: set[int], read_at: int | None
    ) -> list[str]:
        """Why the test must not be ranked; `present` are the seconds that the store has."""
        limits = Limits(
            generator_cpu=settings.GENERATOR_CPU_LIMIT,
            platform_cpu=settings.PLATFORM_CPU_LIMIT,
            foreign_cpu=settings.FOREIGN_CPU_LIMIT,
        )
        full = [report for report in reports if report.full]
        watched = [self._watched(report) for report in full if report.second in present]
        began = full[0].second if full else None
        return judge(watched, began=began, read_at=read_at, limits=limits)

    def summary(self, reports: Sequence[SecondReport]) -> dict[str, Any]:
        """The means over the test, for people; None where nothing was watched."""
        full = [report for report in reports if report.full]
        uses = list(self._uses.values())
        return {
            "generator_cpu_share": _mean([report.cpu_share for report in full]),
            "platform_cpu_share": _mean(list(self._busy.values())),
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
            platform_cpu=self._busy.get(report.second, 0.0),
            # Of a part of a core, the rest is not the test's to use.
            granted_cpu=max(use.own / self._granted, use.own + use.foreign + use.steal),
        )


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None
