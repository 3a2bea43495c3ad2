"""Plotly figures as plain JSON, from numbers that views read out of the metrics store.

Colours are named by token, `var(--chart-1)`: the page's theme decides how they look. A figure says
by `live` whether it will still grow, and by `empty` what to tell while it has no data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import plotly.graph_objects as go

from recommender.loadtest import traffic

Figure = dict[str, Any]
Series = Sequence[tuple[int, float | None]]

#: Of OverheadLatency; of ModelLatency see latency_percentiles.
PERCENTILES: Final = ("p50", "p90", "p99")

_TEXT: Final = "var(--text-secondary)"
_GRID: Final = "var(--divider-soft)"
_THRESHOLD: Final = "var(--error)"
_MARK: Final = "var(--success)"
_AXIS: Final[dict[str, Any]] = {
    "gridcolor": _GRID,
    "linecolor": _GRID,
    "zeroline": False,
    "tickfont": {"color": _TEXT, "size": 11},
    "title": {"font": {"color": _TEXT, "size": 11}, "standoff": 8},
    "automargin": True,
}
_OTHERS: Final = "Others"
#: Each user is a point of the line that a browser must draw.
_MOST_USERS: Final = 100_000
_FEW_USERS: Final = 5
_TIME: Final = {"type": "date", "hoverformat": "%H:%M:%S UTC", "tickangle": 0, "nticks": 5}


@dataclass(frozen=True, slots=True)
class Line:
    """One series of a chart: seconds and values; a missing second breaks the line."""

    name: str
    points: Series
    colour: int
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """The moment that was read, and what to write beside it."""

    second: int
    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A recommendation in the plane of cost and latency."""

    label: str
    cost_usd: float
    latency_ms: float
    max_invocations: int
    on_front: bool
    best: bool


def latency_percentiles(read: str) -> tuple[str, ...]:
    """What is drawn of ModelLatency: the percentile that is read ("P95") is among them."""
    least, middle, most = PERCENTILES
    return (least, middle if read.lower() in PERCENTILES else read.lower(), most)


def lines(
    series: Sequence[Line], *, unit: str, threshold: float | None = None, live: bool = False
) -> Figure:
    """Values over time from zero; `threshold` is a dashed line."""
    figure = _figure(unit, legend=len(series) > 1)
    for line in series:
        figure.add_trace(_trace(line))
    if threshold is not None:
        text = f"threshold {threshold:g} {unit}"
        figure.add_hline(y=threshold, line={"color": _THRESHOLD, "dash": "dash", "width": 1.5})
        figure.add_annotation(
            **{"x": 1, "xref": "paper", "y": threshold, "yanchor": "bottom", "xanchor": "right"},
            **{"text": text, "showarrow": False, "font": {"color": _THRESHOLD, "size": 11}},
        )
    return _json(figure, live=live, some=any(line.points for line in series))


def invocations(rate: Line, users: Line, *, mark: Mark | None = None, live: bool = False) -> Figure:
    """Invocations per minute with the users on a second axis, and where the result was read."""
    figure = _figure("per minute", legend=True)
    figure.add_trace(_trace(users, axis="y2", shape="hv", width=1.5, dash="dot"))
    figure.add_trace(_trace(rate))
    axis = {**_AXIS, "overlaying": "y", "side": "right", "rangemode": "tozero", "showgrid": False}
    axis |= {"tickformat": ",d", **_whole_users(max((v or 0 for _, v in users.points), default=0))}
    figure.update_layout(yaxis2={**axis, "title": {**_AXIS["title"], "text": "users"}})
    if mark is not None and rate.points:
        first, last = rate.points[0][0], rate.points[-1][0]
        # Else the words beside the mark would widen the axis beyond the test.
        figure.update_xaxes(range=[_moment(first), _moment(last)])
        _add_mark(figure, mark, leftwards=mark.second > (first + last) / 2)
    return _json(figure, live=live, some=bool(rate.points))


def _add_mark(figure: go.Figure, mark: Mark, *, leftwards: bool) -> None:
    x = _moment(mark.second)
    anchor, shift = ("right", -6) if leftwards else ("left", 6)
    figure.add_vline(x=x, line={"color": _MARK, "dash": "dash", "width": 1.5})
    figure.add_trace(
        go.Scatter(
            x=[x],
            y=[mark.value],
            mode="markers",
            marker={"color": _MARK, "size": 9, "line": {"color": "var(--container)", "width": 2}},
            hovertemplate=f"{mark.text}<extra></extra>",
            showlegend=False,
        )
    )
    figure.add_annotation(
        **{"x": x, "y": mark.value, "xanchor": anchor, "xshift": shift, "text": mark.text},
        **{"showarrow": False, "yshift": 16, "font": {"color": _MARK, "size": 11}},
        **{"bgcolor": "var(--container)"},
    )


