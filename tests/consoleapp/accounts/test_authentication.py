import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client
from pytest_django import Settings
from rest_framework import exceptions

from consoleapp.accounts import tokens
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.authentication import exception_handler
from consoleapp.accounts.errors import InUse, NotFound, ValidationFailed
from consoleapp.accounts.models import Membership

WHOAMI = "/api/v1/whoami"


@pytest.mark.parametrize("scheme", ["Token", "Bearer", "token"])
def test_a_token_acts_as_its_user_in_its_team(client: Client, bob: Actor, scheme: str) -> None:
    _, text = tokens.create(bob, bob.user)
    answer = client.get(WHOAMI, headers={"Authorization": f"{scheme} {text}"})
    assert answer.json() == {
        "user": "bob",
        "team": "default",
        "account_id": "123456789012",
        "role": "viewer",
        "region": "us-east-1",
        "regions": ["us-east-1"],
    }


def test_a_token_chooses_its_region_by_header(
    client: Client, bob: Actor, settings: Settings
) -> None:
    settings.REGIONS = ["us-east-1", "eu-west-1"]
    _, text = tokens.create(bob, bob.user)
    asked = {"Authorization": f"Token {text}", "X-Console-Region": "eu-west-1"}
    assert client.get(WHOAMI, headers=asked).json()["region"] == "eu-west-1"
    asked["X-Console-Region"] = "mars-north-1"
    assert client.get(WHOAMI, headers=asked).status_code == 401


@pytest.mark.parametrize("value", ["Token", "Token unknown", "Token a b", "Bearer \xff"])
def test_a_token_that_is_none_is_refused_and_told_how(client: Client, db: None, value: str) -> None:
    answer = client.get(WHOAMI, headers={"Authorization": value})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")
    assert answer.json()["code"] == "UnrecognizedClientException"
    assert answer.json()["message"]


def test_nobody_is_let_in_without_a_token_or_session(client: Client, db: None) -> None:
    answer = client.get(WHOAMI)
    assert answer.status_code == 401
    assert answer.json()["code"] == "MissingAuthenticationToken"


def test_a_session_serves_too_and_its_writes_need_the_csrf_token(actor: Actor) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(actor.user)
    assert client.get(WHOAMI).json()["user"] == "alice"
    refused = client.post("/api/v1/iam-roles", {"name": "R"}, content_type="application/json")
    assert refused.status_code == 403
    assert refused.json()["code"] == "AccessDeniedException"


def test_a_token_needs_no_csrf_token(actor: Actor) -> None:
    _, text = tokens.create(actor, actor.user)
    client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Token {text}"})
    made = client.post("/api/v1/iam-roles", {"name": "R"}, content_type="application/json")
    assert made.status_code == 201


def test_who_left_every_team_is_told_so(alice_client: Client, actor: Actor) -> None:
    Membership.objects.all().delete()
    answer = alice_client.get(WHOAMI)
    assert answer.status_code == 403
    assert "belong to no team" in answer.json()["message"]


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (
            ValidationFailed("Too long.", field="JobName"),
            400,
            {"code": "ValidationException", "message": "Too long.", "field": "JobName"},
        ),
        (NotFound("None."), 404, {"code": "ResourceNotFound", "message": "None.", "field": ""}),
        (InUse("Taken."), 409, {"code": "ResourceInUse", "message": "Taken.", "field": ""}),
        (Http404("Gone."), 404, {"code": "ResourceNotFound", "message": "Gone.", "field": ""}),
        (
            PermissionDenied("Not you."),
            403,
            {"code": "AccessDeniedException", "message": "Not you.", "field": ""},
        ),
        (
            exceptions.ValidationError({"phases": [{}, {"users": ["A number."]}]}),
            400,
            {"code": "ValidationException", "message": "A number.", "field": "phases[1].users"},
        ),
        (
            exceptions.ValidationError({"non_field_errors": ["All of it."]}),
            400,
            {"code": "ValidationException", "message": "All of it.", "field": ""},
        ),
        (
            exceptions.MethodNotAllowed("PUT"),
            405,
            {
                "code": "ValidationException",
                "message": 'Method "PUT" not allowed.',
                "field": "",
            },
        ),
    ],
)
def test_every_refusal_has_the_same_three_fields(
    error: Exception, status: int, body: dict[str, str]
) -> None:
    answer = exception_handler(error, {})
    assert answer is not None
    assert (answer.status_code, answer.data) == (status, body)


def test_being_asked_to_wait_says_how_long() -> None:
    answer = exception_handler(exceptions.Throttled(wait=30), {})
    assert answer is not None
    assert (answer.status_code, answer["Retry-After"]) == (429, "30")
    assert answer.data["code"] == "ThrottlingException"


def test_a_bug_is_not_dressed_up_as_a_refusal() -> None:
    assert exception_handler(RuntimeError("bug"), {}) is None
