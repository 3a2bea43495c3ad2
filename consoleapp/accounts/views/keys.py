"""Access keys and API tokens: made, shown once, revoked."""

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from consoleapp.accounts import keys as access_keys
from consoleapp.accounts import sessions
from consoleapp.accounts import tokens as api_tokens
from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.errors import LimitExceeded
from consoleapp.accounts.forms import DescriptionForm
from consoleapp.accounts.models import Role


@never_cache
@console_page("GET")
def keys(request: AuthedRequest) -> HttpResponse:
    return _page(request)


@never_cache
@console_page("POST", role=Role.OPERATOR)
def create_key(request: AuthedRequest) -> HttpResponse:
    form = DescriptionForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, key_form=form)
    if _was_sent(request):
        return redirect("accounts:keys")
    try:
        key, secret = access_keys.create(request.actor, request.user, **form.cleaned_data)
    except LimitExceeded as refused:
        form.add_error(None, refused.message)
        return _page(request, status=422, key_form=form)
    # Answered, not redirected: what is shown once must not wait in a session.
    shown = [
        {"label": "Access key id", "value": key.key_id, "copy": True, "mono": True},
        {"label": "Secret access key", "value": secret, "copy": True, "mono": True},
    ]
    return _page(request, shown=shown, shown_title="Your new access key")


@console_page("POST")
def revoke_key(request: AuthedRequest, key_id: str) -> HttpResponse:
    access_keys.revoke(request.actor, key_id)
    messages.success(request, f"The access key {key_id} is revoked.")
    return redirect("accounts:keys")


@never_cache
@console_page("POST")
def create_token(request: AuthedRequest) -> HttpResponse:
    form = DescriptionForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, token_form=form)
    if _was_sent(request):
        return redirect("accounts:keys")
    try:
        _, text = api_tokens.create(request.actor, request.user, **form.cleaned_data)
    except LimitExceeded as refused:
        form.add_error(None, refused.message)
        return _page(request, status=422, token_form=form)
    shown = [{"label": "API token", "value": text, "copy": True, "mono": True}]
    return _page(request, shown=shown, shown_title="Your new API token")


@console_page("POST")
def revoke_token(request: AuthedRequest, token_id: int) -> HttpResponse:
    api_tokens.revoke(request.actor, token_id)
    messages.success(request, "The API token is revoked.")
    return redirect("accounts:keys")


def _was_sent(request: AuthedRequest) -> bool:
    """A reload of the page that shows a secret once must not make another one."""
    if sessions.is_first(request.session, request.POST.get("form_id", "")):
        return False
    messages.info(request, "It was made and shown before; it cannot be shown again.")
    return True


def _page(request: AuthedRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    actor = request.actor
    context = {
        "tab": "keys",
        "keys": access_keys.visible(actor),
        "usable": set(access_keys.active().filter(team=actor.team).values_list("pk", flat=True)),
        "tokens": api_tokens.visible(actor),
        "key_form": DescriptionForm(auto_id="key_%s"),
        "token_form": DescriptionForm(auto_id="token_%s"),
        "form_id": secrets.token_hex(8),
        "may_create_keys": actor.may(Role.OPERATOR),
        **extra,
    }
    return render(request, "accounts/keys.html", context, status=status)
