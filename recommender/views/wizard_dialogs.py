"""The wizard's small answers: the model's fields, the traffic preview, new roles, payload files."""

import uuid
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from consoleapp.accounts import quotas
from consoleapp.accounts import services as accounts
from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError, ValidationFailed
from consoleapp.accounts.models import Role
from consoleapp.storage import patience, s3
from recommender import charts
from recommender.forms import ModelForm
from recommender.models import WizardDraft
from recommender.views import answers, drafts, step_pages
from recommender.views.wizard_steps import choices

_MIB: Final = 2**20
_ARCHIVES: Final = (".tar.gz", ".tgz")


@console_page("GET", role=Role.OPERATOR)
def model_fields(request: AuthedRequest) -> HttpResponse:
    """Group, version or model name as chosen so far, and what this host says of the model."""
    offered = choices(request.actor, request.GET)
    form = ModelForm(None, offered, initial=request.GET)
    checked = ModelForm(request.GET, offered)
    checked.is_valid()
    members = answers.as_request({"model": checked.cleaned_data}, timezone.now())
    context = {"form": form, **step_pages.subject_of(request.actor, members)}
    return render(request, "recommender/wizard/_model_fields.html", context)


@console_page("GET", role=Role.OPERATOR)
def preview(request: AuthedRequest) -> JsonResponse:
    """Users over time of the traffic pattern as typed; an empty figure while it makes no sense."""
    form = ModelForm(request.GET, choices(request.actor, None))
    form.is_valid()
    typed = {**form.cleaned_data, "phases": [row.numbers() for row in form.rows]}
    return JsonResponse(charts.traffic_preview(answers.traffic_pattern(typed)))


def create_role(request: AuthedRequest, draft: WizardDraft) -> str:
    """The dialog's button: a new role, chosen at once. Returns what to tell."""
    name, description = request.POST.get("new_role", ""), request.POST.get("new_role_text", "")
    role = accounts.create_iam_role(request.actor, name, description)
    _fill(draft, "role_arn", role.arn)
    return f"The role {role.name} was created and chosen."


def upload_payload(request: AuthedRequest, draft: WizardDraft) -> str:
    """The dialog's button: the archive goes into the team's bucket and is chosen at once."""
    uri = _upload(request, request.FILES.get("archive"))
    _fill(draft, "payload_url", uri)
    return f"The archive was uploaded to {uri} and chosen."


ACTIONS: Final = {"create-role": create_role, "upload-payload": upload_payload}


@console_page("GET", role=Role.OPERATOR)
def browse_payload(request: AuthedRequest) -> HttpResponse:
    """One level of a bucket: folders to open, archives to choose."""
    try:
        context = _level(request.actor, request.GET.get("prefix", ""))
    except CallerError as refused:
        context = {"refused": refused.message}
    except patience.FAULTS:
        context = {"refused": patience.AWAY}
    return render(request, "recommender/wizard/_payload_browser.html", context)


def _level(actor: Actor, prefix: str) -> dict[str, Any]:
    uri = prefix or f"s3://{s3.default_bucket(actor)}/"
    listing = s3.list_prefix(actor, uri)
    parent = listing.prefix.rstrip("/").rpartition("/")[0]
    above = f"s3://{listing.bucket}/{parent}/" if parent else f"s3://{listing.bucket}/"
    folders = [
        {"name": folder.rstrip("/").rpartition("/")[2], "uri": f"s3://{listing.bucket}/{folder}"}
        for folder in listing.folders
    ]
    files = [(one, one.name.endswith(_ARCHIVES)) for one in listing.objects]
    return {
        "prefix": uri,
        "parent": above if listing.prefix else "",
        "folders": folders,
        "files": files,
        "more": bool(listing.next_token),
    }


def _upload(request: AuthedRequest, archive: "UploadedFile[bytes] | None") -> str:
    if archive is None or not archive.name or not archive.name.endswith(_ARCHIVES):
        raise ValidationFailed("Choose a .tar.gz archive of sample payloads.")
    most = quotas.limit(request.actor.team, "payload.archive_mib.max")
    if (archive.size or 0) > most * _MIB:
        raise ValidationFailed(f"The archive is larger than {most:g} MiB.")
    # In a folder of its own: a job keeps the address, and another archive may have this name.
    folder = f"payloads/{uuid.uuid4().hex[:8]}"
    uri = f"s3://{s3.default_bucket(request.actor)}/{folder}/{archive.name}"
    try:
        s3.put_file(request.actor, uri, archive, "application/gzip")
    except patience.FAULTS:
        raise ValidationFailed(patience.AWAY) from None
    return uri


def _fill(draft: WizardDraft, name: str, value: str) -> None:
    data = drafts.data_of(draft, "model")
    assert data is not None, "the page's own answers are saved before its dialogs act"
    data.setlist(name, [value])
    drafts.save(draft, "model", data)
