"""Eight processes at one shift: some go on, some roll back, and one of the two is what happens."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.live import ROOT
from tests.races.shifts import ROUNDS

BACK = ["RollingBack", "RollingBack"]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each scenario of shifts gave, on the database that is in the environment or a file."""
    state = str(tmp_path_factory.mktemp("shifts"))
    done = subprocess.run(
        [sys.executable, "-m", "tests.races.shifts"],
        cwd=ROOT,
        # Nobody listens at Redis: waking is not what races here.
        env={**os.environ, "STATE_DIR": state, "REDIS_URL": "redis://127.0.0.1:1/0"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_a_step_that_is_passed_and_given_up_is_one_of_them(found: dict[str, Any]) -> None:
    assert found["passing"]["errors"] == []
    ends = found["passing"]["ends"]
    assert len(ends) == ROUNDS
    # Passed first, it stays passed: the shift goes back all the same.
    assert all(end in ([*BACK, "Completed"], [*BACK, "RolledBack"]) for end in ends)


def test_a_shift_that_is_finished_and_turned_back_is_one_of_them(found: dict[str, Any]) -> None:
    assert found["finishing"]["errors"] == []
    ends = found["finishing"]["ends"]
    assert len(ends) == ROUNDS
    done = ["Updating", "Completed", "Baking"]
    assert all(end in (done, [*BACK, "RolledBack"]) for end in ends)
