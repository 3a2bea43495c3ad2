"""Series over time as Plotly figures in plain JSON.

Colours are named by token, `var(--chart-1)`: the page's theme decides how they look. A figure says
by `live` whether it will still grow, and by `empty` what to tell while it has no data.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from consoleapp.metrics.queries import Point

Figure = dict[str, Any]

_TEXT: Final = "var(--text-secondary)"
_GRID: Final = "var(--divider-soft)"
_LONGEST: Final = 28
_COLOURS: Final = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One series: the second a period begins, and its value."""

    name: str
    values: Sequence[tuple[int, float | None]]


def line_of(name: str, points: Sequence[Point], statistic: str) -> Line:
    return Line(name, [(point.second, point.values[statistic]) for point in points])


def lines(
    series: Sequence[Line],
    *,
    period_s: int,
    unit: str,
    threshold: float | None = None,
    live: bool = False,
) -> Figure:
    """Values from zero; a silent period breaks its line; `threshold` is a dashed line."""
    shapes, annotations = _threshold(threshold)
    layout = _layout(unit, legend=len(series) > 1)
    return {
        "data": [_trace(line, n, period_s) for n, line in enumerate(series) if line.values],
        "layout": layout | {"shapes": shapes, "annotations": annotations},
        "live": live,
        "empty": "There is no data available.",
    }


def _trace(line: Line, number: int, period_s: int) -> dict[str, Any]:
    spaced = list(_with_gaps(line.values, period_s))
    colour = f"var(--chart-{number % _COLOURS + 1})"
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": _short(line.name),
        "x": [
            datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d %H:%M:%S")
            for second, _ in spaced
        ],
        "y": [value for _, value in spaced],
        "connectgaps": False,
        "line": {"color": colour, "width": 2},
        # A value between two silent periods has no line to be seen by.
        "marker": {"color": colour, "size": 4},
        "hovertemplate": f"%{{y:,.5~r}}<extra>{line.name}</extra>",
    }


def _short(name: str) -> str:
    """For the legend, which long names would let grow over the chart; pointing tells the whole."""
    return name if len(name) <= _LONGEST else f"{name[:14]}…{name[-13:]}"


def _with_gaps(
    values: Sequence[tuple[int, float | None]], period_s: int
) -> Iterator[tuple[int, float | None]]:
    last: int | None = None
    for second, value in values:
        if last is not None and second - last > period_s:
            yield last + period_s, None
        yield second, value
        last = second


def _threshold(value: float | None) -> tuple[list[Figure], list[Figure]]:
    if value is None:
        return [], []
    place = {"xref": "paper", "yref": "y"}
    line = {"color": "var(--error)", "dash": "dash", "width": 1.5}
    shape = {"type": "line", "x0": 0, "x1": 1, "y0": value, "y1": value, "line": line, **place}
    text = {"text": f"threshold {value:g}", "font": {"color": "var(--error)", "size": 11}}
    anchor = {"x": 1, "y": value, "xanchor": "right", "yanchor": "bottom", "showarrow": False}
    return [shape], [{**text, **anchor, **place}]


def _layout(unit: str, *, legend: bool) -> Figure:
    axis = {"gridcolor": _GRID, "linecolor": _GRID, "zeroline": False, "automargin": True}
    axis["tickfont"] = {"color": _TEXT, "size": 11}
    title = {"text": unit, "font": {"color": _TEXT, "size": 11}, "standoff": 8}
    return {
        "margin": {"l": 8, "r": 8, "t": 12, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "Open Sans, Helvetica, Arial, sans-serif", "size": 12, "color": _TEXT},
        "showlegend": legend,
        "legend": {"orientation": "h", "y": -0.18, "x": 0, "font": {"color": _TEXT}},
        "hovermode": "x unified",
        "hoverlabel": {"bgcolor": "var(--container)", "font": {"color": "var(--text)"}},
        "xaxis": {**axis, "type": "date", "hoverformat": "%H:%M:%S UTC", "showgrid": False},
        "yaxis": {**axis, "rangemode": "tozero", "title": title},
        # Kept over refreshes: zoom and hidden series survive the next answer.
        "uirevision": "kept",
    }
