"""All generators of one attempt behind one face: poll, stop, close."""

import math
import time
from contextlib import ExitStack, suppress
from dataclasses import replace
from types import TracebackType
from typing import Final, Self

import redis
from django.conf import settings

from recommender import wake
from recommender.errors import AttemptLost
from recommender.executor import sharing
from recommender.executor.merging import Merger
from recommender.executor.sharing import Meeting
from recommender.loadtest.driver import Driver
from recommender.loadtest.report import SecondReport
from recommender.loadtest.spec import LoadSpec

#: Time for the generators to load and reach the common start.
LEAD_S: Final = 1.5
_REST_S: Final = 3.0


def shares_needed(max_users: int) -> int:
    return max(1, math.ceil(max_users / settings.USERS_PER_WORKER))


class Crew:
    """Starts the generators of a spec: here, and in as many workers as its users need."""

    def __init__(self, spec: LoadSpec, *, step_pk: int, attempt_id: str) -> None:
        self._spec = spec
        self._step_pk = step_pk
        self._meeting = Meeting(attempt_id)
        self.shares = shares_needed(spec.pattern().max_users)
        self._merger = Merger(self.shares)
        self._drivers: list[Driver] = []
        self._helpers: set[int] = set()
        self._store = sharing.connect() if self.shares > 1 else None
        self._stack = ExitStack()
        self._stopped = False
        self.start_at = 0.0

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            if self._store is not None:
                self._helpers = self._gather()
            self.start_at = float(math.ceil(time.time() + LEAD_S))
            specs = {n: self._share(n) for n in range(self.shares)}
            own = [spec for n, spec in specs.items() if n not in self._helpers]
            self._drivers = [stack.enter_context(Driver(spec)) for spec in own]
            if self._store is not None:
                self._meeting.beat(self._store)
                self._meeting.begin(self._store, {n: specs[n] for n in self._helpers})
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Helpers that cannot be told stop by themselves when they hear nothing.
        with suppress(redis.RedisError):
            if self._store is not None:
                self._meeting.stop(self._store)
        self._stack.close()

    @property
    def ended(self) -> bool:
        return all(driver.ended for driver in self._drivers)

    def poll(self, timeout_s: float) -> list[SecondReport]:
        """Whole seconds, in order. Raises AttemptLost when a generator or a helper is lost."""
        reports = self._local(timeout_s)
        try:
            reports += self._remote()
        except redis.RedisError as away:
            raise AttemptLost(f"the helpers cannot be heard: {away}") from away
        whole = self._merger.add(reports)
        if self._merger.behind:
            raise AttemptLost("a helper of the load test fell silent")
        return whole

    def stop(self) -> list[SecondReport]:
        """Ends the traffic now; the seconds not heard so far, partial ones among them."""
        if self._stopped:
            return []
        self._stopped = True
        if self._store is not None:
            self._meeting.stop(self._store)
        reports = [report for driver in self._drivers for report in driver.stop()]
        whole = self._merger.add(reports)
        deadline = time.monotonic() + _REST_S
        while self._helpers and time.monotonic() < deadline:
            whole += self._merger.add(self._remote())
            time.sleep(0.1)
        return whole + self._merger.rest()

    def _gather(self) -> set[int]:
        assert self._store is not None
        for index in range(1, self.shares):
            wake.share(self._step_pk, self._meeting.attempt_id, index)
        deadline = time.monotonic() + sharing.JOIN_S
        while time.monotonic() < deadline:
            joined = self._meeting.joined(self._store)
            if len(joined) >= self.shares - 1:
                break
            time.sleep(0.1)
        return self._meeting.joined(self._store)

    def _share(self, index: int) -> LoadSpec:
        return replace(self._spec, share=(index, self.shares), start_at=self.start_at)

    def _local(self, timeout_s: float) -> list[SecondReport]:
        reports: list[SecondReport] = []
        for number, driver in enumerate(self._drivers):
            reports += driver.poll(timeout_s if number == 0 else 0.0)
            if driver.failure:
                raise AttemptLost(driver.failure)
        return reports

    def _remote(self) -> list[SecondReport]:
        if self._store is None or not self._helpers:
            return []
        self._meeting.beat(self._store)
        return list(self._meeting.reports(self._store))
