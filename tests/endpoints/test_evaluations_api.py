"""REST of evaluations: start, follow, read, stop, delete; a viewer reads, a stranger gets 404."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from endpoints.evaluation import run as running
from endpoints.evaluation.conclude import conclude
from endpoints.models import Endpoint, Evaluation
from tests.endpoints.evaluation.conftest import ROWS, endpoint, start, target, test_set
from tests.endpoints.evaluation.target import Target

__all__ = ["endpoint", "start", "target", "test_set"]

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/endpoints/churn/evaluations"
Start = Callable[..., Evaluation]


def post(client: Client, url: str, **body: Any) -> Any:
    return client.post(url, body, content_type="application/json")


def test_an_evaluation_from_start_to_verdict(
    alice_client: Client, endpoint: Endpoint, test_set: str, target: Target
) -> None:
    answer = post(alice_client, URL, test_set_uri=test_set, threshold=0.5)
    assert answer.status_code == 201
    assert answer.json()["status"] == "PENDING"
    assert answer.json()["verdict"] is None
    running.run(Evaluation.objects.get().pk, conclude)
    found = alice_client.get(f"{URL}/1").json()
    assert found["status"] == "COMPLETED"
    assert found["common_rows"] == ROWS
    assert found["verdict"]["better"] == "v1"
    assert found["verdict"]["significant"] is True
    one, two = found["results"]
    assert one["figures"]["accuracy"]["value"] == 1.0
    assert two["figures"]["auc"]["low"] < two["figures"]["auc"]["high"]
    assert one["curve"][0] == [0.0, 0.0, None]
    assert [event["to_status"] for event in found["events"]][-1] == "COMPLETED"
    listed = alice_client.get(URL).json()
    assert [row["number"] for row in listed["results"]] == [1]
    assert "curve" not in listed["results"][0]["results"][0]


def test_stop_and_delete(alice_client: Client, start: Start) -> None:
    start()
    assert alice_client.delete(f"{URL}/1").status_code == 409
    assert post(alice_client, f"{URL}/1/stop").json()["status"] == "STOPPED"
    assert alice_client.delete(f"{URL}/1").status_code == 204
    assert alice_client.get(f"{URL}/1").status_code == 404


def test_what_is_wrong_is_said_with_its_member(
    alice_client: Client, endpoint: Endpoint, test_set: str
) -> None:
    answer = post(alice_client, URL, test_set_uri=test_set, label_column="9")
    assert answer.status_code == 400
    assert answer.json()["field"] == "label_column"
    answer = post(alice_client, URL)
    assert (answer.status_code, answer.json()["field"]) == (400, "test_set_uri")
    answer = post(alice_client, URL, test_set_uri=test_set, threshold="high")
    assert (answer.status_code, answer.json()["field"]) == (400, "threshold")


def test_a_viewer_reads_and_a_stranger_finds_nothing(
    bob_client: Client, charlie_client: Client, start: Start, test_set: str
) -> None:
    start()
    assert bob_client.get(f"{URL}/1").status_code == 200
    assert bob_client.get(URL).status_code == 200
    assert post(bob_client, URL, test_set_uri=test_set).status_code == 403
    assert post(bob_client, f"{URL}/1/stop").status_code == 403
    assert bob_client.delete(f"{URL}/1").status_code == 403
    for answer in (
        charlie_client.get(URL),
        charlie_client.get(f"{URL}/1"),
        post(charlie_client, URL, test_set_uri=test_set),
        post(charlie_client, f"{URL}/1/stop"),
        charlie_client.delete(f"{URL}/1"),
    ):
        assert answer.status_code == 404
    assert Client().get(URL).status_code == 401
