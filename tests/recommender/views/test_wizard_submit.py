"""The wizard's last step: it creates one job, or says what stands in the way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client

from consoleapp.accounts import quotas
from consoleapp.accounts.actor import Actor
from recommender import services, validation
from recommender.errors import FieldError
from recommender.models import Job, WizardDraft
from recommender.views import drafts
from tests.recommender.views.walking import messages_of, send, up_to_review

pytestmark = [pytest.mark.usefixtures("two_cores"), pytest.mark.django_db]


@contextmanager
def meanwhile(act: Callable[[], object]) -> Iterator[None]:
    """`act` happens while a Submit that came before is still looked at."""
    with pytest.MonkeyPatch.context() as patch:

        def overtaken(*given: Any) -> list[FieldError]:
            patch.undo()
            act()
            return validation.problems(*given)

        patch.setattr(services, "problems", overtaken)
        yield


@pytest.mark.parametrize("other_at", ["2026-01-31T12:00:00", "2026-01-31T12:00:01"])
def test_submit_pressed_on_two_pages_of_a_draft_creates_one_job(
    alice_client: Client, model: dict[str, Any], other_at: str
) -> None:
    review = f"{up_to_review(alice_client, model)}/review"

    def submit(at: str) -> Any:
        return alice_client.post(review, {"action": "next", "at": at})

    with meanwhile(lambda: submit(other_at)):
        answer = submit("2026-01-31T12:00:00")
    job = Job.objects.get()
    assert (answer.status_code, answer["Location"].rpartition("/")[2]) == (302, job.name)
    assert job.name.endswith(other_at[-2:])
    assert WizardDraft.objects.get().submitted_job == job


def test_a_draft_that_is_discarded_meanwhile_creates_no_job(
    alice_client: Client, model: dict[str, Any]
) -> None:
    draft = up_to_review(alice_client, model)
    with meanwhile(WizardDraft.objects.all().delete):
        answer = alice_client.post(f"{draft}/review", {"action": "next"})
    assert answer.status_code == 404
    assert not Job.objects.exists()


def test_a_name_that_someone_took_is_said_and_not_asked_for_again(
    actor: Actor, alice_client: Client, model: dict[str, Any]
) -> None:
    taken, draft = up_to_review(alice_client, model), up_to_review(alice_client, model)
    at = "2026-01-31T12:00:00"
    for each in (taken, draft):
        answer = alice_client.post(f"{each}/review", {"action": "next", "at": at})
    assert "already exists" in messages_of(answer)
    next_at = answer.context["at"]
    again = alice_client.post(f"{draft}/review", {"action": "next", "at": next_at})
    assert again.status_code == 302
    assert Job.objects.count() == 2


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


def test_a_button_that_the_last_step_does_not_have_changes_nothing(
    alice_client: Client, model: dict[str, Any]
) -> None:
    draft = up_to_review(alice_client, model)
    answer = send(alice_client, f"{draft}/review", {}, "something")
    assert (answer.status_code, answer["Location"]) == (302, f"{draft}/review")
    assert not Job.objects.exists()


def test_a_draft_goes_with_the_job_that_came_of_it(
    actor: Actor, alice_client: Client, model: dict[str, Any]
) -> None:
    alice_client.post(f"{up_to_review(alice_client, model)}/review")
    Job.objects.get().delete()
    assert not drafts.listed(actor)


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
