"""One payload through the gateway: what was sent, and what a refusal tells."""

import json
from pathlib import Path

import pytest

from consoleapp.accounts.models import Team
from consoleapp.metrics import logs
from recommender import preflight
from recommender.errors import TestFailed
from recommender.models import Job
from recommender.plan import Plan
from recommender.preflight import NotRouted, check, read_answer
from tests.recommender.executor.conftest import stand_in
from tests.recommender.executor.stand_in import StandIn

__all__ = ["stand_in"]

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])
PLAN = Plan(
    candidates=(),
    traffic={},
    job_seconds=60,
    max_parallel=1,
    content_type="text/csv",
    accept="application/json",
    payload_url="",
)


@pytest.fixture
def job(team: Team) -> Job:
    return Job(team=team, region="us-east-1", name="job-1")


@pytest.fixture
def payload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(preflight, "_PATIENCE_S", 0)
    monkeypatch.setattr(preflight, "_LOGS_WAIT_S", 0)
    path = tmp_path / "row-1.csv"
    path.write_bytes(b"1,2,3")
    return path


def test_it_goes_the_way_the_traffic_goes(
    job: Job, payload: Path, stand_in: StandIn, settings: object
) -> None:
    assert check(job, PLAN, "e", payload).status == 200
    path, headers, body = stand_in.invocations[0]
    assert (path, body) == ("/endpoints/e/invocations", b"1,2,3")
    assert headers["Content-Type"] == "text/csv"
    assert headers["Accept"] == "application/json"
    assert headers["X-Console-Account"] == "123456789012"
    assert headers["X-Console-Region"] == "us-east-1"


def test_a_refusal_tells_payload_answer_and_the_containers_last_lines(
    job: Job, payload: Path, stand_in: StandIn
) -> None:
    group = "/aws/sagemaker/Endpoints/e"
    for line in ("older", "ValueError: 3 columns"):
        logs.append("123456789012", "us-east-1", group, "AllTraffic/i-1", line)
    stand_in.refuse_as_model(500, "it broke")
    with pytest.raises(TestFailed) as failed:
        check(job, PLAN, "e", payload)
    assert failed.value.reason == (
        "The container answered 500 to the sample payload row-1.csv: it broke"
    )
    assert failed.value.detail == {
        "payload": "row-1.csv",
        "status": 500,
        "answer": "it broke",
        "log_lines": ["older", "ValueError: 3 columns"],
    }


def test_a_gateway_that_is_away_is_told_as_such(
    job: Job, payload: Path, stand_in: StandIn, settings: object
) -> None:
    settings.GATEWAY_URL = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    with pytest.raises(TestFailed, match="The gateway did not take the sample payload"):
        check(job, PLAN, "e", payload)


def test_an_endpoint_that_the_gateway_does_not_know_yet_is_waited_for(
    job: Job, payload: Path, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "_PATIENCE_S", 10)
    monkeypatch.setattr(
        preflight.time, "sleep", lambda _: setattr(stand_in, "answer", (200, "", b"1"))
    )
    stand_in.answer = (400, "ValidationError", b'{"Message": "Endpoint e not found."}')
    assert check(job, PLAN, "e", payload).ok
    assert len(stand_in.invocations) == 2


def test_the_containers_own_words_come_out_of_awss_envelope() -> None:
    members = {"OriginalStatusCode": 415, "OriginalMessage": "own words", "Message": "long"}
    answer = read_answer(424, "ModelError", json.dumps(members).encode())
    assert (answer.status, answer.text, answer.ok) == (415, "own words", False)


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff\xfe", b'{"Message": null}', b"[" * 8192])
def test_an_envelope_that_is_none_is_no_crash(body: bytes) -> None:
    answer = read_answer(424, "ModelError", body)
    assert not answer.ok
    assert answer.status in (0, 424)


def test_of_an_envelope_that_was_cut_the_status_and_what_there_is_are_told() -> None:
    answer = read_answer(424, "ModelError", b'{"Message": "Received serv')
    assert (answer.status, answer.text) == (424, '{"Message": "Received serv')


def test_what_the_gateway_says_for_itself_is_not_the_containers_answer() -> None:
    with pytest.raises(NotRouted, match="No instance"):
        read_answer(503, "ServiceUnavailable", b'{"Message": "No instance"}')


def test_a_plain_answer_is_the_answer() -> None:
    assert read_answer(200, "", b"0.5").text == "0.5"
