"""The wizard's last step: it creates one job, or says what stands in the way."""

from typing import Any

import pytest
from django.test import Client

from consoleapp.accounts import quotas
from consoleapp.accounts.actor import Actor
from recommender.models import Job, WizardDraft
from recommender.views import drafts
from tests.recommender.views.walking import messages_of, send, up_to_review

pytestmark = [pytest.mark.usefixtures("two_cores"), pytest.mark.django_db]


def test_submit_pressed_twice_creates_one_job(
    actor: Actor, alice_client: Client, model: dict[str, Any]
) -> None:
    """The second press is answered while the draft does not know of the first one's job yet."""
    draft = up_to_review(alice_client, model)
    at = alice_client.get(f"{draft}/review").context["at"]
    first = alice_client.post(f"{draft}/review", {"action": "next", "at": at})
    WizardDraft.objects.update(submitted_job=None)
    second = alice_client.post(f"{draft}/review", {"action": "next", "at": at})
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert Job.objects.count() == 1


def test_a_name_that_someone_else_took_is_no_job_of_mine(
    actor: Actor, alice_client: Client, model: dict[str, Any]
) -> None:
    draft = up_to_review(alice_client, model)
    at = alice_client.get(f"{draft}/review").context["at"]
    alice_client.post(f"{draft}/review", {"action": "next", "at": at})
    WizardDraft.objects.update(submitted_job=None)
    Job.objects.update(created_by=None)
    again = alice_client.post(f"{draft}/review", {"action": "next", "at": at})
    assert "already exists" in messages_of(again)


@pytest.mark.parametrize("at", ["", "x", "2026-13-45T00:00:00", "9" * 40])
def test_a_moment_that_is_none_is_now(alice_client: Client, model: dict[str, Any], at: str) -> None:
    draft = up_to_review(alice_client, model)
    assert alice_client.post(f"{draft}/review", {"action": "next", "at": at}).status_code == 302


def test_previous_in_the_last_step_leads_back_and_creates_nothing(
    alice_client: Client, model: dict[str, Any]
) -> None:
    draft = up_to_review(alice_client, model)
    answer = send(alice_client, f"{draft}/review", {}, "previous")
    assert (answer.status_code, answer["Location"]) == (302, f"{draft}/parameters")
    assert not Job.objects.exists()


def test_a_draft_goes_with_the_job_that_came_of_it(
    actor: Actor, alice_client: Client, model: dict[str, Any]
) -> None:
    alice_client.post(f"{up_to_review(alice_client, model)}/review")
    Job.objects.get().delete()
    assert drafts.listed(actor) == []


def test_what_became_wrong_since_stops_the_last_step_with_a_way_back(
    actor: Actor, alice_client: Client, model: dict[str, Any]
) -> None:
    draft = up_to_review(alice_client, model)
    quotas.set_limit(actor, code="recommender.spawn_rate.max", value=3)
    page = messages_of(alice_client.post(f"{draft}/review"))
    assert "SpawnRate must be between 0 and 3" in page
    assert f'href="{draft}/model">Edit' in page
    assert not Job.objects.exists()


def test_a_full_team_is_told_so_and_keeps_the_draft(
    actor: Actor, alice_client: Client, model: dict[str, Any]
) -> None:
    quotas.set_limit(actor, code="recommender.concurrent_jobs.max", value=0)
    draft = up_to_review(alice_client, model)
    assert "The job cannot be created yet" in messages_of(alice_client.post(f"{draft}/review"))
