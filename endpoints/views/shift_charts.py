"""What the new and the old variants answered during a shift, with its steps on the time axis."""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from consoleapp.metrics import queries as metrics
from consoleapp.metrics.charts import Figure, Line, lines
from endpoints.models import Deployment
from endpoints.shifting.statuses import StepStatus
from endpoints.shifting.watch import NAMESPACE

#: Slug -> title, metric and statistic.
CHARTS: Final = {
    "invocations": ("Invocations", "Invocations", "Sum"),
    "errors": ("5XX errors", "Invocation5XXErrors", "Sum"),
    "latency": ("ModelLatency p99", "ModelLatency", "p99"),
}
_BEFORE_S: Final = 60
_AFTER_S: Final = 30
_POINTS: Final = 240


def figure(shift: Deployment, slug: str) -> Figure:
    """Raises KeyError for a chart that is none."""
    _, metric, statistic = CHARTS[slug]
    start = int(shift.created_at.timestamp()) - _BEFORE_S
    end = int(shift.ended_at.timestamp()) + _AFTER_S if shift.ended_at else int(time.time()) + 1
    period_s = max(1, (end - start) // _POINTS)
    scale = 0.001 if slug == "latency" else 1.0
    drawn = []
    for label, dimensions in _series(shift):
        points = metrics.points(
            *(shift.endpoint.team.account_id, shift.endpoint.region, NAMESPACE, metric, dimensions),
            *(start, end, period_s, (statistic,)),
        )
        values = [(point.second, point.values[statistic]) for point in points]
        drawn.append(Line(label, [(at, None if v is None else v * scale) for at, v in values]))
    unit = "ms" if slug == "latency" else f"in {period_s} s"
    made = lines(drawn, period_s=period_s, unit=unit, live=not shift.is_over)
    marks = list(_marks(shift))
    made["layout"]["shapes"] += [line for line, _ in marks]
    made["layout"]["annotations"] += [text for _, text in marks]
    return made


def _series(shift: Deployment) -> Iterator[tuple[str, dict[str, str]]]:
    names = sorted({*shift.weights_before, *shift.weights_after})
    for name in names:
        dimensions = {"EndpointName": shift.endpoint.name, "VariantName": name}
        if shift.kind == Deployment.Kind.WEIGHTS:
            yield name, dimensions
            continue
        yield f"{name}, both fleets", dimensions
        if name in shift.weights_after:
            config = {"EndpointConfigName": shift.to_config}
            yield f"{name} of {shift.to_config}", {**dimensions, **config}


def _marks(shift: Deployment) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for step in shift.steps.all():
        if step.activated_at is not None:
            yield _mark(step.activated_at, str(step.number), f"Step {step.number}")
        if step.status == StepStatus.ROLLED_BACK and step.ended_at is not None:
            yield _mark(step.ended_at, "back", "Rolled back from here")


def _mark(moment: datetime, text: str, told: str) -> tuple[dict[str, Any], dict[str, Any]]:
    at = f"{moment:%Y-%m-%d %H:%M:%S}"
    place = {"xref": "x", "yref": "paper"}
    line = {"color": "var(--text-secondary)", "dash": "dot", "width": 1}
    return (
        {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "line": line, **place},
        {
            **{"x": at, "y": 1, "xanchor": "left", "yanchor": "top", "showarrow": False},
            **{"text": text, "hovertext": told, **place},
        },
    )
