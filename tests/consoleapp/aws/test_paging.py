"""Pages hold every row once, whatever is created or deleted between them."""

from base64 import urlsafe_b64encode
from typing import Any

import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import ValidationFailed
from consoleapp.accounts.models import IamRole
from consoleapp.aws.paging import page

ORDERS = [["name"], ["-name"], ["-created_at", "-id"], ["path", "-id"], ["team__name", "name"]]


def add(actor: Actor, *names: str) -> None:
    for number, name in enumerate(names):
        IamRole.objects.create(team=actor.team, name=name, path=f"/{number % 3}/")


def walk(order: list[str], between: Any = lambda: None) -> list[str]:
    found: list[str] = []
    token = ""
    while True:
        rows = IamRole.objects.select_related("team").order_by(*order)
        params = {"MaxResults": 3, **({"NextToken": token} if token else {})}
        answer = page(rows, params, "Roles", lambda role: {"name": role.name})
        found += [each["name"] for each in answer["Roles"]]
        token = answer.get("NextToken", "")
        if not token:
            return found
        between()


@pytest.mark.parametrize("order", ORDERS)
def test_every_row_comes_once_in_order(actor: Actor, order: list[str]) -> None:
    add(actor, *(f"r{n:02}" for n in range(10)))
    assert walk(order) == list(IamRole.objects.order_by(*order).values_list("name", flat=True))


@pytest.mark.parametrize("order", ORDERS)
def test_rows_made_meanwhile_repeat_and_hide_none(actor: Actor, order: list[str]) -> None:
    names = [f"r{n:02}" for n in range(10)]
    add(actor, *names)
    made = iter(range(100))
    found = walk(order, lambda: add(actor, f"a{next(made):02}", f"z{next(made):02}"))
    assert len(found) == len(set(found))
    assert set(names) <= set(found)


def test_deleting_the_last_row_of_a_page_loses_no_other(actor: Actor) -> None:
    names = [f"r{n:02}" for n in range(9)]
    add(actor, *names)
    found = walk(["name"], lambda: IamRole.objects.filter(name="r02").delete())
    assert found == names


@pytest.mark.parametrize(
    "token", ["forged", "Zm9yZ2Vk", "W10=", "W1tdLCBbXV0=", "W1sibmFtZSJdLCAxXQ=="]
)
def test_a_token_that_no_page_gave_is_refused(actor: Actor, token: str) -> None:
    with pytest.raises(ValidationFailed, match="NextToken"):
        page(IamRole.objects.order_by("name"), {"NextToken": token}, "Roles", lambda role: {})


@pytest.mark.parametrize(
    ("order", "place"),
    [
        ("name", '["\\ud800"]'),
        ("name", '["a\\u0000b"]'),
        ("-id", "[Infinity]"),
        ("-id", "[" * 5_000),
    ],
)
def test_a_token_that_nothing_can_take_is_refused(actor: Actor, order: str, place: str) -> None:
    token = urlsafe_b64encode(f'[["{order}"], {place}]'.encode()).decode()
    with pytest.raises(ValidationFailed, match="NextToken"):
        page(IamRole.objects.order_by(order), {"NextToken": token}, "Roles", lambda role: {})


def test_a_token_of_another_order_is_refused(actor: Actor) -> None:
    add(actor, "a", "b")
    rows = IamRole.objects.order_by("name")
    token = page(rows, {"MaxResults": 1}, "Roles", lambda role: {})["NextToken"]
    with pytest.raises(ValidationFailed, match="NextToken"):
        page(rows.order_by("-name"), {"NextToken": token}, "Roles", lambda role: {})
