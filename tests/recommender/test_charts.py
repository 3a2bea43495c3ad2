"""Figures: plain JSON, gaps that stay gaps, an axis from zero, colours by token."""

import json
from typing import Any

import pytest

from recommender import charts
from recommender.charts import Line, Mark, Spot

POINTS = [(100, 1.0), (101, None), (102, 3.0)]


def every_text(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in every_text(inner)]
    if isinstance(value, list | tuple):
        return [text for inner in value for text in every_text(inner)]
    return [value] if isinstance(value, str) else []


def figures() -> list[charts.Figure]:
    line = Line("p99", POINTS, 2, "ms")
    spot = Spot("ml.c5.large", 0.5, 3.0, 1000, on_front=True, best=True)
    return [
        charts.lines([line], unit="ms", threshold=50.0),
        charts.invocations(line, Line("Users", [(100, 1.0)], 5), mark=Mark(102, 3.0, "here")),
        charts.trade_off([spot], cost="dollars"),
        charts.traffic_preview(
            {
                "TrafficType": "STAIRS",
                "Stairs": {"DurationInSeconds": 240, "NumberOfSteps": 2, "UsersPerStep": 2},
            }
        ),
    ]


@pytest.mark.parametrize("figure", figures())
def test_a_figure_is_plain_json_with_colours_by_token(figure: charts.Figure) -> None:
    assert json.loads(json.dumps(figure))["data"]
    assert not [text for text in every_text(figure) if text.startswith("#")]
    assert any(text.startswith("var(--chart-") for text in every_text(figure["data"]))


@pytest.mark.parametrize("figure", figures())
def test_the_value_axis_begins_at_zero(figure: charts.Figure) -> None:
    assert figure["layout"]["yaxis"]["rangemode"] == "tozero"


def test_a_missing_second_stays_a_gap() -> None:
    (trace,) = charts.lines([Line("CPU", POINTS, 1)], unit="%")["data"]
    assert list(trace["y"]) == [1.0, None, 3.0]
    assert trace["connectgaps"] is False
    assert trace["x"][0] == "1970-01-01 00:01:40"


def test_one_series_has_no_legend_and_two_have_one() -> None:
    line = Line("p50", POINTS, 1)
    assert charts.lines([line], unit="ms")["layout"]["showlegend"] is False
    assert charts.lines([line, line], unit="ms")["layout"]["showlegend"] is True


def test_a_threshold_is_a_dashed_line_with_its_value() -> None:
    layout = charts.lines([Line("p99", POINTS, 1)], unit="ms", threshold=50.0)["layout"]
    (shape,) = layout["shapes"]
    assert (shape["y0"], shape["y1"], shape["line"]["dash"]) == (50.0, 50.0, "dash")
    assert layout["annotations"][0]["text"] == "threshold 50 ms"


def test_the_users_have_an_axis_of_their_own_and_the_mark_its_text() -> None:
    users = Line("Users", [(100, 4.0)], 5)
    mark = Mark(102, 3.0, "levels off: 3 per minute")
    figure = charts.invocations(Line("Invocations", POINTS, 1), users, mark=mark)
    assert {trace.get("yaxis") for trace in figure["data"][:2]} == {"y", "y2"}
    assert figure["layout"]["annotations"][0]["text"] == "levels off: 3 per minute"
    assert figure["layout"]["shapes"][0]["x0"] == "1970-01-01 00:01:42"


def test_the_marks_words_stay_inside_the_test() -> None:
    users = Line("Users", [(100, 4.0)], 5)
    for second, anchor in ((100, "left"), (102, "right")):
        mark = Mark(second, 3.0, "a long sentence")
        layout = charts.invocations(Line("Invocations", POINTS, 1), users, mark=mark)["layout"]
        assert layout["annotations"][0]["xanchor"] == anchor
        assert list(layout["xaxis"]["range"]) == ["1970-01-01 00:01:40", "1970-01-01 00:01:42"]


def test_without_samples_the_figure_is_empty_and_may_still_be_live() -> None:
    figure = charts.lines([Line("p99", [], 1)], unit="ms", live=True)
    assert figure["data"] == []
    assert figure["live"] is True
    assert figure["empty"]


