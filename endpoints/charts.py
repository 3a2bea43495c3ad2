"""What an endpoint's variants do over time, as figures: one colour a variant, in every chart.

Weight changes are marked on the time axis of each, so that cause and effect are seen together.
"""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import Q

from consoleapp.metrics import queries as metrics
from consoleapp.metrics.charts import Figure, Line, lines
from consoleapp.metrics.queries import Point
from endpoints import queries
from endpoints.models import Deployment, Endpoint, EndpointEvent

_AWS: Final = "AWS/SageMaker"
_INSTANCES: Final = "/aws/sagemaker/Endpoints"
#: Span -> its seconds and the period that draws it with a few hundred points.
SPANS: Final = {
    "5m": ("Last 5 minutes", 300, 2),
    "15m": ("Last 15 minutes", 900, 5),
    "1h": ("Last hour", 3_600, 15),
    "3h": ("Last 3 hours", 10_800, 60),
    "12h": ("Last 12 hours", 43_200, 180),
    "1d": ("Last day", 86_400, 300),
    "1w": ("Last week", 604_800, 3_600),
}
DEFAULT_SPAN: Final = "15m"
_LEAST_SHOWN_S: Final = 120
_COLOURS: Final = 8
_TEXT: Final = "var(--text-secondary)"
_WEIGHT: Final = re.compile(r"(\S+) weight ([0-9.e+-]+)")


@dataclass(frozen=True, slots=True)
class Plot:
    """One line of each variant; `label` follows the variant's name."""

    metric: str
    statistic: str
    label: str = ""
    dash: str = "solid"
    namespace: str = _AWS


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    unit: str
    plots: Sequence[Plot]
    subtitle: str = ""
    #: Values are multiplied by it, and divided by the period's minutes where `rate` is set.
    scale: float = 1.0
    rate: bool = False


CHARTS: Final[dict[str, Chart]] = {
    "invocations": Chart(
        "Invocations", "per minute", (Plot("Invocations", "Sum"),), "Per minute", rate=True
    ),
    "share": Chart(
        "Share of invocations",
        "percent",
        (Plot("Invocations", "Sum"),),
        "Percent, as observed",
    ),
    "model-latency": Chart(
        "ModelLatency",
        "ms",
        (
            Plot("ModelLatency", "p50", "p50", "dot"),
            Plot("ModelLatency", "p90", "p90", "dash"),
            Plot("ModelLatency", "p99", "p99"),
        ),
        "Milliseconds: p50 dotted, p90 dashed, p99 solid",
        scale=0.001,
    ),
    "overhead-latency": Chart(
        "OverheadLatency",
        "ms",
        (Plot("OverheadLatency", "p50", "p50", "dot"), Plot("OverheadLatency", "p99", "p99")),
        "Milliseconds: p50 dotted, p99 solid",
        scale=0.001,
    ),
    "errors-4xx": Chart(
        "Invocation4XXErrors",
        "per minute",
        (Plot("Invocation4XXErrors", "Sum"),),
        "Per minute: the request was wrong",
        rate=True,
    ),
    "errors-5xx": Chart(
        "Invocation5XXErrors",
        "per minute",
        (Plot("Invocation5XXErrors", "Sum"),),
        "Per minute: the model or its instance failed",
        rate=True,
    ),
    "per-instance": Chart(
        "InvocationsPerInstance",
        "per minute",
        (Plot("InvocationsPerInstance", "Sum"),),
        "Per minute",
        rate=True,
    ),
    "cpu": Chart(
        "CPUUtilization",
        "percent",
        (Plot("CPUUtilization", "Average", namespace=_INSTANCES),),
        "Percent, 100 for each vCPU",
    ),
    "memory": Chart(
        "MemoryUtilization",
        "percent",
        (Plot("MemoryUtilization", "Average", namespace=_INSTANCES),),
        "Percent of what was granted",
    ),
}


