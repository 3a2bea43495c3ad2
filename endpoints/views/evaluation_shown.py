"""An evaluation as its page shows it: progress, figures side by side, tests, matrices, failures."""

from typing import Any, Final

from django.utils import timezone

from endpoints.evaluation import reading
from endpoints.evaluation.comparison import Compared
from endpoints.evaluation.statuses import EvaluationStatus
from endpoints.evaluation.verdict import p_value
from endpoints.models import Evaluation, EvaluationResult

_NAMES: Final = {
    "accuracy": ("Accuracy", "Rows called right"),
    "precision": ("Precision", "Right among the rows called positive"),
    "recall": ("Recall", "Found among the positive rows"),
    "f1": ("F1", "Harmonic mean of precision and recall"),
    "auc": ("ROC AUC", "A positive row outscores a negative one"),
}


def shown(evaluation: Evaluation) -> dict[str, Any]:
    results = list(evaluation.results.all())
    completed = evaluation.status == EvaluationStatus.COMPLETED
    return {
        "evaluation": evaluation,
        "results": results,
        "completed": completed,
        "settings": _settings(evaluation),
        "progress": [_progress(evaluation, result) for result in results],
        "left_s": _left_s(evaluation, results),
        "verdict": reading.verdict_of(evaluation),
        "measures": _measures(results) if completed else [],
        "tests": _tests(evaluation) if completed else [],
        "matrices": [_matrix(evaluation, result) for result in results] if completed else [],
        "left_out": evaluation.rows - evaluation.common_rows if completed else 0,
        "labels_only": [result.variant for result in results if result.labels_only],
        "failures": [{**one, "variant": r.variant} for r in results for one in r.failures],
        "events": list(evaluation.events.order_by("-id")[:50]),
    }


def _settings(evaluation: Evaluation) -> list[dict[str, Any]]:
    share = evaluation.positives / evaluation.rows if evaluation.rows else 0
    header = "with a header" if evaluation.has_header else "without a header"
    return [
        {"label": "Test set", "value": evaluation.test_set_uri, "copy": True, "hint": header},
        {
            "label": "Rows",
            "value": f"{evaluation.rows:,}",
            "hint": f"{evaluation.positives:,} positive ({share:.1%})",
        },
        {
            "label": "Label column",
            "value": evaluation.label_column,
            "hint": f"positive is '{evaluation.positive_label}'",
        },
        {
            "label": "Threshold",
            "value": f"{evaluation.threshold:g}",
            "hint": "positive from this score on",
        },
        {"label": "Rows per invocation", "value": evaluation.rows_per_invocation},
        {"label": "Started by", "value": evaluation.created_by},
        {
            "label": "Creation time",
            "value": f"{evaluation.created_at:%b %d, %Y, %H:%M:%S} UTC",
        },
    ]


def _progress(evaluation: Evaluation, result: EvaluationResult) -> dict[str, Any]:
    return {
        "result": result,
        "answered": result.rows_done - result.rows_failed,
        "of": evaluation.rows,
    }


def _left_s(evaluation: Evaluation, results: list[EvaluationResult]) -> float | None:
    """By the rate so far; None while there is none."""
    done = sum(result.rows_done for result in results)
    if evaluation.status != EvaluationStatus.IN_PROGRESS or not done or not evaluation.started_at:
        return None
    elapsed_s = (timezone.now() - evaluation.started_at).total_seconds()
    return elapsed_s * (evaluation.rows * len(results) - done) / done


def _measures(results: list[EvaluationResult]) -> list[dict[str, Any]]:
    return [
        {"name": name, "hint": hint, "cells": _cells(measure, results)}
        for measure, (name, hint) in _NAMES.items()
    ]


def _cells(measure: str, results: list[EvaluationResult]) -> list[dict[str, Any]]:
    cells = [dict(result.figures[measure]) for result in results]
    known = [cell["value"] for cell in cells if cell["value"] is not None]
    leaders = [cell for cell in cells if known and cell["value"] == max(known)]
    for cell in cells:
        cell["best"] = len(cells) > 1 and len(leaders) == 1 and cell is leaders[0]
    return cells


def _tests(evaluation: Evaluation) -> list[dict[str, Any]]:
    rows = []
    for pair in reading.pairs_of(evaluation):
        names = f"{pair.first} - {pair.second}"
        rows.append(_test(names, "Accuracy", "McNemar's exact test", pair.accuracy))
        rows.append(_test(names, "ROC AUC", "DeLong's test", pair.auc))
    return rows


def _test(names: str, figure: str, test: str, found: Compared) -> dict[str, Any]:
    return {
        "names": names,
        "figure": figure,
        "test": test,
        "difference": f"{found.difference:+.4f}" if found.p is not None else None,
        "p": p_value(found.p).removeprefix("= "),
        "adjusted_p": p_value(found.adjusted_p).removeprefix("= "),
        "tested": found.p is not None,
        "significant": found.significant,
    }


def _matrix(evaluation: Evaluation, result: EvaluationResult) -> dict[str, Any]:
    counts = result.confusion
    positive = counts["true_positives"] + counts["false_negatives"]
    negative = counts["true_negatives"] + counts["false_positives"]
    return {
        "variant": result.variant,
        "rows": [
            {
                "label": "Positive",
                "cells": [
                    _share(counts["true_positives"], positive, right=True),
                    _share(counts["false_negatives"], positive, right=False),
                ],
                "total": positive,
            },
            {
                "label": "Negative",
                "cells": [
                    _share(counts["false_positives"], negative, right=False),
                    _share(counts["true_negatives"], negative, right=True),
                ],
                "total": negative,
            },
        ],
    }


def _share(count: int, of: int, *, right: bool) -> dict[str, Any]:
    return {"count": count, "share": count / of if of else None, "right": right}
