import pytest
from django.test import Client

from consoleapp.accounts.actor import Actor


def directives(policy: str) -> dict[str, str]:
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))


def test_every_answer_forbids_inline_scripts_foreign_sources_and_frames(
    client: Client, db: None
) -> None:
    policy = directives(client.get("/console/sign-in")["Content-Security-Policy"])
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["connect-src"] == "'self'"
    assert policy["form-action"] == "'self'"
    assert "unsafe" not in policy["script-src"]


def test_the_usual_headers_are_there(client: Client, db: None) -> None:
    answer = client.get("/console/sign-in")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]


def test_a_page_knows_its_actor_teams_regions_and_version(
    alice_client: Client, actor: Actor
) -> None:
    context = alice_client.get("/console/team").context
    assert context["actor"] == actor
    assert context["teams"] == [actor.team]
    assert context["regions"] == ["us-east-1"]
    assert context["version"]


def test_a_signed_out_page_has_no_actor(client: Client, db: None) -> None:
    answer = client.get("/console/sign-in")
    assert answer.context["actor"] is None
    assert answer.context["teams"] == []


def test_knowing_who_asks_costs_no_more_queries_with_more_teams(
    alice_client: Client, actor: Actor, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(8):
        alice_client.get("/console/team")


@pytest.mark.parametrize(
    "address",
    [
        "/console/recommender/jobs?name=%00",
        "/console/recommender/create-job/%00/model",
        "/api/v1/inference-recommendations-jobs/?model=a%00b",
    ],
)
def test_no_address_brings_a_nul_to_the_database(alice_client: Client, address: str) -> None:
    assert alice_client.get(address).status_code == 400
