"""Evaluation: a labelled test set sent to each variant of an endpoint, and what came of it."""

from django.db import models
from django.utils import timezone

from endpoints.evaluation.statuses import OVER, EvaluationStatus
from endpoints.models.endpoint import Endpoint


class Evaluation(models.Model):
    """Team and region are the endpoint's. evaluation/lifecycle.py alone writes the status."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="evaluations")
    #: 1, 2, 3, ... of its endpoint.
    number = models.PositiveIntegerField()
    status = models.CharField(
        max_length=16,
        choices=[(s.value, s.value) for s in EvaluationStatus],
        default=EvaluationStatus.PENDING,
    )
    #: A CSV in a bucket of the team, and what it was when the evaluation was asked for.
    test_set_uri = models.CharField(max_length=2048)
    test_set_etag = models.CharField(max_length=128, blank=True)
    label_column = models.CharField(max_length=256)
    has_header = models.BooleanField(default=False)
    positive_label = models.CharField(max_length=64, default="1")
    #: A row is called positive when its score is this or more.
    threshold = models.FloatField(default=0.5)
    rows_per_invocation = models.PositiveIntegerField(default=1)
    rows = models.PositiveIntegerField(default=0)
    positives = models.PositiveIntegerField(default=0)
    #: Rows that every variant answered: all figures stand on these.
    common_rows = models.PositiveIntegerField(default=0)
    #: Each pair of variants, as comparison.Pair has it.
    pairs = models.JSONField(default=list, blank=True)
    failure_reason = models.TextField(blank=True)
    #: variant, row, payload, status and answer of what ended it, where an answer did.
    failure = models.JSONField(null=True, blank=True)
    #: Who is at it, and until when others keep off; see evaluation/lease.py.
    attempt_id = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    #: Raised with every change that a page must notice.
    revision = models.PositiveIntegerField(default=0)
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "number"], name="one_evaluation_number")
        ]
        indexes = [models.Index(fields=["status"])]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.endpoint.name}/{self.number}"

    @property
    def is_over(self) -> bool:
        return self.status in OVER


class EvaluationResult(models.Model):
    """One variant's part. The figures are there once the evaluation is completed."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="results")
    variant = models.CharField(max_length=63)
    model_name = models.CharField(max_length=64)
    rows_done = models.PositiveIntegerField(default=0)
    rows_failed = models.PositiveIntegerField(default=0)
    #: The first few rows that were not answered: row, payload, status, answer, reason.
    failures = models.JSONField(default=list, blank=True)
    #: measure -> {"value", "low", "high"}; quality.Quality says what each is.
    figures = models.JSONField(default=dict, blank=True)
    #: true_negatives, false_positives, false_negatives, true_positives.
    confusion = models.JSONField(default=dict, blank=True)
    #: [false positive rate, true positive rate, threshold] of the ROC curve.
    curve = models.JSONField(default=list, blank=True)
    labels_only = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "variant"], name="one_evaluation_variant")
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.evaluation_id}/{self.variant}"


class EvaluationBatch(models.Model):
    """Scores of some successive rows of one variant, null where a row was not answered. What a
    killed worker had written is not sent again."""

    result = models.ForeignKey(EvaluationResult, on_delete=models.CASCADE, related_name="batches")
    first_row = models.PositiveIntegerField()
    scores = models.JSONField()

    class Meta:
        verbose_name_plural = "evaluation batches"
        constraints = [
            models.UniqueConstraint(fields=["result", "first_row"], name="one_evaluation_batch")
        ]
        ordering = ["first_row"]

    def __str__(self) -> str:
        return f"{self.result_id} from {self.first_row}"


class EvaluationEvent(models.Model):
    """Written with each transition, and when something worth telling happens between them."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    from_status = models.CharField(max_length=16, blank=True)
    to_status = models.CharField(max_length=16, blank=True)
    message = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.from_status} -> {self.to_status} {self.message}"
