"""Admin of people and teams: the one place that sees every team."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest

from consoleapp.accounts import audit, keys, tokens
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import (
    AccessKey,
    ApiToken,
    AuditEvent,
    IamRole,
    Membership,
    Quota,
    Role,
    Tag,
    Team,
    User,
)
from consoleapp.accounts.quotas import DEFAULTS
from consoleapp.accounts.read_only import ReadOnlyAdmin

if TYPE_CHECKING:
    MembershipInlineBase = admin.TabularInline[Membership, Team]
    QuotaInlineBase = admin.TabularInline[Quota, Team]
    TeamBase = admin.ModelAdmin[Team]
    QuotaBase = admin.ModelAdmin[Quota]
    MembershipBase = admin.ModelAdmin[Membership]
    IamRoleBase = admin.ModelAdmin[IamRole]
    TagBase = admin.ModelAdmin[Tag]
    QuotaFormBase = ModelForm[Quota]
else:
    MembershipInlineBase = QuotaInlineBase = admin.TabularInline
    TeamBase = QuotaBase = MembershipBase = IamRoleBase = TagBase = admin.ModelAdmin
    QuotaFormBase = ModelForm

admin.site.site_header = "Inference console"
admin.site.site_title = "Inference console"
admin.site.register(User, UserAdmin)
# Rights come from roles in teams; Django's groups would be a second, unread list.
admin.site.unregister(Group)


def _quota_choices() -> list[tuple[str, str]]:
    return [
        (code, f"{code}: {spec.text} (default {spec.default:g})") for code, spec in DEFAULTS.items()
    ]


class QuotaForm(QuotaFormBase):
    code = forms.ChoiceField(choices=_quota_choices)
    value = forms.FloatField(min_value=0)

    class Meta:
        model = Quota
        fields = ["team", "code", "value"]


class MembershipInline(MembershipInlineBase):
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


class QuotaInline(QuotaInlineBase):
    model = Quota
    form = QuotaForm
    extra = 0


@admin.register(Team)
class TeamAdmin(TeamBase):
    list_display = ["name", "account_id", "created_at"]
    search_fields = ["name", "account_id"]
    readonly_fields = ["created_at"]
    inlines = [MembershipInline, QuotaInline]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Team | None = None
    ) -> list[str] | tuple[str, ...]:
        # Every ARN, series and route of the team carries it.
        return ["created_at", "account_id"] if obj else ["created_at"]

    def save_formset(
        self,
        request: HttpRequest,
        form: Any,
        formset: "BaseInlineFormSet[Any, Any, Any]",
        change: bool,
    ) -> None:
        super().save_formset(request, form, formset, change)
        for row in formset.new_objects + [changed for changed, _ in formset.changed_objects]:
            if isinstance(row, Quota):
                _record_quota(request, row)


@admin.register(Quota)
class QuotaAdmin(QuotaBase):
    form = QuotaForm
    list_display = ["team", "code", "value", "default"]
    list_filter = ["team", "code"]

    @admin.display(description="default")
    def default(self, quota: Quota) -> str:
        spec = DEFAULTS.get(quota.code)
        return f"{spec.default:g}" if spec else "no longer a quota"

    def save_model(self, request: HttpRequest, obj: Quota, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        _record_quota(request, obj)


def _record_quota(request: HttpRequest, quota: Quota) -> None:
    actor = _admin_of(quota.team, request)
    audit.record(actor, "PutServiceQuota", code=quota.code, value=quota.value)


def _admin_of(team: Team, request: HttpRequest) -> Actor:
    """Staff act for every team; its audit trail says who it was."""
    user = request.user if isinstance(request.user, User) else None
    return Actor(team=team, region="", role=Role.ADMIN.value, user=user)


@admin.register(Membership)
class MembershipAdmin(MembershipBase):
    list_display = ["team", "user", "role"]
    list_filter = ["team", "role"]
    list_select_related = ["team", "user"]
    autocomplete_fields = ["team", "user"]


@admin.register(IamRole)
class IamRoleAdmin(IamRoleBase):
    list_display = ["name", "team", "path", "created_at"]
    list_filter = ["team"]
    search_fields = ["name"]


@admin.register(Tag)
class TagAdmin(TagBase):
    list_display = ["resource_arn", "key", "value", "team"]
    list_filter = ["team"]
    search_fields = ["resource_arn", "key"]


_REVOKE = "Revoke the selected ones for good"


@admin.register(AccessKey)
class AccessKeyAdmin(ReadOnlyAdmin):
    actions = ["revoke"]
    list_display = ["key_id", "team", "user", "description", "created_at", "revoked_at"]
    list_filter = ["team"]
    exclude = ["secret_encrypted"]

    @admin.action(description=_REVOKE)
    def revoke(self, request: HttpRequest, queryset: QuerySet[AccessKey]) -> None:
        for row in queryset.select_related("team"):
            keys.revoke(_admin_of(row.team, request), row.key_id)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    actions = ["revoke"]
    list_display = ["prefix", "team", "user", "description", "created_at", "revoked_at"]
    list_filter = ["team"]
    exclude = ["digest"]

    @admin.action(description=_REVOKE)
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for row in queryset.select_related("team"):
            tokens.revoke(_admin_of(row.team, request), row.pk)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ["at", "team", "user", "action", "resource_arn"]
    list_filter = ["team", "action"]
    search_fields = ["resource_arn"]
    list_select_related = ["team", "user"]
    ordering = ["-at"]
