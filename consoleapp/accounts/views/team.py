"""The team's pages: members, IAM roles, quotas, audit trail."""

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from consoleapp.accounts import quotas as quota_rules
from consoleapp.accounts import services
from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.errors import CallerError, InUse, LimitExceeded, ValidationFailed
from consoleapp.accounts.forms import IamRoleForm, MemberForm, QuotaForm, show_refusal
from consoleapp.accounts.models import AuditEvent, Membership, Role

_PAGE: Final = 50


@never_cache
@console_page("GET")
def team(request: AuthedRequest) -> HttpResponse:
    return _members_page(request, MemberForm())


@never_cache
@console_page("POST", role=Role.ADMIN)
def add_member(request: AuthedRequest) -> HttpResponse:
    form = MemberForm(request.POST)
    if not form.is_valid():
        return _members_page(request, form, status=422)
    username = form.cleaned_data["username"]
    try:
        role = Role(form.cleaned_data["role"])
        _, password = services.add_member(request.actor, username=username, role=role)
    except CallerError as refused:
        show_refusal(form, refused)
        return _members_page(request, form, status=422)
    if not password:
        messages.success(request, f"{username} was added to the team.")
        return redirect("accounts:team")
    # Answered, not redirected: a password that is shown once must not wait in a session.
    shown = [
        {"label": "User name", "value": username, "copy": True},
        {"label": "Password", "value": password, "copy": True, "mono": True},
    ]
    return _members_page(request, MemberForm(), shown=shown, shown_title="A new user was made")


@console_page("POST", role=Role.ADMIN)
def change_role(request: AuthedRequest, username: str) -> HttpResponse:
    try:
        role = _role(request.POST.get("role", ""))
        services.change_role(request.actor, username=username, role=role)
        messages.success(request, f"{username} is {role.value} now.")
    except ValidationFailed as refused:
        messages.error(request, refused.message)
    return redirect("accounts:team")


@console_page("POST", role=Role.ADMIN)
def remove_member(request: AuthedRequest, username: str) -> HttpResponse:
    try:
        services.remove_member(request.actor, username=username)
        messages.success(request, f"{username} was removed from the team.")
    except ValidationFailed as refused:
        messages.error(request, refused.message)
    return redirect("accounts:team")


@console_page("GET", "POST")
def roles(request: AuthedRequest) -> HttpResponse:
    form = IamRoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            role = services.create_iam_role(request.actor, **form.cleaned_data)
        except (ValidationFailed, InUse, LimitExceeded) as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, f"{role.arn} was created.")
            return redirect("accounts:roles")
    page = Paginator(services.iam_roles(request.actor), _PAGE).get_page(request.GET.get("page"))
    context = {
        "tab": "roles",
        "form": form,
        "page": page,
        "may_create": request.actor.may(Role.OPERATOR),
    }
    return render(request, "accounts/roles.html", context, status=422 if form.errors else 200)


@console_page("GET")
def quotas(request: AuthedRequest) -> HttpResponse:
    context = {
        "tab": "quotas",
        "quotas": quota_rules.effective(request.actor.team),
        "may_change": request.actor.may(Role.ADMIN),
    }
    return render(request, "accounts/quotas.html", context)


@console_page("POST", role=Role.ADMIN)
def set_quota(request: AuthedRequest) -> HttpResponse:
    form = QuotaForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationFailed("A quota is a number, zero or more; empty for the default.")
        quota_rules.set_limit(request.actor, **form.cleaned_data)
        messages.success(request, f"The quota {form.cleaned_data['code']} is changed.")
    except ValidationFailed as refused:
        messages.error(request, refused.message)
    return redirect("accounts:quotas")


@console_page("GET")
def audit(request: AuthedRequest) -> HttpResponse:
    rows = AuditEvent.objects.filter(team=request.actor.team).select_related("user")
    page = Paginator(rows.order_by("-at", "-id"), _PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/audit.html", {"tab": "audit", "page": page})


def _members_page(
    request: AuthedRequest, form: MemberForm, *, status: int = 200, **extra: Any
) -> HttpResponse:
    members = services.members(request.actor)
    may_change = request.actor.may(Role.ADMIN)
    context = {
        "tab": "members",
        "members": members,
        "removals": [_removal(member) for member in members] if may_change else [],
        "roles": Role.choices,
        "form": form,
        "may_change": may_change,
        **extra,
    }
    return render(request, "accounts/team.html", context, status=status)


def _removal(member: Membership) -> dict[str, str]:
    name = member.user.username
    return {
        "dialog": f"remove-{member.pk}",
        "text": f"The access keys and API tokens that {name} has here stop working at once.",
        "url": reverse("accounts:remove-member", args=[name]),
    }


def _role(value: str) -> Role:
    try:
        return Role(value)
    except ValueError:
        raise ValidationFailed(f"There is no role '{value}'.", field="role") from None
