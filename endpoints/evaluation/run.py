"""Works on one evaluation for a while: sends what is missing, batch by batch, then concludes."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from django.db import OperationalError
from django.utils import timezone

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError, ValidationFailed
from consoleapp.storage import s3
from endpoints.evaluation import answers, batches, labelled, lease, lifecycle
from endpoints.evaluation.answers import AnswerRefused
from endpoints.evaluation.batches import Batch, Scored
from endpoints.evaluation.invoke import CONCURRENCY, Gateway, GatewayUnreachable, Reply
from endpoints.evaluation.labelled import Labelled
from endpoints.evaluation.statuses import EvaluationStatus
from endpoints.models import Evaluation

log = logging.getLogger(__name__)

#: Then the next evaluation of the queue has its turn, and a worker that is told to end can.
SLICE_S: Final = 20.0
_QUOTED: Final = 600


class Unanswerable(Exception):
    """Going on makes no sense: `failure` is the row and the answer that show why."""

    def __init__(self, reason: str, failure: dict[str, Any]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.failure = failure


class Stopped(Exception):
    """Someone pressed Stop."""


def run(pk: int, conclude: Callable[[Evaluation, Labelled], None]) -> bool:
    """One slice of work; True when there is more. `conclude` makes the figures out of scores.

    What a killed worker left behind is taken up where it ended, once its lease is over.
    """
    evaluation = lease.take(pk)
    if evaluation is None:
        return False
    held = lease.Lease(evaluation)
    try:
        return _work(evaluation, held, conclude)
    except lease.Fenced:
        # Nothing when it is another's; when it was told to stop at the very end, that comes next.
        held.release()
    except Stopped:
        evaluation.status = EvaluationStatus.STOPPING
        lifecycle.transition(evaluation, EvaluationStatus.STOPPED, message="Stopped")
    except Unanswerable as problem:
        _fail(evaluation, held, problem.reason, failure=problem.failure)
    except CallerError as refused:
        _fail(evaluation, held, refused.message)
    except GatewayUnreachable as problem:
        # The lease runs out, and the sweep tries again: as often as that, while it is down.
        lifecycle.tell(evaluation, f"The gateway does not answer ({problem}); trying again")
    except (BotoCoreError, ClientError, OperationalError) as problem:
        log.warning("%s waits: %s", evaluation, problem)
    except Exception:
        log.exception("%s broke", evaluation)
        _fail(evaluation, held, "An internal error ended it; the log of this console says more.")
    return False


def _work(
    evaluation: Evaluation, held: lease.Lease, conclude: Callable[[Evaluation, Labelled], None]
) -> bool:
    if held.stop_wanted():
        raise Stopped
    if evaluation.status == EvaluationStatus.PENDING:
        begun = lifecycle.transition(
            evaluation,
            EvaluationStatus.IN_PROGRESS,
            message="Sending the rows to each variant",
            started_at=timezone.now(),
        )
        if not begun:
            return False
    test_set = _test_set(evaluation)
    ends = time.monotonic() + SLICE_S
    with Gateway(evaluation.endpoint) as gateway:
        for batch in batches.missing(evaluation, len(test_set)):
            if time.monotonic() > ends:
                held.release()
                return True
            scored = _send(evaluation, held, gateway, test_set, batch)
            batches.keep(evaluation, batch, scored)
            _check_answered(batch, scored)
    conclude(evaluation, test_set)
    return False


def _test_set(evaluation: Evaluation) -> Labelled:
    """As it was when the evaluation was asked for. Raises CallerError when it is not."""
    endpoint = evaluation.endpoint
    actor = Actor.system(endpoint.team, endpoint.region)
    if s3.head(actor, evaluation.test_set_uri).etag != evaluation.test_set_etag:
        raise ValidationFailed(
            f"{evaluation.test_set_uri} changed while the evaluation was under way."
        )
    return labelled.read(
        s3.get_bytes(actor, evaluation.test_set_uri, labelled.MAX_BYTES),
        label_column=evaluation.label_column,
        has_header=evaluation.has_header,
        positive_label=evaluation.positive_label,
    )


@dataclass(frozen=True, slots=True)
class _Sent:
    """Some rows of a batch in one invocation."""

    first_row: int
    payload: bytes
    rows: int
    reply: "Future[Reply]"


def _send(
    evaluation: Evaluation, held: lease.Lease, gateway: Gateway, test_set: Labelled, batch: Batch
) -> Scored:
    """All rows of a batch, CONCURRENCY invocations at a time. Raises Stopped when told to."""
    size = evaluation.rows_per_invocation
    end = batch.first_row + batch.rows
    pool = ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="evaluation")
    sent: list[_Sent] = []
    try:
        for first in range(batch.first_row, end, size):
            rows = test_set.payloads[first : min(first + size, end)]
            payload = b"\n".join(rows)
            reply = pool.submit(gateway.ask, batch.result.variant, payload)
            sent.append(_Sent(first, payload, len(rows), reply))
        _await(held, [one.reply for one in sent])
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return _scored(sent, test_set, batch.result.variant)


def _await(held: lease.Lease, replies: "list[Future[Reply]]") -> None:
    pending = set(replies)
    while pending:
        done, pending = wait(pending, timeout=0.5)
        for reply in done:
            reply.result()  # raises GatewayUnreachable
        held.renew()
        if held.stop_wanted():
            raise Stopped


def _scored(sent: list[_Sent], test_set: Labelled, variant: str) -> Scored:
    scores: list[float | None] = []
    failures: list[dict[str, Any]] = []
    for one in sent:
        reply = one.reply.result()
        try:
            scores += _scores(reply, one.rows, test_set)
        except AnswerRefused as refused:
            failure = _failure(variant, one, reply, refused.reason)
            if refused.systematic:
                raise Unanswerable(f"{variant}: {refused.reason}", failure) from None
            scores += [None] * one.rows
            failures.append(failure)
    return Scored(scores, failures)


def _scores(reply: Reply, rows: int, test_set: Labelled) -> list[float]:
    if reply.status != 200:
        raise AnswerRefused(f"The invocation was answered with status {reply.status}.")
    return answers.scores(
        reply.body,
        reply.content_type,
        rows=rows,
        positive=test_set.positive,
        negative=test_set.negative,
    )


def _check_answered(batch: Batch, scored: Scored) -> None:
    """Raises Unanswerable when a variant answered not one row of its first batch."""
    if batch.first_row == 0 and not any(score is not None for score in scored.scores):
        variant, rows = batch.result.variant, len(scored.scores)
        failure = dict(scored.failures[0])
        what = f"none of the first {rows} rows" if rows > 1 else "the only row not"
        raise Unanswerable(f"{variant} answered {what}: {failure['reason']}", failure)


def _failure(variant: str, sent: _Sent, reply: Reply, reason: str) -> dict[str, Any]:
    return {
        "variant": variant,
        "row": sent.first_row,
        "payload": sent.payload[:_QUOTED].decode("utf-8", "replace"),
        "status": reply.status,
        "answer": reply.body[:_QUOTED].decode("utf-8", "replace"),
        "reason": reason,
    }


def _fail(
    evaluation: Evaluation,
    held: lease.Lease,
    reason: str,
    *,
    failure: dict[str, Any] | None = None,
) -> None:
    try:
        if held.stop_wanted():
            evaluation.status = EvaluationStatus.STOPPING
            lifecycle.transition(evaluation, EvaluationStatus.STOPPED, message=reason)
            return
    except lease.Fenced:
        return
    lifecycle.transition(
        evaluation,
        EvaluationStatus.FAILED,
        message=reason,
        failure_reason=reason,
        failure=failure,
    )
