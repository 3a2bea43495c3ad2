"""Eight processes at one shift: some go on, some roll back, and one of the two is what happens."""

from typing import Any

import pytest

from tests.races import scenarios
from tests.races.shifts import ROUNDS

BACK = ["RollingBack", "RollingBack"]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each scenario of shifts gave, on the database that is in the environment or a file."""
    return scenarios.found(
        "tests.races.shifts", tmp_path_factory.mktemp("shifts"), **scenarios.NO_REDIS
    )


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
