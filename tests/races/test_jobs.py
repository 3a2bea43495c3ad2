"""Several processes at one job: exactly one of them moves it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each scenario of one_job gave."""
    state = str(tmp_path_factory.mktemp("races"))
    done = subprocess.run(
        [sys.executable, "-m", "tests.races.one_job"],
        cwd=ROOT,
        env={
            **os.environ,
            **{"STATE_DIR": state, "CORES": "0,1", "ALLOW_PRIVATE_PAYLOAD_ADDRESSES": "1"},
        },
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


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
