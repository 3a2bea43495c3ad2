"""The way in, and what one sees where there is nothing."""

from io import StringIO

from django.core.management import call_command
from django.test import Client


def test_the_root_leads_to_the_console(client: Client) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/console/")


def test_the_console_begins_with_the_jobs(bob_client: Client) -> None:
    assert bob_client.get("/console/")["Location"] == "/console/recommender/jobs"


def test_who_is_signed_out_goes_to_sign_in_first(client: Client, db: None) -> None:
    assert client.get("/console/")["Location"].startswith("/console/sign-in")


def test_an_unknown_page_is_the_consoles_own_404(bob_client: Client, client: Client) -> None:
    for each in (bob_client, client):
        answer = each.get("/console/nowhere")
        assert answer.status_code == 404
        assert "Page not found" in answer.content.decode()


def test_an_unknown_path_of_rest_is_answered_as_rest_answers(
    bob_client: Client, client: Client
) -> None:
    for method in ("get", "post", "delete"):
        answer = getattr(bob_client, method)("/api/v1/nowhere", content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (404, "ResourceNotFound")
        assert "/api/v1/nowhere" in answer.json()["message"]
    assert client.get("/api/v1/nowhere").status_code == 401
    assert bob_client.get("/api/v1/docs")["Location"] == "/api/v1/docs/"


def test_a_page_needs_no_address_but_its_own(bob_client: Client) -> None:
    page = bob_client.get("/console/recommender/jobs").content.decode()
    assert "https://" not in page
    assert "cdn" not in page
    assert bob_client.get("/console/recommender/jobs")["Content-Security-Policy"]


def test_the_error_page_needs_nothing_to_be_drawn() -> None:
    from django.template.loader import render_to_string

    assert "Something went wrong" in render_to_string("500.html")


def test_the_schema_of_the_api_has_no_warning() -> None:
    written = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=written)
    assert "JobStatusEnum" in written.getvalue()


def test_the_api_docs_come_from_this_host_without_inline_script(bob_client: Client) -> None:
    page = bob_client.get("/api/v1/docs/").content.decode()
    assert "cdn" not in page
    assert 'src="/static/drf_spectacular_sidecar/' in page
    assert "<script>" not in page
