"""Several processes put the same thing at once: it is there once, and nobody's change is lost."""

from typing import Any

import pytest

from tests.races import scenarios
from tests.races.puts import PROCESSES, ROUNDS


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each scenario of puts gave, on the database that is in the environment or a file."""
    return scenarios.found(
        "tests.races.puts", tmp_path_factory.mktemp("puts"), **scenarios.NO_REDIS
    )


def test_no_attribute_of_a_topic_is_lost_to_another(found: dict[str, Any]) -> None:
    assert found["attributes"]["errors"] == []
    whole = ["DeliveryPolicy", "DisplayName", "Policy", "SignatureVersion"]
    assert found["attributes"]["kept"] == [whole] * ROUNDS


def test_no_attribute_of_a_listener_is_lost_to_another(found: dict[str, Any]) -> None:
    assert found["listener_attributes"]["errors"] == []
    whole = ["AuthenticateOnUnsubscribe", "FilterPolicy", "RawMessageDelivery"]
    assert found["listener_attributes"]["kept"] == [whole] * ROUNDS


@pytest.mark.parametrize("scenario", ["targets", "alarms"])
def test_what_is_put_by_eight_is_there_once(found: dict[str, Any], scenario: str) -> None:
    assert found[scenario]["errors"] == []
    assert set(found[scenario]["rows"]) == {ROUNDS}


def test_what_is_made_where_it_is_missing_is_made_once(found: dict[str, Any]) -> None:
    assert found["others"] == {"errors": [], "rows": [ROUNDS, ROUNDS, ROUNDS, 1]}


def test_a_name_is_had_by_one_and_the_others_are_told(found: dict[str, Any]) -> None:
    names = found["names"]
    for each in ("role", "member"):
        told = names["errors"][each]
        assert all(error.startswith("InUse(") for error in told), told
        assert len(told) == ROUNDS * (PROCESSES - 1)
    assert (names["roles"], names["members"]) == (ROUNDS, ROUNDS)


def test_a_person_who_is_new_to_several_teams_at_once_joins_them_all(
    found: dict[str, Any],
) -> None:
    assert found["names"]["errors"]["elsewhere"] == []
    assert found["names"]["guests"] == [ROUNDS, ROUNDS * PROCESSES]


def test_of_admins_who_step_down_at_once_one_stays(found: dict[str, Any]) -> None:
    assert found["admins"]["rows"] == [1]
    assert len(found["admins"]["errors"]) == 1
