"""An evaluation's rows as the pure modules' values: its verdict, and predictions as CSV."""

import csv
import io
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from endpoints.evaluation import batches, verdict
from endpoints.evaluation.comparison import Compared, Pair
from endpoints.evaluation.statuses import EvaluationStatus
from endpoints.evaluation.verdict import MEASURES, Verdict
from endpoints.models import Evaluation


def pairs_of(evaluation: Evaluation) -> list[Pair]:
    return [
        Pair(
            kept["first"],
            kept["second"],
            Compared(**kept["accuracy"]),
            Compared(**kept["auc"]),
        )
        for kept in evaluation.pairs
    ]


def verdict_of(evaluation: Evaluation) -> Verdict | None:
    """None until it is completed."""
    if evaluation.status != EvaluationStatus.COMPLETED:
        return None
    figures = {
        result.variant: {name: result.figures[name]["value"] for name in MEASURES}
        for result in evaluation.results.all()
    }
    return verdict.decide(figures, pairs_of(evaluation))


def predictions(evaluation: Evaluation) -> Iterator[str]:
    """CSV lines: the row's number from 0, and each variant's score; empty where there is none."""
    results = list(evaluation.results.all())
    yield _line(["row", *(result.variant for result in results)])
    columns = [batches.all_scores(result) for result in results]
    for number, scores in enumerate(zip_longest(*columns)):
        yield _line([number, *("" if score is None else score for score in scores)])


def _line(values: list[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(values)
    return out.getvalue()
