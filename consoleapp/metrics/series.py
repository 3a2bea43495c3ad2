"""What names a series, and where its samples lie in the sample table."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from consoleapp.metrics.line import Sample


class SeriesName(NamedTuple):
    """The identity of a series; `dimensions` in canonical form."""

    account: str
    region: str
    namespace: str
    name: str
    dimensions: str


def canonical(dimensions: Mapping[str, str]) -> str:
    """The one spelling of a set of dimensions: two equal sets give equal text."""
    return json.dumps(dict(dimensions), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def name_of(sample: Sample) -> SeriesName:
    return SeriesName(
        sample.account, sample.region, sample.namespace, sample.name, canonical(sample.dimensions)
    )


def key_of(series_id: int, second: int) -> int:
    return series_id << 32 | second


def second_of(key: int) -> int:
    return key & 0xFFFFFFFF


def series_of(key: int) -> int:
    return key >> 32
