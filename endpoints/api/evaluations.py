"""REST: evaluations of an endpoint: start, list, read, stop, delete, and the predictions."""

from dataclasses import asdict
from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from consoleapp.accounts.authentication import actor_of
from endpoints import evaluations, queries
from endpoints.api.listing import cleaned, listed
from endpoints.evaluation import reading
from endpoints.evaluation.plan import MAX_ROWS_PER_INVOCATION, Plan
from endpoints.models import Evaluation, EvaluationEvent, EvaluationResult

_TAGS: Final = ["evaluations"]


class CreateEvaluation(serializers.Serializer[Any]):
    test_set_uri = serializers.CharField(help_text="s3://bucket/key of a CSV with a label column")
    label_column = serializers.CharField(
        default="0", help_text="A header's name, or a number from 0; -1 is the last column"
    )
    has_header = serializers.BooleanField(default=False)
    positive_label = serializers.CharField(default="1")
    threshold = serializers.FloatField(
        default=0.5, help_text="A row is called positive from this score on"
    )
    rows_per_invocation = serializers.IntegerField(
        default=1, min_value=1, max_value=MAX_ROWS_PER_INVOCATION
    )
    variants = serializers.ListField(
        child=serializers.CharField(), default=list, help_text="All that take traffic unless named"
    )


class EvaluationResultRow(serializers.ModelSerializer[EvaluationResult]):
    class Meta:
        model = EvaluationResult
        fields = ("variant", "model_name", "rows_done", "rows_failed", "figures", "confusion")


class EvaluationResultDetail(EvaluationResultRow):
    class Meta(EvaluationResultRow.Meta):
        fields = (*EvaluationResultRow.Meta.fields, "curve", "failures", "labels_only")  # type: ignore[assignment]


class EvaluationEventRow(serializers.ModelSerializer[EvaluationEvent]):
    class Meta:
        model = EvaluationEvent
        fields = ("at", "from_status", "to_status", "message")


_ROW: Final = (
    *("number", "status", "test_set_uri", "label_column", "has_header", "positive_label"),
    *("threshold", "rows_per_invocation", "rows", "positives", "common_rows", "failure_reason"),
    *("created_by", "created_at", "started_at", "completed_at", "results"),
)


class EvaluationRow(serializers.ModelSerializer[Evaluation]):
    results = EvaluationResultRow(many=True)

    class Meta:
        model = Evaluation
        fields = _ROW


class EvaluationDetail(serializers.ModelSerializer[Evaluation]):
    """`pairs`: first minus second, p-values before and after Holm's adjustment."""

    results = EvaluationResultDetail(many=True)
    events = EvaluationEventRow(many=True)
    verdict = serializers.SerializerMethodField()

    class Meta:
        model = Evaluation
        fields = (*_ROW, "failure", "pairs", "verdict", "events")

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_verdict(self, row: Evaluation) -> dict[str, Any] | None:
        found = reading.verdict_of(row)
        return asdict(found) if found else None


@extend_schema(
    methods=["GET"],
    summary="List the evaluations of an endpoint, newest first",
    tags=_TAGS,
    responses=EvaluationRow(many=True),
)
@extend_schema(
    methods=["POST"],
    summary="Send a labelled test set to each variant and compare them",
    tags=_TAGS,
    request=CreateEvaluation,
    responses={201: EvaluationDetail},
)
@api_view(["GET", "POST"])
def endpoint_evaluations(request: Request, name: str) -> Response:
    actor = actor_of(request)
    if request.method == "GET":
        return listed(request, evaluations.listed(actor, name), EvaluationRow)
    queries.endpoint(actor, name)
    given = cleaned(request, CreateEvaluation)
    variants = given.pop("variants")
    made = evaluations.create(actor, endpoint_name=name, plan=Plan(**given), variants=variants)
    return Response(EvaluationDetail(made).data, status=201)


@extend_schema(
    methods=["GET"],
    summary="Read an evaluation with its figures, curves, tests and verdict",
    tags=_TAGS,
    responses=EvaluationDetail,
)
@extend_schema(
    methods=["DELETE"],
    summary="Delete an evaluation that is over",
    tags=_TAGS,
    responses={204: None},
)
@api_view(["GET", "DELETE"])
def evaluation(request: Request, name: str, number: int) -> Response:
    actor = actor_of(request)
    if request.method == "DELETE":
        evaluations.delete(actor, endpoint_name=name, number=number)
        return Response(status=204)
    return Response(EvaluationDetail(evaluations.found(actor, name, number)).data)


@extend_schema(
    summary="Stop an evaluation; one that is over stays as it is",
    tags=_TAGS,
    request=None,
    responses=EvaluationDetail,
)
@api_view(["POST"])
def stop(request: Request, name: str, number: int) -> Response:
    stopped = evaluations.stop(actor_of(request), endpoint_name=name, number=number)
    return Response(EvaluationDetail(stopped).data)
