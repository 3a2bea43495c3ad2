"""Puts together what several generators saw of the same seconds. Pure."""

from collections.abc import Iterable
from typing import Final

from recommender.loadtest.report import SecondReport

#: A share this many seconds behind the others is lost, and the attempt with it.
BEHIND_S: Final = 4


class Merger:
    """Gives a second out once every share has reported it, in order."""

    def __init__(self, shares: int) -> None:
        self._shares = shares
        self._parts: dict[int, list[SecondReport]] = {}

    def add(self, reports: Iterable[SecondReport]) -> list[SecondReport]:
        for report in reports:
            self._parts.setdefault(report.second, []).append(report)
        whole = sorted(s for s, parts in self._parts.items() if len(parts) >= self._shares)
        return [SecondReport.merged(self._parts.pop(second)) for second in whole]

    @property
    def behind(self) -> bool:
        """Whether some share has been silent for too long."""
        return bool(self._parts) and max(self._parts) - min(self._parts) >= BEHIND_S

    def rest(self) -> list[SecondReport]:
        """The seconds that only some shares reported: the ends, which differ by a second."""
        parts, self._parts = self._parts, {}
        return [SecondReport.merged(parts[second]) for second in sorted(parts)]
