"""The ranking as a table to take away, units in the names."""

import csv
import io
from collections.abc import Iterable
from typing import Any, Final

from recommender import queries
from recommender.models import Recommendation
from recommender.scoring import Ranked

COLUMNS: Final = (
    *("position", "score", "on_front", "instance_type", "instance_count", "environment"),
    *("max_invocations_per_minute", "model_latency_us", "cost_per_hour_usd"),
    *("cost_per_inference_usd", "cpu_utilization_percent", "memory_utilization_percent"),
    *("raw_max_invocations_per_minute", "cpu_granted_cores", "projected", "scale"),
    *("recommendation_id", "test", "model_latency_percentile", "note"),
)


def row_of(one: Ranked[Recommendation]) -> dict[str, Any]:
    row, step = one.row, one.row.step
    values = (
        *(one.position, one.score, one.on_front, row.instance_type, row.instance_count),
        *(row.environment, row.max_invocations, row.model_latency_us, row.cost_per_hour_usd),
        *(row.cost_per_inference_usd, row.cpu_utilization_percent),
        *(row.memory_utilization_percent, row.raw_max_invocations),
        *(step.measured.get("cpu_granted"), row.projected, row.job.scale),
        *(row.recommendation_id, step.ordinal, queries.latency_percentile(row.job)),
        (step.reading or {}).get("note", ""),
    )
    return dict(zip(COLUMNS, values, strict=True))


def csv_of(ranking: Iterable[Ranked[Recommendation]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    for one in ranking:
        row = row_of(one)
        pairs = (f"{key}={value}" for key, value in sorted(row["environment"].items()))
        writer.writerow({**row, "environment": _plain(" ".join(pairs))})
    return text.getvalue()


def _plain(text: str) -> str:
    # A spreadsheet runs a cell that begins so as a formula; these values come from users.
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
