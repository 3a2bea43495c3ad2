"""The four-step wizard: one page for every step, answers in a draft, the last step creates."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.errors import CallerError, Forbidden
from consoleapp.accounts.models import Role
from recommender import services
from recommender.form_rows import rows_of
from recommender.models import WizardDraft
from recommender.views import answers, drafts, step_pages, wizard_dialogs
from recommender.views.wizard_steps import ENTERED, STEPS, Filled, Step, check, first_open, step_of


@console_page("GET", role=Role.OPERATOR)
def create(request: AuthedRequest) -> HttpResponse:
    return redirect(_at(drafts.begin(request.actor), STEPS[0]))


@console_page("POST", role=Role.OPERATOR)
def discard(request: AuthedRequest, draft: UUID) -> HttpResponse:
    drafts.get(request.actor, draft).delete()
    messages.info(request, "The draft was discarded.")
    return redirect("recommender:jobs")


@console_page("GET", "POST", role=Role.OPERATOR)
def wizard(request: AuthedRequest, draft: UUID, step: str) -> HttpResponse:
    kept, wanted = drafts.get(request.actor, draft), step_of(step)
    if kept.submitted_job is not None:
        return redirect("recommender:job", name=kept.submitted_job.name)
    allowed = first_open(kept)
    if wanted.number > allowed.number:
        return redirect(_at(kept, allowed))
    if request.method == "POST":
        submits = wanted is STEPS[-1] and request.POST.get("action", "next") == "next"
        return _submit(request, kept) if submits else _send(request, kept, wanted)
    filled = Filled(request.actor, kept)
    return _page(request, filled, wanted, filled.shown(wanted))


def _send(request: AuthedRequest, draft: WizardDraft, step: Step) -> HttpResponse:
    action = request.POST.get("action", "next")
    data = drafts.entered(request.POST)
    if action.startswith("row-"):
        _change_rows(data, step, action)
    drafts.save(draft, step.slug, data)
    if action == "save":
        return render(request, "recommender/wizard/_saved.html", {"draft": draft})
    if action.startswith("row-"):
        return redirect(f"{_at(draft, step)}#rows")
    if action in wizard_dialogs.ACTIONS:
        return _from_dialog(request, draft, step, action)
    if action == "previous" and step.previous:
        return redirect(_at(draft, step.previous))
    if step not in ENTERED:
        return redirect(_at(draft, step))
    filled = Filled(request.actor, draft)
    form = check(filled, step)
    if form.errors:
        return _page(request, filled, step, form, status=422)
    drafts.mark_passed(draft, step.slug)
    return redirect(_at(draft, step.following or step))


def _from_dialog(
    request: AuthedRequest, draft: WizardDraft, step: Step, action: str
) -> HttpResponse:
    try:
        messages.success(request, wizard_dialogs.ACTIONS[action](request, draft))
    except Forbidden:
        raise
    except CallerError as refused:
        messages.error(request, refused.message)
    return redirect(_at(draft, step))


def _change_rows(data: MultiValueDict[str, str], step: Step, action: str) -> None:
    """`row-add` or `row-remove-N`: works as a plain button, without JavaScript."""
    rows = rows_of(data, step.form.columns)
    changed = [list(row.values) for row in rows]
    if action == "row-add":
        changed.append(step.form.next_row(rows))
    elif action.removeprefix("row-remove-").isdecimal():
        index = int(action.removeprefix("row-remove-"))
        changed[index : index + 1] = []
    for place, column in enumerate(step.form.columns):
        data.setlist(column.name, [values[place] for values in changed])


def _submit(request: AuthedRequest, draft: WizardDraft) -> HttpResponse:
    filled = Filled(request.actor, draft, _moment(request.POST.get("at", "")))
    try:
        job = services.create_from_request(
            request.actor,
            filled.request(),
            answers.options(filled.answers),
            once=partial(drafts.mark_submitted, draft),
        )
    except Forbidden:
        raise
    except CallerError as refused:
        # Pressed twice, on this page or another of the draft: one of them made the job.
        if made := drafts.get(request.actor, draft.pk).submitted_job:
            return redirect("recommender:job", name=made.name)
        # With a moment of its own: a name that was taken would be refused again and again.
        again = Filled(request.actor, draft)
        form = again.shown(STEPS[-1])
        return _page(request, again, STEPS[-1], form, status=422, refused=refused.message)
    messages.success(request, f"The job {job.name} was created.")
    return redirect("recommender:job", name=job.name)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _page(
    request: AuthedRequest,
    filled: Filled,
    step: Step,
    form: Any,
    *,
    status: int = 200,
    refused: str = "",
) -> HttpResponse:
    context = {
        "draft": filled.draft,
        "filled": filled,
        "form": form,
        "step": step,
        "steps": STEPS,
        "reachable": first_open(filled.draft).number,
        "refused": refused,
        **step_pages.context(step.slug, filled, form),
    }
    return render(request, step.template, context, status=status)


def _at(draft: WizardDraft, step: Step) -> str:
    return reverse("recommender:wizard", args=[draft.pk, step.slug])
