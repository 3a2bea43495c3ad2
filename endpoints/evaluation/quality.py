"""What one variant's scores are worth against the labels: figures, intervals, curve. Pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from sklearn import metrics

from endpoints.evaluation import delong, intervals
from endpoints.evaluation.delong import Flags, Floats
from endpoints.evaluation.intervals import UNKNOWN, Estimate

#: A drawn curve of more points looks the same.
CURVE_POINTS: Final = 400


@dataclass(frozen=True, slots=True)
class Confusion:
    """Rows by what they are and what they were called."""

    true_negatives: int
    false_positives: int
    false_negatives: int
    true_positives: int


@dataclass(frozen=True, slots=True)
class Quality:
    """`labels_only`: the model answered 0 and 1 alone, so its curve has a single corner."""

    rows: int
    confusion: Confusion
    accuracy: Estimate
    precision: Estimate
    recall: Estimate
    f1: Estimate
    auc: Estimate
    #: (false positive rate, true positive rate, threshold); the first threshold is None.
    curve: list[tuple[float, float, float | None]]
    labels_only: bool


def called_positive(scores: Floats, threshold: float) -> Flags:
    """A row is called positive from the threshold on, the threshold included."""
    return scores >= threshold


def measure(positives: Flags, scores: Floats, threshold: float) -> Quality:
    """Counts, AUC and curve by scikit-learn, intervals by `intervals`. Needs a row."""
    called = called_positive(scores, threshold)
    tn, fp, fn, tp = (
        int(count) for count in metrics.confusion_matrix(positives, called, labels=[0, 1]).ravel()
    )
    return Quality(
        rows=len(scores),
        confusion=Confusion(tn, fp, fn, tp),
        accuracy=intervals.wilson(tp + tn, len(scores)),
        # Undefined where nothing was called positive, or nothing is: not 0, as scikit-learn has it.
        precision=intervals.wilson(tp, tp + fp),
        recall=intervals.wilson(tp, tp + fn),
        f1=intervals.f1(tp, fp, fn),
        auc=_auc(positives, scores),
        curve=_curve(positives, scores),
        labels_only=bool(np.isin(scores, (0.0, 1.0)).all()),
    )


def _auc(positives: Flags, scores: Floats) -> Estimate:
    count = int(positives.sum())
    if count in {0, len(positives)}:
        return UNKNOWN
    value = float(metrics.roc_auc_score(positives, scores))
    try:
        variance = float(delong.areas(positives, scores[np.newaxis, :]).covariance[0, 0])
    except ValueError:
        return Estimate(value)
    if variance <= 0 or value in {0.0, 1.0}:
        return intervals.auc_score(value, count, len(positives) - count)
    return intervals.logit(value, variance)


def _curve(positives: Flags, scores: Floats) -> list[tuple[float, float, float | None]]:
    if positives.all() or not positives.any():
        return []
    false_rate, true_rate, thresholds = metrics.roc_curve(positives, scores)
    keep = np.unique(np.linspace(0, len(thresholds) - 1, CURVE_POINTS).round().astype(int))
    return [
        (float(x), float(y), float(t) if np.isfinite(t) else None)
        for x, y, t in zip(false_rate[keep], true_rate[keep], thresholds[keep], strict=True)
    ]
