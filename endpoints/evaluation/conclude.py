"""Makes figures, tests and curves out of the scores of all variants, and ends the evaluation."""

from dataclasses import asdict
from typing import Any

import numpy as np
from django.db import transaction

from consoleapp.accounts.errors import ValidationFailed
from endpoints.evaluation import batches, comparison, lease, lifecycle, quality
from endpoints.evaluation.delong import Floats
from endpoints.evaluation.labelled import Labelled
from endpoints.evaluation.quality import Quality
from endpoints.evaluation.statuses import EvaluationStatus
from endpoints.evaluation.verdict import MEASURES
from endpoints.models import Evaluation, EvaluationResult


def conclude(evaluation: Evaluation, test_set: Labelled) -> None:
    """All figures stand on the rows that every variant answered. Raises ValidationFailed when
    there is no such row, Fenced when the evaluation is another's now."""
    results = list(evaluation.results.all())
    scores = {
        result.variant: np.array(batches.all_scores(result), dtype=np.float64) for result in results
    }
    answered = np.all([np.isfinite(values) for values in scores.values()], axis=0)
    if not answered.any():
        raise ValidationFailed("No row was answered by every variant: nothing can be compared.")
    positives = np.array(test_set.positives)[answered]
    common: dict[str, Floats] = {name: values[answered] for name, values in scores.items()}
    pairs = comparison.pairs(positives, common, evaluation.threshold)
    with transaction.atomic():
        for result in results:
            found = quality.measure(positives, common[result.variant], evaluation.threshold)
            _write(result, found)
        moved = lifecycle.transition(
            evaluation,
            EvaluationStatus.COMPLETED,
            message=f"Compared on {int(answered.sum()):,} of {len(test_set):,} rows",
            common_rows=int(answered.sum()),
            pairs=[asdict(pair) for pair in pairs],
        )
        if not moved:
            # Stopped meanwhile, or another's: what was written goes back.
            raise lease.Fenced


def _write(result: EvaluationResult, found: Quality) -> None:
    figures: dict[str, Any] = {name: asdict(getattr(found, name)) for name in MEASURES}
    EvaluationResult.objects.filter(pk=result.pk).update(
        figures=figures,
        confusion=asdict(found.confusion),
        curve=[list(point) for point in found.curve],
        labels_only=found.labels_only,
    )
