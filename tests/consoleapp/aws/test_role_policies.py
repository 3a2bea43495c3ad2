"""The policies of a role, page by page."""

from typing import Any

import pytest

from consoleapp.accounts import iam_policies
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import ValidationFailed
from consoleapp.accounts.models import IamRole
from consoleapp.aws import role_policies

NAMES = ["a", "b", "c"]


@pytest.fixture
def params(actor: Actor) -> dict[str, Any]:
    IamRole.objects.create(team=actor.team, name="r")
    for name in NAMES:
        iam_policies.put(actor, name="r", policy=name, document="{}")
    return {"RoleName": "r", "MaxItems": 2}


def test_every_policy_comes_once(actor: Actor, params: dict[str, Any]) -> None:
    first = role_policies.list_role_policies(actor, params)
    assert first["IsTruncated"]
    rest = role_policies.list_role_policies(actor, {**params, "Marker": first["Marker"]})
    assert first["PolicyNames"] + rest["PolicyNames"] == NAMES
    assert not rest["IsTruncated"]


@pytest.mark.parametrize("marker", ["forged", "-1", "9" * 5_000])
def test_a_forged_marker_is_refused(actor: Actor, params: dict[str, Any], marker: str) -> None:
    with pytest.raises(ValidationFailed, match="Marker"):
        role_policies.list_role_policies(actor, {**params, "Marker": marker})
