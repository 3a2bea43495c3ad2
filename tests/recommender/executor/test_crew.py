"""Users beyond one worker are shared out, with a real Redis and real generators."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis as redis_client

from recommender.errors import AttemptLost
from recommender.executor import crew as crews
from recommender.executor import sharing
from recommender.executor.crew import Crew
from recommender.loadtest.report import SecondReport
from recommender.loadtest.spec import LoadSpec
from tests.recommender.executor.stand_in import StandIn

SECONDS = 3


@pytest.fixture
def spec(stand_in: StandIn, tmp_path: Path) -> LoadSpec:
    payload = tmp_path / "row.csv"
    payload.write_text("1,2,3")
    return LoadSpec(
        url=f"{stand_in.url}/endpoints/e/invocations",
        traffic={
            "TrafficType": "STAIRS",
            "Stairs": {"DurationInSeconds": SECONDS, "NumberOfSteps": 1, "UsersPerStep": 4},
        },
        payloads=(str(payload),),
        round_trip_ms=100,
    )


@pytest.fixture
def in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Generators of a machine that runs other tests too still reach the common start."""
    monkeypatch.setattr(crews, "LEAD_S", 4.0)


@contextmanager
def helpers(attempt_id: str, *indexes: int) -> Iterator[None]:
    """Other workers that take up their share."""
    threads = [
        threading.Thread(target=sharing.drive_share, args=(attempt_id, index)) for index in indexes
    ]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()


def everything(crew: Crew) -> list[SecondReport]:
    heard: list[SecondReport] = []
    while not crew.ended:
        heard += crew.poll(0.2)
    return heard + crew.stop()


def full(reports: list[SecondReport]) -> list[SecondReport]:
    return [report for report in reports if report.full]


@pytest.mark.usefixtures("in_time")
def test_one_worker_drives_few_users_alone(settings: Any, spec: LoadSpec) -> None:
    settings.USERS_PER_WORKER = 200
    with Crew(spec, step_pk=1, attempt_id="alone") as crew:
        assert crew.shares == 1
        reports = full(everything(crew))
    assert [report.users for report in reports] == [4] * SECONDS


@pytest.mark.usefixtures("in_time")
def test_two_workers_drive_half_each_and_report_as_one(
    settings: Any, spec: LoadSpec, redis: redis_client.Redis, stand_in: StandIn
) -> None:
    settings.USERS_PER_WORKER = 2
    with helpers("two", 1), Crew(spec, step_pk=1, attempt_id="two") as crew:
        reports = full(everything(crew))
    assert [report.users for report in reports] == [4] * SECONDS
    assert sum(report.invocations for report in reports) > 2 * SECONDS * 9
    assert redis.llen("loadtest") == 1


@pytest.mark.usefixtures("in_time")
def test_shares_that_nobody_takes_up_are_driven_here(
    settings: Any, spec: LoadSpec, redis: redis_client.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.USERS_PER_WORKER = 2
    monkeypatch.setattr(sharing, "JOIN_S", 0.2)
    with Crew(spec, step_pk=1, attempt_id="nobody") as crew:
        reports = full(everything(crew))
    assert [report.users for report in reports] == [4] * SECONDS


def test_stopping_stops_the_helpers_too(
    settings: Any, spec: LoadSpec, redis: redis_client.Redis
) -> None:
    settings.USERS_PER_WORKER = 2
    spec.traffic["Stairs"]["DurationInSeconds"] = 600
    with helpers("stop", 1), Crew(spec, step_pk=1, attempt_id="stop") as crew:
        while not crew.poll(0.2):
            pass
        crew.stop()


def test_helpers_whose_coordinator_is_gone_stop_by_themselves(
    settings: Any, spec: LoadSpec, redis: redis_client.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.USERS_PER_WORKER = 2
    monkeypatch.setattr(sharing, "_SILENT_S", 1)
    spec.traffic["Stairs"]["DurationInSeconds"] = 600
    meeting = sharing.Meeting("gone")
    with helpers("gone", 1):
        store = sharing.connect()
        meeting.beat(store)
        meeting.begin(store, {1: spec})


def test_a_helper_without_a_coordinator_leaves(
    redis: redis_client.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "JOIN_S", 0.1)
    sharing.drive_share("never", 1)


def test_a_redis_that_is_away_loses_the_attempt(
    settings: Any, spec: LoadSpec, redis: redis_client.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.USERS_PER_WORKER = 2
    away = redis_client.Redis(port=9)
    with helpers("away", 1), Crew(spec, step_pk=1, attempt_id="away") as crew:
        kept = crew._store
        monkeypatch.setattr(crew, "_store", away)
        with pytest.raises(AttemptLost, match="cannot be heard"):
            crew.poll(0.0)
        monkeypatch.setattr(crew, "_store", kept)


def test_as_many_workers_as_the_users_need(settings: Any) -> None:
    settings.USERS_PER_WORKER = 200
    assert [crews.shares_needed(users) for users in (1, 200, 201, 1000)] == [1, 1, 2, 5]
