"""The services of evaluations: who may, what is refused, numbers, stop and delete."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import Forbidden, InUse, NotFound, ValidationFailed
from consoleapp.accounts.models import AuditEvent
from consoleapp.storage import s3
from endpoints import evaluations, services
from endpoints.evaluation.plan import Plan
from endpoints.models import Endpoint, Evaluation, EvaluationBatch
from tests.endpoints.build import make_endpoint, serve
from tests.endpoints.evaluation.conftest import ROWS, endpoint, start, test_set

__all__ = ["endpoint", "start", "test_set"]

pytestmark = pytest.mark.django_db(transaction=True)
Start = Callable[..., Evaluation]


def end(evaluation: Evaluation) -> None:
    Evaluation.objects.filter(pk=evaluation.pk).update(status="COMPLETED")


def refusal(start: Start, **asked: Any) -> ValidationFailed:
    with pytest.raises(ValidationFailed) as refused:
        start(**asked)
    assert not Evaluation.objects.exists()
    return refused.value


def test_a_new_one_knows_its_rows_variants_and_who_asked(start: Start) -> None:
    made = start(threshold=0.4)
    assert (made.number, made.status, made.rows, made.positives) == (1, "PENDING", ROWS, ROWS // 2)
    assert made.created_by == "alice"
    assert made.test_set_etag
    assert [(r.variant, r.model_name) for r in made.results.all()] == [
        ("v1", "churn-c-m1"),
        ("v2", "churn-c-m2"),
    ]
    assert AuditEvent.objects.filter(action="CreateEvaluation").count() == 1
    assert [event.message for event in made.events.all()] == ["Asked for by alice"]


def test_one_at_a_time_and_numbers_go_on(start: Start) -> None:
    first = start()
    with pytest.raises(InUse, match="Evaluation 1 of churn is still under way"):
        start()
    end(first)
    assert start().number == 2


def test_only_the_named_variants_take_part(start: Start) -> None:
    assert [result.variant for result in start(variants=["v2"]).results.all()] == ["v2"]


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [
        ({"variants": ["v3"]}, "variants", "no production variant v3; it has v1, v2"),
        ({"threshold": float("nan")}, "threshold", "is a number"),
        ({"rows_per_invocation": 0}, "rows_per_invocation", "1 to 100"),
        ({"rows_per_invocation": 101}, "rows_per_invocation", "1 to 100"),
        ({"label_column": "y"}, "label_column", "There is no column 'y'"),
        ({"label_column": "x" * 300}, "label_column", "1 to 256 characters"),
        ({"positive_label": " "}, "positive_label", "1 to 64 characters"),
        ({"positive_label": "M"}, "positive_label", "No row has the positive label"),
        ({"test_set_uri": "s3://nobodys-bucket/x.csv"}, "test_set_uri", "Could not find"),
        ({"test_set_uri": "file:///etc/passwd"}, "test_set_uri", "not an S3 address"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_member(
    start: Start, asked: dict[str, Any], field: str, words: str
) -> None:
    refused = refusal(start, **asked)
    assert refused.field == field
    assert words in refused.message


def test_an_endpoint_that_does_not_serve_is_refused(
    actor: Actor, test_set: str, fake: object
) -> None:
    make_endpoint(actor, "new")
    with pytest.raises(ValidationFailed, match="new is Creating"):
        evaluations.create(actor, endpoint_name="new", plan=Plan(test_set_uri=test_set))


def test_the_endpoint_of_a_recommender_test_is_left_alone(
    actor: Actor, test_set: str, fake: object
) -> None:
    Endpoint.objects.filter(pk=serve(actor, "bench").pk).update(purpose="benchmark")
    with pytest.raises(ValidationFailed, match="would spoil its figures"):
        evaluations.create(actor, endpoint_name="bench", plan=Plan(test_set_uri=test_set))


def test_a_viewer_reads_and_changes_nothing(start: Start, bob: Actor, test_set: str) -> None:
    start()
    assert evaluations.found(bob, "churn", 1).number == 1
    assert evaluations.listed(bob, "churn").count() == 1
    plan = Plan(test_set_uri=test_set)
    for deed in (
        lambda: evaluations.create(bob, endpoint_name="churn", plan=plan),
        lambda: evaluations.stop(bob, endpoint_name="churn", number=1),
        lambda: evaluations.delete(bob, endpoint_name="churn", number=1),
        lambda: evaluations.upload_test_set(
            bob, endpoint_name="churn", filename="x.csv", content=b"1,2\n"
        ),
    ):
        with pytest.raises(Forbidden):
            deed()


def test_to_a_stranger_neither_endpoint_nor_evaluation_exists(
    start: Start, charlie: Actor, test_set: str
) -> None:
    start()
    for deed in (
        lambda: evaluations.found(charlie, "churn", 1),
        lambda: evaluations.listed(charlie, "churn"),
        lambda: evaluations.stop(charlie, endpoint_name="churn", number=1),
        lambda: evaluations.delete(charlie, endpoint_name="churn", number=1),
    ):
        with pytest.raises(NotFound):
            deed()


def test_a_strangers_test_set_cannot_be_read(
    actor: Actor, charlie: Actor, test_set: str, fake: object
) -> None:
    serve(charlie, "mine")
    with pytest.raises(ValidationFailed, match="Could not find anything") as refused:
        evaluations.create(charlie, endpoint_name="mine", plan=Plan(test_set_uri=test_set))
    assert refused.value.field == "test_set_uri"


def test_an_upload_is_kept_in_the_default_bucket_under_a_plain_name(
    actor: Actor, endpoint: Endpoint, object_store: object
) -> None:
    uri = evaluations.upload_test_set(
        actor, endpoint_name="churn", filename="../../My test (1).csv", content=b"1,2\n0,3\n"
    )
    assert uri.startswith(f"s3://{s3.default_bucket(actor)}/evaluations/churn/")
    assert uri.endswith("/My-test-1-.csv")
    assert s3.get_bytes(actor, uri, 100) == b"1,2\n0,3\n"
    odd = evaluations.upload_test_set(actor, endpoint_name="churn", filename="..", content=b"1,2")
    assert odd.endswith("/test.csv")


def test_stop_before_it_began_is_the_end_and_stop_afterwards_nothing(
    start: Start, actor: Actor
) -> None:
    start()
    assert evaluations.stop(actor, endpoint_name="churn", number=1).status == "STOPPED"
    before = evaluations.found(actor, "churn", 1).revision
    assert evaluations.stop(actor, endpoint_name="churn", number=1).status == "STOPPED"
    assert evaluations.found(actor, "churn", 1).revision == before
    assert AuditEvent.objects.filter(action="StopEvaluation").count() == 1


def test_delete_removes_all_of_it_once_it_is_over(start: Start, actor: Actor) -> None:
    made = start()
    EvaluationBatch.objects.create(result=made.results.first(), first_row=0, scores=[0.5])
    with pytest.raises(InUse, match="stop it first"):
        evaluations.delete(actor, endpoint_name="churn", number=1)
    end(made)
    evaluations.delete(actor, endpoint_name="churn", number=1)
    assert not EvaluationBatch.objects.exists()
    with pytest.raises(NotFound, match="has no evaluation 1"):
        evaluations.found(actor, "churn", 1)


def test_an_endpoint_is_deleted_with_its_evaluations(start: Start, actor: Actor) -> None:
    made = start()
    services.delete_endpoint(actor, name="churn")
    Endpoint.objects.filter(pk=made.endpoint_id).delete()
    assert not Evaluation.objects.exists()


def test_a_list_costs_the_same_for_one_and_for_many(start: Start, actor: Actor) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            rows = list(evaluations.listed(actor, "churn"))
            assert all(len(row.results.all()) == 2 for row in rows)
        return len(seen)

    end(start())
    one = queries()
    for _ in range(4):
        end(start())
    assert queries() == one
