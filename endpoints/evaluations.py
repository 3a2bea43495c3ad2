"""Services for evaluations: labelled rows sent to each variant of an endpoint, and compared."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from django.db import transaction
from django.db.models import Max, Prefetch, QuerySet

from consoleapp.accounts import audit
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError, InUse, NotFound, ValidationFailed
from consoleapp.accounts.locks import lock_team
from consoleapp.accounts.models import Role
from consoleapp.storage import s3
from endpoints import queries
from endpoints.evaluation import labelled, lifecycle
from endpoints.evaluation.labelled import Labelled
from endpoints.evaluation.plan import Plan
from endpoints.evaluation.statuses import OVER, EvaluationStatus
from endpoints.models import Endpoint, Evaluation, EvaluationResult, Variant
from endpoints.statuses import EndpointStatus

_SERVING: Final = {EndpointStatus.IN_SERVICE, EndpointStatus.UPDATING}


def create(
    actor: Actor, *, endpoint_name: str, plan: Plan, variants: Sequence[str] = ()
) -> Evaluation:
    """Reads and checks the test set, then queues the work; the answer's status is PENDING.

    `variants`: all that take traffic unless named. Raises ValidationFailed with the member at
    fault, InUse while another evaluation of the endpoint is under way.
    """
    actor.must(Role.OPERATOR)
    endpoint = queries.endpoint(actor, endpoint_name)
    chosen = _variants(endpoint, variants)
    plan.check()
    etag, test_set = _read(actor, plan)
    with transaction.atomic():
        lock_team(actor)
        _check_alone(endpoint)
        last = Evaluation.objects.filter(endpoint=endpoint).aggregate(n=Max("number"))["n"]
        made = Evaluation.objects.create(
            endpoint=endpoint,
            number=(last or 0) + 1,
            test_set_etag=etag,
            rows=len(test_set),
            positives=sum(test_set.positives),
            created_by=actor.user.username if actor.user else "the console",
            **asdict(plan),
        )
        EvaluationResult.objects.bulk_create(
            EvaluationResult(evaluation=made, variant=one.name, model_name=one.model.name)
            for one in chosen
        )
        lifecycle.created(made)
        audit.record(
            actor,
            "CreateEvaluation",
            endpoint.arn,
            number=made.number,
            test_set=plan.test_set_uri,
        )
    return made


def upload_test_set(actor: Actor, *, endpoint_name: str, filename: str, content: bytes) -> str:
    """Keeps a CSV in the team's default bucket; answers its s3:// address."""
    actor.must(Role.OPERATOR)
    endpoint = queries.endpoint(actor, endpoint_name)
    if len(content) > labelled.MAX_BYTES:
        raise ValidationFailed(
            f"The file is larger than {labelled.MAX_BYTES // 2**20} MiB.", field="test_set_uri"
        )
    word = re.sub(r"[^A-Za-z0-9._-]+", "-", filename.rpartition("/")[2])[-100:].strip(".-")
    key = f"evaluations/{endpoint.name}/{uuid.uuid4().hex[:12]}/{word or 'test.csv'}"
    uri = f"s3://{s3.default_bucket(actor)}/{key}"
    s3.put_bytes(actor, uri, content, "text/csv")
    return uri


def stop(actor: Actor, *, endpoint_name: str, number: int) -> Evaluation:
    """Ends it soon; what was answered so far is kept without figures. Nothing when it is over."""
    actor.must(Role.OPERATOR)
    evaluation = found(actor, endpoint_name, number)
    while evaluation.status not in OVER | {EvaluationStatus.STOPPING}:
        waiting = evaluation.status == EvaluationStatus.PENDING
        to = EvaluationStatus.STOPPED if waiting else EvaluationStatus.STOPPING
        with transaction.atomic():
            if lifecycle.transition(evaluation, to, message="Stop was asked for"):
                audit.record(actor, "StopEvaluation", evaluation.endpoint.arn, number=number)
                break
        evaluation.refresh_from_db(fields=["status", "attempt_id"])
    return evaluation


def delete(actor: Actor, *, endpoint_name: str, number: int) -> None:
    """Its figures and predictions; the test set stays. Raises InUse while it is under way."""
    actor.must(Role.OPERATOR)
    evaluation = found(actor, endpoint_name, number)
    if not evaluation.is_over:
        raise InUse(f"Evaluation {number} is still under way: stop it first.")
    with transaction.atomic():
        audit.record(actor, "DeleteEvaluation", evaluation.endpoint.arn, number=number)
        evaluation.delete()


def listed(actor: Actor, endpoint_name: str) -> QuerySet[Evaluation]:
    """Newest first, each with its results, without their curves."""
    endpoint = queries.endpoint(actor, endpoint_name)
    return of(endpoint)


def of(endpoint: Endpoint) -> QuerySet[Evaluation]:
    results = EvaluationResult.objects.defer("curve", "failures")
    return (
        Evaluation.objects.filter(endpoint=endpoint)
        .select_related("endpoint__team")
        .prefetch_related(Prefetch("results", results))
    )


def found(actor: Actor, endpoint_name: str, number: int) -> Evaluation:
    """Raises NotFound, for strangers too."""
    endpoint = queries.endpoint(actor, endpoint_name)
    evaluation = (
        Evaluation.objects.filter(endpoint=endpoint, number=number)
        .select_related("endpoint__team")
        .prefetch_related("results")
        .first()
    )
    if evaluation is None:
        raise NotFound(f"The endpoint {endpoint.name} has no evaluation {number}.")
    return evaluation


def choices(endpoint: Endpoint) -> list[Variant]:
    """Variants that can be evaluated: those that answer by TargetVariant."""
    return [one for one in queries.variants(endpoint) if not one.shadow]


def _variants(endpoint: Endpoint, names: Sequence[str]) -> list[Variant]:
    if endpoint.purpose == Endpoint.Purpose.BENCHMARK:
        raise ValidationFailed(
            "This endpoint belongs to a recommender test: other traffic would spoil its figures."
        )
    if endpoint.status not in _SERVING:
        raise ValidationFailed(
            f"Endpoint {endpoint.name} is {endpoint.status}; it can be evaluated when InService."
        )
    known = {one.name: one for one in choices(endpoint)}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValidationFailed(
            f"Endpoint {endpoint.name} has no production variant {', '.join(unknown)}; it has"
            f" {', '.join(known)}.",
            field="variants",
        )
    return [one for name, one in known.items() if not names or name in names]


def _read(actor: Actor, plan: Plan) -> tuple[str, Labelled]:
    uri = plan.test_set_uri
    try:
        etag = s3.head(actor, uri).etag
        content = s3.get_bytes(actor, uri, labelled.MAX_BYTES)
    except CallerError as refused:
        raise ValidationFailed(refused.message, field="test_set_uri") from None
    return etag, labelled.read(
        content,
        label_column=plan.label_column,
        has_header=plan.has_header,
        positive_label=plan.positive_label,
    )


def _check_alone(endpoint: Endpoint) -> None:
    running = Evaluation.objects.filter(endpoint=endpoint).exclude(status__in=OVER).first()
    if running is not None:
        raise InUse(
            f"Evaluation {running.number} of {endpoint.name} is still under way: wait, or stop it."
        )
