"""The pages of evaluations: form, live progress, figures, curves, downloads, and who sees what."""

import csv
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consoleapp.accounts.actor import Actor
from consoleapp.storage import s3
from endpoints import services
from endpoints.evaluation import labelled
from endpoints.evaluation import run as running
from endpoints.evaluation.conclude import conclude
from endpoints.models import Endpoint, Evaluation
from endpoints.specs import WeightAndCapacity
from tests.endpoints.build import settle
from tests.endpoints.evaluation.conftest import ROWS, endpoint, score, start, target, test_set
from tests.endpoints.evaluation.target import Target

__all__ = ["endpoint", "start", "target", "test_set"]

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "metrics"])
Start = Callable[..., Evaluation]

TYPED = {
    "label_column": "0",
    "positive_label": "1",
    "threshold": "0.5",
    "rows_per_invocation": "1",
    "variants": ["v1", "v2"],
}


def url(name: str, *more: int) -> str:
    return reverse(f"endpoints:{name}", args=["churn", *more])


def htmx(client: Client, address: str) -> Any:
    return client.get(address, headers={"HX-Request": "true"})


def finish(evaluation: Evaluation) -> None:
    assert not running.run(evaluation.pk, conclude)
    evaluation.refresh_from_db()
    assert evaluation.is_over


def test_an_upload_is_evaluated(
    alice_client: Client, actor: Actor, endpoint: Endpoint, object_store: object
) -> None:
    page = alice_client.get(url("evaluation-start"))
    assert b"v1 (churn-c-m1)" in page.content
    file = SimpleUploadedFile("rows.csv", b"y,a\n1,5\n0,6\n", "text/csv")
    answer = alice_client.post(
        url("evaluation-start"),
        {**TYPED, "source": "upload", "file": file, "has_header": "on", "label_column": "y"},
    )
    assert answer["Location"] == url("evaluation", 1)
    made = Evaluation.objects.get()
    assert (made.rows, made.has_header, made.label_column) == (2, True, "y")
    assert s3.get_bytes(actor, made.test_set_uri, 100).startswith(b"y,a")


def test_a_refused_upload_need_not_be_chosen_again(
    alice_client: Client, actor: Actor, endpoint: Endpoint, object_store: object
) -> None:
    file = SimpleUploadedFile("rows.csv", b"1,5\n0,6\n", "text/csv")
    typed = {**TYPED, "source": "upload", "file": file, "label_column": "7"}
    answer = alice_client.post(url("evaluation-start"), typed)
    assert answer.status_code == 422
    form = answer.context["form"]
    assert form.errors == {
        "label_column": ["There is no column 7: the rows have 2, numbered from 0."]
    }
    kept = form["test_set_uri"].value()
    assert s3.get_bytes(actor, kept, 100) == b"1,5\n0,6\n"
    assert form["source"].value() == "s3"
    again = {**TYPED, "source": "s3", "test_set_uri": kept}
    assert alice_client.post(url("evaluation-start"), again).status_code == 302


def test_an_upload_that_is_too_large_is_refused_where_it_was_chosen_and_not_kept(
    alice_client: Client,
    actor: Actor,
    endpoint: Endpoint,
    object_store: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(labelled, "MAX_BYTES", 8)
    file = SimpleUploadedFile("rows.csv", b"1,5\n0,6\n1,", "text/csv")
    answer = alice_client.post(url("evaluation-start"), {**TYPED, "source": "upload", "file": file})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["file"]
    assert not s3.list_prefix(actor, f"s3://{s3.default_bucket(actor)}/evaluations/").folders


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"source": "upload"}, "file"),
        ({"source": "s3"}, "test_set_uri"),
        ({"source": "s3", "test_set_uri": "s3://nobodys-bucket/x.csv"}, "test_set_uri"),
        ({"source": "s3", "test_set_uri": "s3://b-b/x", "variants": []}, "variants"),
        ({"source": "s3", "test_set_uri": "s3://b-b/x", "threshold": "much"}, "threshold"),
    ],
)
def test_what_is_missing_or_wrong_is_marked_where_it_is(
    alice_client: Client,
    endpoint: Endpoint,
    object_store: object,
    typed: dict[str, Any],
    field: str,
) -> None:
    answer = alice_client.post(url("evaluation-start"), {**TYPED, **typed})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert b"field__error" in answer.content
    assert not Evaluation.objects.exists()


