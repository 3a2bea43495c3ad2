"""Samples received and not yet written, merged by series and second. Bounded."""

import logging
from collections.abc import Iterable
from typing import Final

from consoleapp.metrics.line import Sample
from consoleapp.metrics.series import SeriesName, name_of
from consoleapp.metrics.tally import Tally

logger = logging.getLogger(__name__)

#: One entry is one second of one series.
Batch = dict[tuple[SeriesName, int], Tally]
MOST_ENTRIES: Final = 100_000
SPARE_ENTRIES: Final = 10_000
LONGEST_DIMENSIONS: Final = 2048


class Buffer:
    """`full` asks the senders to wait; there is room for what they had sent already, and what
    still comes then is dropped and counted."""

    def __init__(self, most: int = MOST_ENTRIES, spare: int = SPARE_ENTRIES) -> None:
        self._most = most
        self._spare = spare
        self._batch: Batch = {}
        self.units: dict[SeriesName, str] = {}
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._batch)

    @property
    def full(self) -> bool:
        return len(self._batch) >= self._most

    def add(self, sample: Sample) -> None:
        """Raises ValueError when the sample cannot be kept as a series."""
        series = name_of(sample)
        if len(series.dimensions) > LONGEST_DIMENSIONS:
            raise ValueError(f"dimensions are longer than {LONGEST_DIMENSIONS} characters")
        self.units[series] = sample.unit
        self._merge(
            (series, sample.second),
            Tally(sample.count, sample.total, sample.minimum, sample.maximum, sample.sketch),
        )

    def add_all(self, samples: Iterable[Sample]) -> None:
        for sample in samples:
            self.add(sample)

    def take(self) -> tuple[Batch, dict[SeriesName, str]]:
        """Everything so far, with the unit of each series; the buffer is empty afterwards."""
        batch, units = self._batch, self.units
        self._batch, self.units = {}, {}
        if self.dropped:
            logger.warning("%d samples were dropped: the store does not keep up", self.dropped)
            self.dropped = 0
        return batch, units

    def put_back(self, batch: Batch, units: dict[SeriesName, str]) -> None:
        """A batch that could not be written goes first: it is the older one."""
        newer = self._batch
        self._batch = batch
        self.units = units | self.units
        for entry, tally in newer.items():
            self._merge(entry, tally)

    def _merge(self, entry: tuple[SeriesName, int], tally: Tally) -> None:
        known = self._batch.get(entry)
        if known is not None:
            known.merge(tally)
        elif len(self._batch) < self._most + self._spare:
            self._batch[entry] = tally
        else:
            self.dropped += 1
