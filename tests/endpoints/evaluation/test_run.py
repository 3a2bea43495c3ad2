"""The work on an evaluation: every row to every variant once, stopped, resumed, refused, fenced."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.utils import timezone
from sklearn import metrics

from consoleapp.accounts.actor import Actor
from consoleapp.storage import s3
from endpoints import evaluations
from endpoints.evaluation import batches, lease
from endpoints.evaluation import run as running
from endpoints.evaluation.conclude import conclude
from endpoints.models import Endpoint, Evaluation, EvaluationBatch
from tests.endpoints.evaluation.conftest import ROWS, score
from tests.endpoints.evaluation.target import Target

pytestmark = pytest.mark.django_db(transaction=True)
Start = Callable[..., Evaluation]
EVERY_ROW_ONCE = Counter((v, f"{n},7") for v in ("v1", "v2") for n in range(ROWS))


def run(evaluation: Evaluation, slices: int = 20) -> Evaluation:
    for _ in range(slices):
        if not running.run(evaluation.pk, conclude):
            break
    return read(evaluation)


def read(evaluation: Evaluation) -> Evaluation:
    return Evaluation.objects.select_related("endpoint__team").get(pk=evaluation.pk)


def end_lease(evaluation: Evaluation) -> None:
    """As if its worker had died a while ago."""
    past = timezone.now() - timedelta(seconds=1)
    Evaluation.objects.filter(pk=evaluation.pk).update(lease_until=past)


def statuses(evaluation: Evaluation) -> list[str]:
    return [event.to_status for event in evaluation.events.all()]


def test_each_row_goes_to_each_variant_once_without_its_label(start: Start, target: Target) -> None:
    found = run(start())
    assert found.status == "COMPLETED", found.failure_reason
    assert Counter(target.seen) == EVERY_ROW_ONCE
    assert target.paths == {"/endpoints/churn/invocations"}
    assert target.headers["X-Console-Token"] == settings.GATEWAY_TOKEN
    assert target.headers["X-Console-Account"] == "123456789012"
    assert target.headers["X-Console-Region"] == "us-east-1"
    assert target.headers["Content-Type"] == "text/csv"
    assert statuses(found) == ["PENDING", "IN_PROGRESS", "COMPLETED"]


def test_the_figures_are_those_of_the_answers(start: Start, target: Target) -> None:
    found = run(start())
    one, two = found.results.all()
    labels = np.array([number % 2 for number in range(ROWS)])
    scores = np.array([float(score("v2", f"{number},7")[2]) for number in range(ROWS)])
    assert one.figures["accuracy"]["value"] == 1.0
    assert two.figures["accuracy"]["value"] == metrics.accuracy_score(labels, scores >= 0.5)
    assert two.figures["auc"]["value"] == pytest.approx(metrics.roc_auc_score(labels, scores))
    matrix = metrics.confusion_matrix(labels, scores >= 0.5).ravel().tolist()
    assert [two.confusion[cell] for cell in list(two.confusion)[:4]] == matrix
    assert found.common_rows == ROWS
    (pair,) = found.pairs
    # 34 rows that v1 alone gets right: p = 2 / 2**34.
    assert pair["accuracy"]["difference"] == pytest.approx(0.34)
    assert pair["accuracy"]["p"] == pytest.approx(2 / 2**34)


def test_rows_without_an_answer_are_counted_shown_and_left_out_for_all(
    start: Start, target: Target
) -> None:
    def some(variant: str, body: str) -> tuple[int, str, str]:
        if variant == "v1" and body.startswith("7"):
            return 424, "application/json", '{"Message": "model broke"}'
        return score(variant, body)

    target.answer = some
    found = run(start())
    one, two = found.results.all()
    # 7 and 70 to 79.
    assert (found.status, one.rows_failed, two.rows_failed) == ("COMPLETED", 11, 0)
    assert found.common_rows == ROWS - 11
    assert sum(two.confusion.values()) == ROWS - 11
    assert len(one.failures) == 5
    first = one.failures[0]
    assert (first["row"], first["payload"], first["status"]) == (7, "7,7", 424)
    assert "model broke" in first["answer"]
    assert batches.all_scores(one)[7] is None


def test_a_model_that_answers_a_score_for_each_class_is_refused_with_what_it_said(
    start: Start, target: Target
) -> None:
    target.answer = lambda variant, body: (
        (200, "application/json", "[[0.2, 0.8]]") if variant == "v2" else score(variant, body)
    )
    found = run(start())
    assert found.status == "FAILED"
    assert "v2: The model answered 2 scores for one row" in found.failure_reason
    assert found.failure["payload"].endswith(",7")
    assert found.failure["answer"] == "[[0.2, 0.8]]"
    assert statuses(found)[-1] == "FAILED"


def test_a_variant_that_answers_nothing_fails_it_before_all_rows_are_sent(
    start: Start, target: Target
) -> None:
    target.answer = lambda variant, body: (
        (424, "application/json", "broken") if variant == "v2" else score(variant, body)
    )
    found = run(start())
    assert found.status == "FAILED"
    assert "v2 answered none of the first 64 rows" in found.failure_reason
    assert "status 424" in found.failure_reason
    assert found.failure["answer"] == "broken"
    assert len(target.seen) == 128


def test_a_busy_variant_is_asked_again(start: Start, target: Target) -> None:
    busy: Counter[str] = Counter()

    def sometimes(variant: str, body: str) -> tuple[int, str, str]:
        busy[body] += variant == "v1"
        if variant == "v1" and body == "3,7" and busy[body] < 3:
            return 503, "application/json", "{}"
        return score(variant, body)

    target.answer = sometimes
    found = run(start(variants=["v1"]))
    assert found.status == "COMPLETED"
    assert found.results.get().rows_failed == 0
    assert busy["3,7"] == 3


@pytest.mark.parametrize("size", [7, 100])
def test_batches_keep_rows_and_answers_together(start: Start, target: Target, size: int) -> None:
    def each(variant: str, body: str) -> tuple[int, str, str]:
        scores = [score(variant, row)[2] for row in body.split("\n")]
        return 200, "text/csv", ",".join(scores)

    target.answer = each
    found = run(start(rows_per_invocation=size))
    assert found.status == "COMPLETED"
    assert sum(body.count("\n") + 1 for _, body in target.seen) == 2 * ROWS
    assert found.results.first().figures["accuracy"]["value"] == 1.0
    assert found.results.last().figures["accuracy"]["value"] == pytest.approx(0.66)


def test_what_a_dead_worker_had_kept_is_not_sent_again(start: Start, target: Target) -> None:
    evaluation = start()
    target.dies_after = 160
    assert run(evaluation).status == "IN_PROGRESS"
    assert "does not answer" in evaluation.events.last().message
    kept = EvaluationBatch.objects.count()
    assert kept == 2
    target.dies_after = None
    target.seen.clear()
    assert not running.run(evaluation.pk, conclude), "another holds it: nothing is done"
    assert target.seen == []
    end_lease(evaluation)
    assert run(evaluation).status == "COMPLETED"
    assert Counter(target.seen) == Counter(
        {key: 1 for key in EVERY_ROW_ONCE if int(key[1].split(",")[0]) >= 64}
    )
    assert [result.rows_done for result in evaluation.results.all()] == [ROWS, ROWS]


def test_a_slice_hands_over_and_the_next_goes_on(
    start: Start, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluation = start()
    monkeypatch.setattr(running, "SLICE_S", 0.0)
    assert running.run(evaluation.pk, conclude)
    assert read(evaluation).lease_until is None
    monkeypatch.setattr(running, "SLICE_S", 60.0)
    assert not running.run(evaluation.pk, conclude)
    assert read(evaluation).status == "COMPLETED"
    assert Counter(target.seen) == EVERY_ROW_ONCE


def test_it_stops_when_it_is_told_to(
    start: Start, target: Target, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluation = start()
    monkeypatch.setattr(running, "SLICE_S", 0.0)
    running.run(evaluation.pk, conclude)
    evaluations.stop(actor, endpoint_name="churn", number=1)
    assert read(evaluation).status == "STOPPING"
    assert run(evaluation).status == "STOPPED"
    assert target.seen == []
    assert statuses(evaluation) == ["PENDING", "IN_PROGRESS", "STOPPING", "STOPPED"]
    assert not running.run(evaluation.pk, conclude)


def test_an_attempt_that_lost_its_lease_writes_nothing(start: Start, target: Target) -> None:
    evaluation = start()
    mine = lease.take(evaluation.pk)
    assert mine is not None
    end_lease(evaluation)
    theirs = lease.take(evaluation.pk)
    assert theirs is not None
    result = evaluation.results.first()
    scored = batches.Scored([0.5], [])
    with pytest.raises(lease.Fenced):
        batches.keep(mine, batches.Batch(result, 0, 1), scored)
    batches.keep(theirs, batches.Batch(result, 0, 1), scored)
    with pytest.raises(lease.Fenced):
        batches.keep(theirs, batches.Batch(result, 0, 1), scored)
    result.refresh_from_db()
    assert result.rows_done == 1


def test_a_test_set_that_changed_fails_it(
    start: Start, target: Target, actor: Actor, test_set: str
) -> None:
    evaluation = start()
    s3.put_bytes(actor, test_set, b"1,2\n0,3\n")
    found = run(evaluation)
    assert found.status == "FAILED"
    assert "changed while the evaluation was under way" in found.failure_reason
    s3.delete(actor, test_set)


def test_no_common_row_is_a_failure_that_says_so(start: Start, target: Target) -> None:
    def halves(variant: str, body: str) -> tuple[int, str, str]:
        mine = int(body.partition(",")[0]) % 2 == (variant == "v1")
        return score(variant, body) if mine else (424, "text/plain", "not mine")

    target.answer = halves
    found = run(start())
    assert found.status == "FAILED"
    assert "No row was answered by every variant" in found.failure_reason


def test_an_endpoint_that_goes_takes_its_evaluation_with_it_quietly(
    start: Start, target: Target, endpoint: Endpoint
) -> None:
    evaluation = start()

    def gone(*_: Any) -> None:
        Endpoint.objects.filter(pk=endpoint.pk).delete()
        raise lease.Fenced

    assert not running.run(evaluation.pk, gone)
    assert not Evaluation.objects.filter(pk=evaluation.pk).exists()
    assert not running.run(evaluation.pk, conclude)


def test_a_bug_fails_it_once_and_is_not_tried_for_ever(
    start: Start, target: Target, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("a bug")

    evaluation = start()
    assert not running.run(evaluation.pk, broken)
    assert read(evaluation).status == "FAILED"
    assert "internal error" in read(evaluation).failure_reason
    assert "a bug" in caplog.text
