"""Pages that browse buckets: list, upload, download, delete."""

from typing import Any, Final

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from consoleapp.accounts import quotas
from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.errors import CallerError, InUse, ValidationFailed
from consoleapp.accounts.models import Role
from consoleapp.storage import buckets, s3
from consoleapp.storage.forms import BucketForm, UploadForm
from consoleapp.storage.streaming import as_download

_MIB: Final = 2**20


@console_page("GET")
def browse(request: AuthedRequest) -> HttpResponse:
    return _buckets_page(request, BucketForm())


@console_page("POST", role=Role.OPERATOR)
def create_bucket(request: AuthedRequest) -> HttpResponse:
    form = BucketForm(request.POST)
    if not form.is_valid():
        return _buckets_page(request, form, status=422)
    try:
        bucket = buckets.create_bucket(request.actor, form.cleaned_data["name"])
    except CallerError as refused:
        form.add_error("name", refused.message)
        return _buckets_page(request, form, status=422)
    messages.success(request, f"The bucket {bucket.name} was created.")
    return redirect("storage:bucket", bucket.name)


@console_page("POST", role=Role.OPERATOR)
def delete_bucket(request: AuthedRequest, name: str) -> HttpResponse:
    buckets.find(request.actor, name)
    if request.POST.get("confirm") != name:
        messages.error(request, "Type the bucket's name to confirm.")
        return redirect("storage:bucket", name)
    try:
        buckets.delete_bucket(request.actor, name)
    except InUse as refused:
        messages.error(request, refused.message)
        return redirect("storage:bucket", name)
    messages.success(request, f"The bucket {name} was deleted.")
    return redirect("storage:browse")


@console_page("GET")
def bucket(request: AuthedRequest, name: str) -> HttpResponse:
    prefix = request.GET.get("prefix", "")
    return _bucket_page(request, name, prefix, UploadForm(initial={"folder": prefix.rstrip("/")}))


@console_page("POST", role=Role.OPERATOR)
def upload(request: AuthedRequest, name: str) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        file, folder = form.cleaned_data["file"], form.cleaned_data["folder"].strip("/")
        try:
            uri = _upload(request, name, folder, file)
        except ValidationFailed as refused:
            form.add_error("file", refused.message)
        else:
            messages.success(request, f"{uri} was uploaded.")
            return redirect(_address(name, f"{folder}/" if folder else ""))
    folder = request.POST.get("folder", "").strip("/")
    # A folder that cannot be must not hide the form that says so.
    prefix = f"{folder}/" if folder and _is_prefix(name, folder) else ""
    return _bucket_page(request, name, prefix, form, status=422)


@console_page("GET")
def download(request: AuthedRequest, name: str) -> HttpResponseBase:
    uri = f"s3://{name}/{request.GET.get('key', '')}"
    try:
        return as_download(s3.open_object(request.actor, uri))
    except ValidationFailed as refused:
        return render(request, "404.html", {"message": refused.message}, status=404)


@console_page("GET", "POST", role=Role.OPERATOR)
def delete(request: AuthedRequest, name: str) -> HttpResponse:
    """GET asks, POST deletes."""
    key = request.POST.get("key") or request.GET.get("key", "")
    uri = f"s3://{name}/{key}"
    folder = key.rpartition("/")[0]
    back = _address(name, f"{folder}/" if folder else "")
    try:
        info = s3.head(request.actor, uri)
        if request.method == "POST":
            s3.delete(request.actor, uri)
            messages.success(request, f"{uri} was deleted.")
            return redirect(back)
    except ValidationFailed as refused:
        return render(request, "404.html", {"message": refused.message}, status=404)
    return render(request, "storage/delete.html", {"info": info, "back": back})


def _upload(request: AuthedRequest, name: str, folder: str, file: "UploadedFile[bytes]") -> str:
    most = quotas.limit(request.actor.team, "storage.upload_mib.max")
    if (file.size or 0) > most * _MIB:
        raise ValidationFailed(f"The file is larger than {most:g} MiB.")
    uri = f"s3://{name}/{folder}/{file.name}" if folder else f"s3://{name}/{file.name}"
    s3.put_file(request.actor, uri, file, file.content_type or "")
    return uri


def _is_prefix(name: str, folder: str) -> bool:
    try:
        s3.parse_uri(f"s3://{name}/{folder}/")
    except ValidationFailed:
        return False
    return True


def _buckets_page(request: AuthedRequest, form: BucketForm, *, status: int = 200) -> HttpResponse:
    context = {
        "buckets": buckets.owned(request.actor),
        "form": form,
        "may_change": request.actor.may(Role.OPERATOR),
    }
    return render(request, "storage/buckets.html", context, status=status)


def _bucket_page(
    request: AuthedRequest, name: str, prefix: str, form: UploadForm, *, status: int = 200
) -> HttpResponse:
    try:
        listing = s3.list_prefix(
            request.actor, f"s3://{name}/{prefix}", token=request.GET.get("token", "")
        )
    except ValidationFailed as refused:
        return render(request, "404.html", {"message": refused.message}, status=404)
    context = {
        "bucket": buckets.find(request.actor, name),
        "listing": listing,
        "folders": [_folder(name, prefix, folder) for folder in listing.folders],
        "trail": _trail(name, prefix),
        "form": form,
        "next": _address(name, prefix, listing.next_token) if listing.next_token else "",
        "may_change": request.actor.may(Role.OPERATOR),
    }
    return render(request, "storage/bucket.html", context, status=status)


def _folder(name: str, prefix: str, folder: str) -> dict[str, str]:
    return {"name": folder.removeprefix(prefix), "url": _address(name, folder)}


def _trail(name: str, prefix: str) -> list[dict[str, Any]]:
    """The folders above, each with its address."""
    steps = prefix.rstrip("/").split("/") if prefix else []
    return [
        {"name": step, "url": _address(name, "/".join(steps[: index + 1]) + "/")}
        for index, step in enumerate(steps)
    ]


def _address(name: str, prefix: str, token: str = "") -> str:
    asked = {key: value for key, value in (("prefix", prefix), ("token", token)) if value}
    return reverse("storage:bucket", args=[name]) + (f"?{urlencode(asked)}" if asked else "")