def test_the_preview_shows_users_in_minutes() -> None:
    phases = [{"InitialNumberOfUsers": 1, "SpawnRate": 2, "DurationInSeconds": 120}]
    (trace,) = charts.traffic_preview({"TrafficType": "PHASES", "Phases": phases})["data"]
    assert list(trace["x"]) == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert list(trace["y"]) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("pattern", [{}, {"TrafficType": "PHASES", "Phases": [{}]}])
def test_a_pattern_that_makes_no_sense_says_why_instead(pattern: dict[str, Any]) -> None:
    figure = charts.traffic_preview(pattern)
    assert figure["data"] == []
    assert "must" in figure["empty"]


def test_the_front_is_joined_in_order_of_cost_and_the_best_stands_out() -> None:
    spots = [
        Spot("dear", 2.0, 1.0, 900, on_front=True, best=False),
        Spot("cheap", 1.0, 5.0, 900, on_front=True, best=True),
        Spot("neither", 3.0, 9.0, 100, on_front=False, best=False),
    ]
    front, *groups = charts.trade_off(spots, cost="dollars")["data"]
    assert list(front["x"]) == [1.0, 2.0]
    assert [(g["name"], list(g["text"])) for g in groups] == [
        ("Best for you", ["cheap"]),
        ("On the front", ["dear"]),
        ("Others", ["neither"]),
    ]


def test_only_the_results_to_choose_from_are_named_in_the_plane() -> None:
    best = Spot("best", 1.0, 1.0, 9, on_front=True, best=True)
    other = Spot("other", 2.0, 2.0, 9, on_front=False, best=False)
    figure = charts.trade_off([best, other], cost="dollars")
    assert [trace["mode"] for trace in figure["data"][1:]] == ["markers+text", "markers"]
    assert figure["layout"]["xaxis"]["rangemode"] == "tozero"


def test_a_moment_that_is_pointed_at_has_its_zone_and_a_number_no_exponent() -> None:
    figure = charts.lines([Line("Invocations", POINTS, 1, "per minute")], unit="per minute")
    assert figure["layout"]["xaxis"]["hoverformat"].endswith("UTC")
    assert figure["data"][0]["hovertemplate"].startswith("%{y:,.5~r} per minute")


def test_a_circle_grows_with_throughput() -> None:
    small = Spot("small", 1.0, 1.0, 100, on_front=False, best=False)
    large = Spot("large", 2.0, 2.0, 400, on_front=False, best=False)
    others = charts.trade_off([small, large], cost="dollars")["data"][-1]
    sizes = dict(zip(others["text"], others["marker"]["size"], strict=True))
    assert (sizes["large"] - 10) == pytest.approx(2 * (sizes["small"] - 10))


@pytest.mark.parametrize(
    "pattern",
    [
        {
            "TrafficType": "PHASES",
            "Phases": [{"InitialNumberOfUsers": 1, "SpawnRate": 10**9, "DurationInSeconds": 3600}],
        },
        {
            "TrafficType": "STAIRS",
            "Stairs": {"DurationInSeconds": 240, "NumberOfSteps": 10**12, "UsersPerStep": 1},
        },
    ],
)
def test_a_traffic_of_countless_users_is_not_drawn(pattern: dict[str, Any]) -> None:
    figure = charts.traffic_preview(pattern)
    assert figure["data"] == []
    assert figure["empty"].endswith("users are too many to draw.")


@pytest.mark.parametrize(("users", "step"), [(2, 1), (5, 1), (6, None), (200, None)])
def test_users_are_ticked_at_whole_numbers(users: int, step: int | None) -> None:
    rate, overlay = Line("Invocations", [(0, 9.0)], 1), Line("Users", [(0, float(users))], 5)
    assert charts.invocations(rate, overlay)["layout"]["yaxis2"].get("dtick") == step
    phase = {"InitialNumberOfUsers": users, "SpawnRate": 0, "DurationInSeconds": 60}
    figure = charts.traffic_preview({"TrafficType": "PHASES", "Phases": [phase]})
    assert figure["layout"]["yaxis"].get("dtick") == step
