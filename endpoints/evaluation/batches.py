"""Which rows of which variant are still to be sent, and what came back of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F

from endpoints.evaluation import lease
from endpoints.models import Evaluation, EvaluationBatch, EvaluationResult

ROWS: Final = 64
_SAMPLES: Final = 5


@dataclass(frozen=True, slots=True)
class Batch:
    result: EvaluationResult
    first_row: int
    rows: int


@dataclass(frozen=True, slots=True)
class Scored:
    """A score for each row, None where there was none; a failure for each of those."""

    scores: Sequence[float | None]
    failures: Sequence[dict[str, Any]]


def missing(evaluation: Evaluation, rows: int) -> Iterator[Batch]:
    """In turn over the variants, so that all advance together."""
    results = list(evaluation.results.all())
    lists = [_missing_of(result, rows) for result in results]
    for turn in zip_longest(*lists):
        yield from (batch for batch in turn if batch is not None)


def keep(evaluation: Evaluation, batch: Batch, scored: Scored) -> None:
    """Writes one batch, once. Raises Fenced when the evaluation is another's now."""
    result = batch.result
    room = max(0, _SAMPLES - len(result.failures))
    result.failures = [*result.failures, *scored.failures[:room]]
    failed = sum(score is None for score in scored.scores)
    try:
        with transaction.atomic():
            if not lease.mine(evaluation).update(revision=F("revision") + 1):
                raise lease.Fenced
            EvaluationBatch.objects.create(
                result=result, first_row=batch.first_row, scores=list(scored.scores)
            )
            EvaluationResult.objects.filter(pk=result.pk).update(
                rows_done=F("rows_done") + batch.rows,
                rows_failed=F("rows_failed") + failed,
                failures=result.failures,
            )
    except IntegrityError:
        # Its endpoint went, and all of it; or another attempt was quicker.
        raise lease.Fenced from None


def all_scores(result: EvaluationResult) -> list[float | None]:
    """Row by row, as far as they are there."""
    kept = EvaluationBatch.objects.filter(result=result).order_by("first_row")
    return [score for scores in kept.values_list("scores", flat=True) for score in scores]


def _missing_of(result: EvaluationResult, rows: int) -> list[Batch]:
    kept = EvaluationBatch.objects.filter(result=result).values_list("first_row", flat=True)
    done = set(kept)
    return [
        Batch(result, first, min(ROWS, rows - first))
        for first in range(0, rows, ROWS)
        if first not in done
    ]