def traffic_preview(pattern: Mapping[str, Any]) -> Figure:
    """Users over the minutes of a traffic pattern; says what is wrong where it makes no sense."""
    try:
        wanted = traffic.from_aws(pattern)
    except ValueError as error:
        return _nothing(str(error))
    if wanted.max_users > _MOST_USERS:
        return _nothing(f"{wanted.max_users:,} users are too many to draw.")
    changes = [*wanted.changes(), (float(wanted.duration_s), wanted.users_at(wanted.duration_s))]
    figure = _figure("users", legend=False)
    figure.add_trace(
        go.Scatter(
            x=[round(moment / 60, 3) for moment, _ in changes],
            y=[users for _, users in changes],
            mode="lines",
            line={"color": "var(--chart-1)", "shape": "hv", "width": 2},
            fill="tozeroy",
            hovertemplate="%{y} users at minute %{x:.1f}<extra></extra>",
        )
    )
    figure.update_xaxes(title_text="minutes", type="linear", hoverformat=None)
    figure.update_yaxes(tickformat=",d", **_whole_users(wanted.max_users))
    return _json(figure, live=False, some=True)


def _whole_users(most: float) -> dict[str, Any]:
    """Few users would be ticked at halves, which read 0, 0, 1, 1, 2 when rounded."""
    if most <= _FEW_USERS:
        return {"tickmode": "linear", "tick0": 0, "dtick": 1}
    return {"tickmode": "auto", "nticks": 5}


def trade_off(spots: Sequence[Spot], *, cost: str) -> Figure:
    """Cost against latency, throughput as the size; the Pareto front is joined by a line."""
    figure = _figure("model latency (ms)", legend=True)
    front = sorted((s for s in spots if s.on_front), key=lambda s: s.cost_usd)
    figure.add_trace(
        go.Scatter(
            x=[spot.cost_usd for spot in front],
            y=[spot.latency_ms for spot in front],
            mode="lines",
            name="Pareto front",
            line={"color": "var(--chart-3)", "width": 2, "dash": "dot"},
            hoverinfo="skip",
        )
    )
    groups = (
        ("Best for you", [s for s in spots if s.best], "var(--chart-2)"),
        ("On the front", [s for s in front if not s.best], "var(--chart-3)"),
        (_OTHERS, [s for s in spots if not (s.best or s.on_front)], "var(--chart-1)"),
    )
    most = max((spot.max_invocations for spot in spots), default=1) or 1
    for name, members, colour in groups:
        if members:
            figure.add_trace(_bubbles(name, members, colour, most))
    axis = {"title_text": cost, "type": "linear", "tickprefix": "$", "exponentformat": "none"}
    axis["rangemode"] = "tozero"
    figure.update_xaxes(**axis, hoverformat=None)
    figure.update_layout(hovermode="closest")
    return _json(figure, live=False, some=bool(spots))


def _bubbles(name: str, spots: Sequence[Spot], colour: str, most: int) -> go.Scatter:
    return go.Scatter(
        x=[spot.cost_usd for spot in spots],
        y=[spot.latency_ms for spot in spots],
        # Words for all of them would lie on each other: the others are named when pointed at.
        mode="markers+text" if name != _OTHERS else "markers",
        name=name,
        text=[spot.label for spot in spots],
        textposition="top center",
        textfont={"color": _TEXT, "size": 11},
        marker={
            "color": colour,
            # Area follows throughput: twice the circle is twice the invocations.
            "size": [10 + 26 * (spot.max_invocations / most) ** 0.5 for spot in spots],
            "opacity": 0.75,
        },
        customdata=[[f"{spot.max_invocations:,}"] for spot in spots],
        hovertemplate=(
            "%{text}<br>$%{x:,.4~r}<br>%{y:.2f} ms<br>%{customdata[0]} invocations per minute"
            "<extra></extra>"
        ),
    )


def _trace(
    line: Line, *, axis: str = "y", shape: str = "linear", width: float = 2, dash: str = "solid"
) -> go.Scatter:
    return go.Scatter(
        x=[_moment(second) for second, _ in line.points],
        y=[value for _, value in line.points],
        name=line.name,
        mode="lines",
        connectgaps=False,
        yaxis=axis,
        line={"color": f"var(--chart-{line.colour})", "width": width, "shape": shape, "dash": dash},
        hovertemplate=f"%{{y:,.5~r}} {line.unit}".rstrip() + f"<extra>{line.name}</extra>",
    )


def _figure(unit: str, *, legend: bool) -> go.Figure:
    figure = go.Figure()
    figure.update_layout(
        template=None,
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "Open Sans, Helvetica, Arial, sans-serif", "size": 12, "color": _TEXT},
        showlegend=legend,
        legend={"orientation": "h", "y": -0.18, "x": 0, "font": {"color": _TEXT}},
        hovermode="x unified",
        hoverlabel={"bgcolor": "var(--container)", "font": {"color": "var(--text)"}},
        xaxis={**_AXIS, **_TIME, "showgrid": False},
        yaxis={**_AXIS, "rangemode": "tozero", "title": {**_AXIS["title"], "text": unit}},
        # Kept over refreshes: zoom and hidden series survive the next answer.
        uirevision="kept",
    )
    return figure


def _nothing(why: str) -> Figure:
    return {"data": [], "layout": {}, "live": False, "empty": why}


def _json(figure: go.Figure, *, live: bool, some: bool) -> Figure:
    plain = figure.to_plotly_json()
    layout = {key: value for key, value in plain["layout"].items() if key != "template"}
    data = list(plain["data"]) if some else []
    return {"data": data, "layout": layout, "live": live, "empty": "There is no data available."}


def _moment(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d %H:%M:%S")
