"""REST of traffic shifts: what is sent, what comes back, and who may."""

from typing import Any

import pytest
from django.test import Client

from consoleapp.accounts.actor import Actor
from endpoints.hosts.fake import FakeRunner
from tests.endpoints.build import make_config, serve, settle
from tests.endpoints.shifting.build import deployment_config, shares, step_on

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "metrics"])
SHIFTS = "/api/v1/endpoints/e/shifts"
CANARY = {
    "to": "v2",
    "routing": "CANARY",
    "size": {"value": 10},
    "wait_s": 60,
    "guards": {"max_error_rate": 0.01, "no_data": "Wait"},
}


def post(client: Client, path: str, body: Any = None) -> Any:
    return client.post(path, body or {}, content_type="application/json")


def test_from_the_start_over_pause_and_resume_to_the_way_back(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor, variants=2)
    made = post(alice_client, SHIFTS, CANARY)
    assert made.status_code == 201, made.content
    assert [(one["share"], one["wait_s"]) for one in made.json()["steps"]] == [(0.1, 60), (1.0, 60)]
    assert made.json()["guards"]["no_data"] == "Wait"
    step_on(endpoint)
    assert post(alice_client, f"{SHIFTS}/1/pause").json()["status"] == "Paused"
    assert post(alice_client, f"{SHIFTS}/1/resume").json()["status"] == "InProgress"
    assert post(alice_client, f"{SHIFTS}/1/roll-back").json()["status"] == "RollingBack"
    settle(endpoint)
    shown = alice_client.get(f"{SHIFTS}/1").json()
    assert shown["status"] == "RolledBack"
    assert [one["status"] for one in shown["steps"]] == ["RolledBack", "Skipped"]
    assert shown["events"][-1]["message"] == "Rolled back traffic shift 1"
    assert alice_client.get(SHIFTS).json()["count"] == 1
    refused = post(alice_client, f"{SHIFTS}/1/pause")
    assert refused.status_code == 400
    assert "RolledBack" in refused.json()["message"]


def test_an_update_by_rest_takes_a_deployment_config(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor)
    make_config(actor, "green")
    body = {"config_name": "green", "deployment_config": deployment_config()}
    answer = alice_client.patch("/api/v1/endpoints/e", body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    step_on(endpoint)
    assert shares(endpoint)["v1@green"] == pytest.approx(0.1)
    assert alice_client.get(f"{SHIFTS}/1").json()["kind"] == "Fleets"


def test_what_is_wrong_is_named(alice_client: Client, actor: Actor, fake: FakeRunner) -> None:
    serve(actor, variants=2)
    answer = post(alice_client, SHIFTS, {**CANARY, "to": "v9"})
    assert (answer.status_code, answer.json()["field"]) == (400, "to")
    answer = post(alice_client, SHIFTS, {**CANARY, "routing": "ROLLING"})
    assert answer.status_code == 400
    assert post(alice_client, SHIFTS, {**CANARY, "size": {"value": 51}}).status_code == 400


def test_an_update_to_another_configuration_takes_guards(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor)
    make_config(actor, "green")
    sent = {"config_name": "green", "guards": {"max_error_rate": 0.02, "no_data": "RollBack"}}
    answer = alice_client.patch("/api/v1/endpoints/e", sent, content_type="application/json")
    assert answer.status_code == 200, answer.content
    guards = alice_client.get(f"{SHIFTS}/1").json()["guards"]
    assert (guards["max_error_rate"], guards["no_data"]) == (0.02, "RollBack")


def test_a_viewer_reads_and_a_stranger_does_not(
    alice_client: Client,
    bob_client: Client,
    charlie_client: Client,
    actor: Actor,
    fake: FakeRunner,
) -> None:
    serve(actor, variants=2)
    post(alice_client, SHIFTS, CANARY)
    assert bob_client.get(f"{SHIFTS}/1").status_code == 200
    assert charlie_client.get(f"{SHIFTS}/1").status_code == 404
    assert charlie_client.get(SHIFTS).status_code == 404
    for deed in ("pause", "resume", "roll-back"):
        assert post(bob_client, f"{SHIFTS}/1/{deed}").status_code == 403
        assert post(charlie_client, f"{SHIFTS}/1/{deed}").status_code == 404
    assert post(bob_client, SHIFTS, CANARY).status_code == 403
