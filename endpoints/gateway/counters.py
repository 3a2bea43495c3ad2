"""Counts invocations in memory, per variant and second, and turns them into samples.

A second is counted into the metrics store as a whole: nothing is written per request.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from consoleapp.metrics.folding import FOLD_AT, Folded
from consoleapp.metrics.line import Sample

_NAMESPACE: Final = "AWS/SageMaker"
_MICROSECONDS: Final = "Microseconds"


class VariantCounters:
    """What one variant did in the present second. `instances` is how many it has now."""

    __slots__ = (
        "client_errors",
        "config",
        "instances",
        "invocations",
        "model_errors",
        "model_latency",
        "model_s",
        "overhead_latency",
        "series",
        "server_errors",
        "whole_s",
    )

    def __init__(
        self, account: str, region: str, endpoint: str, variant: str, *, config: str = ""
    ) -> None:
        self.series = (account, region, {"EndpointName": endpoint, "VariantName": variant})
        self.config = config
        self.instances = 1
        #: The latest latencies, in seconds, not folded yet.
        self.model_s: list[float] = []
        self.whole_s: list[float] = []
        self._clear()

    def _clear(self) -> None:
        self.invocations = 0
        self.client_errors = 0
        self.server_errors = 0
        self.model_errors = 0
        self.model_latency = Folded()
        self.overhead_latency = Folded()

    def answered(self, model_s: float, whole_s: float) -> None:
        """A 2XX: the model took `model_s` of the `whole_s` seconds."""
        self.invocations += 1
        self.model_s.append(model_s)
        self.whole_s.append(whole_s)
        if len(self.model_s) >= FOLD_AT:
            self._fold()

    def _fold(self) -> None:
        model_us = np.array(self.model_s) * 1e6
        self.model_latency.add(model_us)
        self.overhead_latency.add(np.array(self.whole_s) * 1e6 - model_us)
        self.model_s.clear()
        self.whole_s.clear()

    def failed(self, status: int, *, model_s: float | None, whole_s: float) -> None:
        """`status` is the model's, 0 when it gave none; `model_s` None when it was not asked."""
        self.invocations += 1
        if 400 <= status < 500:
            self.client_errors += 1
        else:
            self.server_errors += 1
        self.model_errors += 1
        if model_s is not None:
            self.model_s.append(model_s)
            self.whole_s.append(whole_s)

    def refused(self) -> None:
        """The gateway answered 503 itself: a server error, but not the model's."""
        self.invocations += 1
        self.server_errors += 1

    def take(self, second: int) -> Iterator[Sample]:
        """The samples of a second that is over; the counters start the next one empty.

        A fleet on its way in is also counted by its configuration, as at AWS.
        """
        if not self.invocations:
            return
        self._fold()
        for sample in self._samples(second):
            yield sample
            if self.config:
                dimensions = {**sample.dimensions, "EndpointConfigName": self.config}
                yield replace(sample, dimensions=dimensions)
        self._clear()

    def _samples(self, second: int) -> Iterator[Sample]:
        count, per_instance = self.invocations, 1 / max(1, self.instances)
        yield self._counted("Invocations", second, count, count, 1.0)
        yield self._counted(
            "InvocationsPerInstance", second, count, count * per_instance, per_instance
        )
        yield self._of_each("Invocation4XXErrors", second, self.client_errors)
        yield self._of_each("Invocation5XXErrors", second, self.server_errors)
        yield self._of_each("InvocationModelErrors", second, self.model_errors)
        yield from self._latency("ModelLatency", second, self.model_latency)
        yield from self._latency("OverheadLatency", second, self.overhead_latency)

    def _of_each(self, name: str, second: int, errors: int) -> Sample:
        # One sample a request, 1 or 0, so that the average is the share of failed ones.
        count = self.invocations
        least, most = float(errors == count), float(errors > 0)
        account, region, dimensions = self.series
        return Sample(
            account, region, _NAMESPACE, name, dimensions, second, count, errors, least, most
        )

    def _counted(self, name: str, second: int, count: int, total: float, each: float) -> Sample:
        account, region, dimensions = self.series
        return Sample(
            account, region, _NAMESPACE, name, dimensions, second, count, total, each, each
        )

    def _latency(self, name: str, second: int, seen: Folded) -> Iterator[Sample]:
        if not seen.count:
            return
        account, region, dimensions = self.series
        yield Sample(
            account,
            region,
            _NAMESPACE,
            name,
            dimensions,
            second,
            seen.count,
            seen.total,
            seen.minimum,
            seen.maximum,
            _MICROSECONDS,
            seen.sketch(),
        )