def test_progress_is_polled_until_the_end(
    alice_client: Client, start: Start, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluation = start()
    page = alice_client.get(url("evaluation", 1))
    address = f"{url('evaluation', 1)}?revision={evaluation.revision}"
    assert f'hx-get="{address}"'.encode() in page.content
    assert htmx(alice_client, address).status_code == 204
    monkeypatch.setattr(running, "SLICE_S", 0.0)
    running.run(evaluation.pk, conclude)
    changed = htmx(alice_client, address)
    assert changed.status_code == 200
    assert b"In progress" in changed.content
    assert b"Stop</button>" in changed.content
    monkeypatch.setattr(running, "SLICE_S", 60.0)
    finish(evaluation)
    last = htmx(alice_client, address)
    assert last.status_code == 286
    assert b"hx-trigger" not in last.content
    assert b"v1 is better than v2, and the difference is significant." in last.content


def test_the_result_page_shows_figures_tests_matrices_and_settings(
    alice_client: Client, start: Start, target: Target
) -> None:
    finish(start())
    text = alice_client.get(url("evaluation", 1)).content.decode()
    assert "0.5628 to 0.7454" in text  # Wilson, 66 of 100
    assert "McNemar&#x27;s exact test" in text
    assert "&lt; 0.0001" in text
    assert "Called positive" in text
    assert f"{ROWS} of {ROWS}" in text
    assert "Shift traffic to v1" in text
    assert "Stop</button>" not in text


def test_the_shift_is_offered_while_the_other_has_traffic(
    alice_client: Client, bob_client: Client, actor: Actor, start: Start, target: Target
) -> None:
    evaluation = start()
    finish(evaluation)
    link = "Shift traffic to v1"
    assert link in alice_client.get(url("evaluation", 1)).content.decode()
    assert link not in bob_client.get(url("evaluation", 1)).content.decode()
    services.update_weights_and_capacities(
        actor, name="churn", desired=[WeightAndCapacity(variant="v2", weight=0.0)]
    )
    settle(evaluation.endpoint)
    assert link not in alice_client.get(url("evaluation", 1)).content.decode()


def test_the_curves_are_one_figure_with_the_point_of_the_threshold(
    alice_client: Client, start: Start, target: Target
) -> None:
    evaluation = start()
    assert alice_client.get(url("evaluation-roc", 1)).json()["data"] == []
    finish(evaluation)
    figure = alice_client.get(url("evaluation-roc", 1)).json()
    chance, one, at_one, two, at_two = figure["data"]
    assert chance["x"] == [0, 1]
    assert one["name"] == "v1, AUC 1.0000"
    assert (one["x"][-1], one["y"][-1]) == (1.0, 1.0)
    assert (at_one["x"], at_one["y"]) == ([0.0], [1.0])
    # v2 is wrong about 17 of 50 positives and 17 of 50 negatives.
    assert (at_two["x"], at_two["y"]) == ([0.34], [0.66])
    assert figure["live"] is False


def test_predictions_are_downloaded_row_by_row(
    alice_client: Client, start: Start, target: Target
) -> None:
    finish(start())
    answer = alice_client.get(url("evaluation-predictions", 1))
    assert answer["Content-Type"] == "text/csv"
    lines = list(csv.reader(answer.getvalue().decode().splitlines()))
    assert lines[0] == ["row", "v1", "v2"]
    assert len(lines) == ROWS + 1
    assert lines[4] == ["3", "0.9", score("v2", "3,7")[2]]


def test_a_failure_shows_the_payload_and_the_answer_without_running_it(
    alice_client: Client, start: Start, target: Target
) -> None:
    target.answer = lambda variant, body: (424, "text/html", "<script>alert(1)</script>")
    finish(start())
    text = alice_client.get(url("evaluation", 1)).content.decode()
    assert "The evaluation failed" in text
    assert "0,7" in text
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text


def test_stop_and_delete_from_the_page(alice_client: Client, start: Start) -> None:
    start()
    alice_client.post(url("evaluation-delete", 1))
    assert Evaluation.objects.exists(), "under way: it is not deleted"
    alice_client.post(url("evaluation-stop", 1))
    assert Evaluation.objects.get().status == "STOPPED"
    answer = alice_client.post(url("evaluation-delete", 1))
    assert answer["Location"] == url("evaluations")
    assert not Evaluation.objects.exists()


def test_a_viewer_sees_and_a_stranger_does_not(
    bob_client: Client, charlie_client: Client, start: Start, target: Target
) -> None:
    finish(start())
    pages = [
        url("evaluations"),
        url("evaluation", 1),
        url("evaluation-roc", 1),
        url("evaluation-predictions", 1),
    ]
    for page in pages:
        assert bob_client.get(page).status_code == 200, page
        assert charlie_client.get(page).status_code == 404, page
        assert htmx(charlie_client, page).status_code == 404, page
    for name in ("evaluation-stop", "evaluation-delete"):
        assert bob_client.post(url(name, 1)).status_code == 403
        assert charlie_client.post(url(name, 1)).status_code == 404
    assert bob_client.get(url("evaluation-start")).status_code == 403
    assert charlie_client.get(url("evaluation-start")).status_code == 404
    text = bob_client.get(url("evaluation", 1)).content.decode()
    assert "Delete</button>" not in text
    assert bob_client.get(url("evaluation", 2)).status_code == 404


def test_the_endpoints_page_leads_to_its_evaluations(
    alice_client: Client, bob_client: Client, start: Start, target: Target
) -> None:
    page = alice_client.get(url("detail")).content.decode()
    assert f'hx-get="{url("evaluations")}"' in page
    assert "Evaluate variants" in page
    assert "Evaluate variants" not in bob_client.get(url("detail")).content.decode()
    empty = htmx(alice_client, url("evaluations")).content.decode()
    assert "No evaluations" in empty
    evaluation = start()
    assert "every 2s" in htmx(alice_client, url("evaluations")).content.decode()
    finish(evaluation)
    fragment = htmx(alice_client, url("evaluations")).content.decode()
    assert "<html" not in fragment
    assert "every 2s" not in fragment
    assert "v1 is better than v2" in fragment


def test_the_list_costs_the_same_for_one_and_for_many(
    alice_client: Client, start: Start, target: Target
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert htmx(alice_client, url("evaluations")).status_code == 200
        return len(seen)

    finish(start())
    one = queries()
    for _ in range(3):
        finish(start())
    assert queries() == one
