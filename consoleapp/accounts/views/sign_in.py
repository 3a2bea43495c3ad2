"""Signing in and out, changing one's password, and choosing team and region."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from consoleapp.accounts import sessions, throttle
from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.forms import SignInForm

_TOO_MANY = "Too many wrong passwords for this name. Try again in a quarter of an hour."


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    target = _own_page(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.user.is_authenticated:
        return redirect(target)
    form = SignInForm(request, data=request.POST or None)
    status = 200
    if request.method == "POST":
        username, address = request.POST.get("username", ""), request.META.get("REMOTE_ADDR", "")
        if throttle.is_locked(username, address):
            return _sign_in_page(request, SignInForm(), target, status=429, refusal=_TOO_MANY)
        if form.is_valid():
            throttle.forget(username, address)
            login(request, form.get_user())
            return redirect(target)
        throttle.count_failure(username, address)
        status = 422
    return _sign_in_page(request, form, target, status=status)


@require_http_methods(["POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Also for those who belong to no team: they could not leave otherwise."""
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@sensitive_post_parameters()
@never_cache
@console_page("GET", "POST")
def password(request: AuthedRequest) -> HttpResponse:
    form = PasswordChangeForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.save(commit=False)
        user.save(update_fields=["password"])
        update_session_auth_hash(request, user)
        messages.success(request, "Your password is changed.")
        return redirect("accounts:keys")
    status = 422 if form.errors else 200
    return render(request, "accounts/password.html", {"form": form}, status=status)


@console_page("POST")
def switch(request: AuthedRequest) -> HttpResponse:
    """To another team (then to its start page) or another region (then back to the page)."""
    team, region = request.POST.get("team"), request.POST.get("region")
    if team:
        sessions.switch_team(request.user, request.session, account_id=team)
        return redirect(settings.LOGIN_REDIRECT_URL)
    if region:
        sessions.switch_region(request.session, region=region)
    return redirect(_own_page(request, request.POST.get("next", "")))


def _sign_in_page(
    request: HttpRequest, form: SignInForm, target: str, *, status: int, refusal: str = ""
) -> HttpResponse:
    context = {"form": form, "next": target, "refusal": refusal}
    return render(request, "accounts/sign_in.html", context, status=status)


def _own_page(request: HttpRequest, target: str) -> str:
    """The target when it is a page of this console: never a way to lead people elsewhere."""
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else str(settings.LOGIN_REDIRECT_URL)
