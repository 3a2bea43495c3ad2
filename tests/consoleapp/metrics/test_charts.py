"""Figures of series over time."""

from consoleapp.metrics.charts import Line, line_of, lines
from consoleapp.metrics.queries import Point


def test_a_silent_period_breaks_the_line() -> None:
    figure = lines([Line("a", [(0, 1.0), (60, 2.0), (240, 3.0)])], period_s=60, unit="ms")
    assert figure["data"][0]["y"] == [1.0, 2.0, None, 3.0]
    assert figure["data"][0]["x"][2] == "1970-01-01 00:02:00"


def test_several_lines_have_a_legend_and_their_own_colours() -> None:
    figure = lines([Line(n, [(0, 1.0)]) for n in ("a", "b")], period_s=1, unit="")
    assert figure["layout"]["showlegend"]
    assert [trace["line"]["color"] for trace in figure["data"]] == [
        "var(--chart-1)",
        "var(--chart-2)",
    ]


def test_a_threshold_is_drawn_and_named() -> None:
    layout = lines([], period_s=1, unit="", threshold=5)["layout"]
    assert layout["shapes"][0]["y1"] == 5
    assert layout["annotations"][0]["text"] == "threshold 5"


def test_a_line_is_made_of_points() -> None:
    points = [Point(0, {"p99": 1.0, "Sum": 9.0}), Point(60, {"p99": None, "Sum": 0.0})]
    assert line_of("x", points, "p99").values == [(0, 1.0), (60, None)]


def test_a_long_name_is_short_in_the_legend_and_whole_when_pointed_at() -> None:
    name = f"{'v' * 63} p99"
    (trace,) = lines([Line(name, [(0, 1.0)])], period_s=1, unit="ms")["data"]
    assert trace["name"] == f"{'v' * 14}…{'v' * 9} p99"
    assert f"<extra>{name}</extra>" in trace["hovertemplate"]
