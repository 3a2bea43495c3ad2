"""Wizard drafts: what a person has entered so far, kept as typed, so nothing is ever lost."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import InUse, NotFound
from recommender.models import Job, WizardDraft

#: Beside the steps' answers: the steps that were once accepted.
_PASSED: Final = "_passed"
_GONE: Final = "There is no such draft."
_NOT_ANSWERS: Final = {"csrfmiddlewaretoken", "action", "at", "new_role", "new_role_text"}


def mine(actor: Actor) -> QuerySet[WizardDraft]:
    return WizardDraft.objects.filter(team=actor.team, region=actor.region, user=actor.user)


def listed(actor: Actor) -> QuerySet[WizardDraft]:
    """Drafts worth resuming, newest first: with an answer, and not submitted."""
    open_ones = mine(actor).filter(submitted_job=None).exclude(answers={})
    return open_ones.order_by("-modified_at")


def get(actor: Actor, draft_id: UUID) -> WizardDraft:
    draft = mine(actor).select_related("submitted_job").filter(pk=draft_id).first()
    if draft is None:
        raise NotFound(_GONE)
    return draft


def begin(actor: Actor) -> WizardDraft:
    """A draft to fill in: an untouched one of theirs, so that opening the page makes no litter."""
    assert actor.user is not None
    untouched = mine(actor).filter(submitted_job=None, answers={}).first()
    return untouched or WizardDraft.objects.create(
        team=actor.team, region=actor.region, user=actor.user
    )


def begin_with(actor: Actor, answers: Mapping[str, Mapping[str, list[str]]]) -> WizardDraft:
    assert actor.user is not None
    kept: dict[str, Any] = {**answers, _PASSED: list(answers)}
    return WizardDraft.objects.create(
        team=actor.team, region=actor.region, user=actor.user, answers=kept
    )


def data_of(draft: WizardDraft, step: str) -> MultiValueDict[str, str] | None:
    """What was entered in a step, None when it was never opened."""
    kept = draft.answers.get(step)
    return None if kept is None else MultiValueDict(kept)


def entered(posted: MultiValueDict[str, str]) -> MultiValueDict[str, str]:
    """A step's answers alone, out of what the browser sent."""
    return MultiValueDict({k: v for k, v in posted.lists() if k not in _NOT_ANSWERS})


@transaction.atomic
def save(draft: WizardDraft, step: str, data: MultiValueDict[str, str]) -> None:
    # Read again in the transaction: autosave and Next of one page may cross.
    _write(draft, {**_locked(draft).answers, step: dict(data.lists())})


@transaction.atomic
def mark_passed(draft: WizardDraft, step: str) -> None:
    fresh = _locked(draft)
    _write(draft, {**fresh.answers, _PASSED: sorted({*passed(fresh), step})})


def passed(draft: WizardDraft) -> set[str]:
    return set(draft.answers.get(_PASSED, []))


def mark_submitted(draft: WizardDraft, job: Job) -> None:
    """In the transaction that writes the job. Raises InUse when another was there first."""
    if not WizardDraft.objects.filter(pk=draft.pk, submitted_job=None).update(submitted_job=job):
        raise InUse("The draft was submitted or discarded meanwhile.")


def _locked(draft: WizardDraft) -> WizardDraft:
    """As it is now. Raises NotFound when it was discarded meanwhile."""
    fresh = WizardDraft.objects.select_for_update().filter(pk=draft.pk).first()
    if fresh is None:
        raise NotFound(_GONE)
    return fresh


def _write(draft: WizardDraft, answers: dict[str, Any]) -> None:
    draft.answers, draft.modified_at = answers, timezone.now()
    draft.save(update_fields=["answers", "modified_at"])
