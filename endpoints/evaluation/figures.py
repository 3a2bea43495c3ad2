"""The ROC curves of an evaluation as one Plotly figure in plain JSON, coloured by tokens."""

from typing import Any, Final

from endpoints.evaluation.statuses import EvaluationStatus
from endpoints.models import Evaluation, EvaluationResult

Figure = dict[str, Any]

_TEXT: Final = "var(--text-secondary)"
_GRID: Final = "var(--divider-soft)"
_COLOURS: Final = 8


def roc(evaluation: Evaluation) -> Figure:
    """A curve for each variant, its point at the threshold, and the diagonal of chance."""
    results = [one for one in evaluation.results.all() if one.curve]
    data = [_chance()] if results else []
    for number, result in enumerate(results):
        colour = f"var(--chart-{number % _COLOURS + 1})"
        data += [_curve(result, colour), _at_threshold(evaluation, result, colour)]
    completed = evaluation.status == EvaluationStatus.COMPLETED
    return {
        "data": data,
        "layout": _layout(),
        "live": not evaluation.is_over,
        "empty": "The test set has rows of one class only: there is no curve."
        if completed
        else "There is no data available.",
    }


def _curve(result: EvaluationResult, colour: str) -> Figure:
    area = result.figures["auc"]["value"]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"{result.variant}, AUC {area:.4f}",
        "x": [point[0] for point in result.curve],
        "y": [point[1] for point in result.curve],
        "customdata": ["-" if point[2] is None else f"{point[2]:.4g}" for point in result.curve],
        "line": {"color": colour, "width": 2},
        "hovertemplate": "finds %{y:.1%}, false alarms %{x:.1%}<br>threshold %{customdata}"
        f"<extra>{result.variant}</extra>",
    }


def _at_threshold(evaluation: Evaluation, result: EvaluationResult, colour: str) -> Figure:
    counts = result.confusion
    negative = counts["false_positives"] + counts["true_negatives"]
    positive = counts["true_positives"] + counts["false_negatives"]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{result.variant} at {evaluation.threshold:g}",
        "x": [counts["false_positives"] / negative],
        "y": [counts["true_positives"] / positive],
        "marker": {
            "color": colour,
            "size": 10,
            "line": {"color": "var(--container)", "width": 2},
        },
        "showlegend": False,
        "hovertemplate": "finds %{y:.1%}, false alarms %{x:.1%}"
        f"<extra>{result.variant} at {evaluation.threshold:g}</extra>",
    }


def _chance() -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "Chance",
        "x": [0, 1],
        "y": [0, 1],
        "line": {"color": "var(--divider)", "width": 1.5, "dash": "dash"},
        "hoverinfo": "skip",
    }


def _layout() -> Figure:
    axis = {
        "range": [-0.01, 1.01],
        "tickformat": ".0%",
        "gridcolor": _GRID,
        "linecolor": _GRID,
        "zeroline": False,
        "automargin": True,
        "tickfont": {"color": _TEXT, "size": 11},
    }
    return {
        "margin": {"l": 8, "r": 8, "t": 12, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "Open Sans, Helvetica, Arial, sans-serif", "size": 12, "color": _TEXT},
        "showlegend": True,
        "legend": {"x": 0.98, "y": 0.04, "xanchor": "right", "font": {"color": _TEXT}},
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": "var(--container)", "font": {"color": "var(--text)"}},
        "xaxis": {**axis, "title": _title("False positive rate")},
        "yaxis": {**axis, "title": _title("True positive rate (recall)")},
        "uirevision": "kept",
    }


def _title(text: str) -> Figure:
    return {"text": text, "font": {"color": _TEXT, "size": 11}, "standoff": 8}
