"""Several processes at one job: exactly one of them moves it."""

from typing import Any

import pytest

from tests.races import scenarios


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each scenario of one_job gave."""
    environment = {"CORES": "0,1", "ALLOW_PRIVATE_PAYLOAD_ADDRESSES": "1"}
    return scenarios.found("tests.races.one_job", tmp_path_factory.mktemp("jobs"), **environment)


def test_one_process_of_eight_starts_the_job_and_writes_the_event(
    found: dict[str, Any],
) -> None:
    assert found["start"]["moved"].count(True) == found["start"]["events"] == 1


def test_one_worker_of_eight_takes_the_attempt(found: dict[str, Any]) -> None:
    assert found["take"]["taken"].count(True) == found["take"]["attempts"] == 1


def test_eight_control_workers_write_every_move_once(found: dict[str, Any]) -> None:
    events = [tuple(event) for event in found["reconcile"]["events"]]
    assert len(events) == len(set(events))


def test_eight_at_once_make_no_more_jobs_than_the_quota_has_room_for(
    found: dict[str, Any],
) -> None:
    refused = [answer for answer in found["clone"]["answers"] if "LimitExceeded" in answer]
    assert (found["clone"]["made"], len(refused)) == (1, 7)


def test_the_lock_of_a_killed_process_is_free_at_once(found: dict[str, Any]) -> None:
    assert found["lock"] == {"beside": False, "after": True}
