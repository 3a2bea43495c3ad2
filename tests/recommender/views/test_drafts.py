"""Drafts: one person's, kept as typed, safe against two saves that cross."""

import pytest
from django.utils.datastructures import MultiValueDict

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound
from recommender.views import drafts


def test_a_draft_is_its_authors_alone(actor: Actor, bob: Actor, charlie: Actor) -> None:
    draft = drafts.begin(actor)
    assert drafts.get(actor, draft.pk) == draft
    for other in (bob, charlie):
        with pytest.raises(NotFound):
            drafts.get(other, draft.pk)


def test_lists_come_back_as_they_were_sent(actor: Actor) -> None:
    draft = drafts.begin(actor)
    drafts.save(draft, "instances", MultiValueDict({"instance_types": ["a", "b"]}))
    kept = drafts.data_of(drafts.get(actor, draft.pk), "instances")
    assert kept is not None
    assert kept.getlist("instance_types") == ["a", "b"]
    assert drafts.data_of(draft, "parameters") is None


def test_a_late_autosave_does_not_take_a_passed_step_back(actor: Actor) -> None:
    draft = drafts.begin(actor)
    before = drafts.get(actor, draft.pk)
    drafts.save(draft, "model", MultiValueDict({"job_type": ["Default"]}))
    drafts.mark_passed(draft, "model")
    drafts.save(before, "model", MultiValueDict({"job_type": ["Advanced"]}))
    assert drafts.passed(drafts.get(actor, draft.pk)) == {"model"}


def test_tokens_and_buttons_are_no_answers() -> None:
    sent = MultiValueDict(
        {
            "csrfmiddlewaretoken": ["t"],
            "action": ["next"],
            "new_role": ["r"],
            "job_type": ["Default"],
        }
    )
    assert dict(drafts.entered(sent).lists()) == {"job_type": ["Default"]}


def test_untouched_and_submitted_drafts_are_not_listed(actor: Actor) -> None:
    drafts.begin(actor)
    kept = drafts.begin_with(actor, {"model": {"job_type": ["Default"]}})
    assert list(drafts.listed(actor)) == [kept]
    assert drafts.passed(kept) == {"model"}


def test_a_late_autosave_does_not_break_on_a_discarded_draft(actor: Actor) -> None:
    draft = drafts.begin(actor)
    before = drafts.get(actor, draft.pk)
    draft.delete()
    with pytest.raises(NotFound):
        drafts.save(before, "model", MultiValueDict({"job_type": ["Default"]}))
    with pytest.raises(NotFound):
        drafts.mark_passed(before, "model")