def figure(endpoint: Endpoint, slug: str, *, span: str, live: bool) -> Figure:
    """Raises KeyError for a chart or span that is none."""
    chart = CHARTS[slug]
    _, span_s, period_s = SPANS[span]
    end = int(time.time()) + 1
    start = end - span_s
    names = variant_names(endpoint, start)
    # What is copied to a shadow is no part of the traffic.
    hidden = shadow_names(endpoint, start) if slug == "share" else set()
    drawn = [
        (number % _COLOURS + 1, plot, Line(f"{name} {plot.label}".strip(), values))
        for plot in chart.plots
        for number, name in enumerate(names)
        if name not in hidden
        and (values := _values(endpoint, name, chart, plot, (start, end, period_s)))
    ]
    made = lines([line for *_, line in drawn], period_s=period_s, unit=chart.unit, live=live)
    if slug == "share":
        _as_shares(made)
    for trace, (colour, plot, _) in zip(made["data"], drawn, strict=True):
        main = plot.dash == "solid"
        trace["line"] |= {"color": f"var(--chart-{colour})", "dash": plot.dash}
        trace["line"]["width"] = 2 if main else 1.5
        # Lines beside the main one: their dots would hide what they are.
        trace["marker"] |= {"color": f"var(--chart-{colour})", "size": 4 if main else 2}
    layout = made["layout"]
    # A new endpoint's first minutes are not squeezed into a corner.
    born = min(endpoint.created_at.timestamp(), end - _LEAST_SHOWN_S)
    layout["xaxis"]["range"] = [_at(max(start, born)), _at(end)]
    # A zoom is kept over refreshes, not over another span.
    layout["uirevision"] = span
    layout["legend"]["y"] = -0.22
    marks = list(_marks(endpoint, start))
    layout["shapes"] = [*layout["shapes"], *(shape for shape, _ in marks)]
    layout["annotations"] = [*layout["annotations"], *(text for _, text in marks)]
    return made


def variant_names(endpoint: Endpoint, start: int) -> list[str]:
    """Of the variants it has, and of those that it had in the time shown, by name: a colour stays
    with its variant when another goes."""
    current = set(endpoint.variants.values_list("name", flat=True))
    seen = metrics.list_series(
        endpoint.team.account_id,
        endpoint.region,
        _AWS,
        "Invocations",
        {"EndpointName": endpoint.name},
    )
    past = {info.dimensions.get("VariantName", "") for info in seen if info.last_second >= start}
    return sorted(current | past - {""})


def shadow_names(endpoint: Endpoint, start: int) -> set[str]:
    """Of the variants it has, and of those that an update took since then."""
    now = list(endpoint.variants.values_list("name", "shadow"))
    since = Q(ended_at=None) | Q(ended_at__gte=datetime.fromtimestamp(start, UTC))
    updates = endpoint.deployments.filter(since, kind=Deployment.Kind.FLEETS)
    past: set[str] = set()
    # Shadows are counted among the instances and have no part of the weights.
    for counts, weights in updates.values_list("counts_before", "weights_before"):
        past |= set(counts) - set(weights)
    return {name for name, shadow in now if shadow} | past - {name for name, _ in now}


def _values(
    endpoint: Endpoint, variant: str, chart: Chart, plot: Plot, times: tuple[int, int, int]
) -> list[tuple[int, float | None]]:
    start, end, period_s = times
    points = metrics.points(
        endpoint.team.account_id,
        endpoint.region,
        plot.namespace,
        plot.metric,
        {"EndpointName": endpoint.name, "VariantName": variant},
        start,
        end,
        period_s,
        (plot.statistic,),
    )
    factor = chart.scale * (60 / period_s if chart.rate else 1)
    return [(point.second, _scaled(point, plot.statistic, factor)) for point in points]


def _scaled(point: Point, statistic: str, factor: float) -> float | None:
    value = point.values[statistic]
    return None if value is None else value * factor


def _as_shares(made: Figure) -> None:
    """Counts of each period as parts of a hundred; a variant silent then has none of it."""
    traces = made["data"]
    counted = [dict(zip(trace["x"], trace["y"], strict=True)) for trace in traces]
    whole: dict[str, float] = {}
    for counts in counted:
        for moment, count in counts.items():
            whole[moment] = whole.get(moment, 0.0) + (count or 0.0)
    times = sorted(whole)
    for trace, counts in zip(traces, counted, strict=True):
        trace["x"] = times
        trace["y"] = [
            100 * (counts.get(moment) or 0.0) / whole[moment] if whole[moment] else None
            for moment in times
        ]
    made["layout"]["yaxis"]["range"] = [0, 104]


def _marks(endpoint: Endpoint, start: int) -> Iterator[tuple[Figure, Figure]]:
    for event in queries.traffic_changes(endpoint, datetime.fromtimestamp(start, UTC)):
        x = _at(event.at.timestamp())
        place = {"xref": "x", "yref": "paper"}
        line = {"color": _TEXT, "dash": "dot", "width": 1}
        yield (
            {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "line": line, **place},
            _words(event) | {"x": x, "y": 1, **place},
        )


def _words(event: EndpointEvent) -> dict[str, Any]:
    weights = [weight for _, weight in _WEIGHT.findall(event.message)]
    return {
        "text": ":".join(weights) or "▾",
        "hovertext": event.message.partition("\n")[0],
        "showarrow": False,
        "textangle": -90,
        "xanchor": "left",
        "yanchor": "top",
        "font": {"color": _TEXT, "size": 10},
    }


def _at(second: float) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d %H:%M:%S")
