"""The admin of every app: what it lists, and what it lets be changed."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from consoleapp.accounts import keys, quotas, tokens
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import AuditEvent, Membership, Role, Team, User

OURS = ("accounts", "storage", "metrics", "endpoints", "recommender")
MODELS = [model for app in OURS for model in apps.get_app_config(app).get_models()]
EDITABLE = {"User", "Team", "Membership", "Quota", "IamRole", "Tag"}


@pytest.fixture
def root(client: Client, actor: Actor) -> Client:
    actor.user.is_staff = actor.user.is_superuser = True
    actor.user.save()
    client.force_login(actor.user)
    return client


def page(model: type[Model], name: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
@pytest.mark.django_db(databases=["default", "metrics"])
def test_every_model_is_listed(root: Client, model: type[Model]) -> None:
    assert root.get(page(model, "changelist")).status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
@pytest.mark.django_db(databases=["default", "metrics"])
def test_what_a_state_machine_or_a_service_writes_is_read_only(
    root: Client, model: type[Model]
) -> None:
    allowed = root.get(page(model, "add")).status_code == 200
    assert allowed == (model.__name__ in EDITABLE)
    request = root.get("/admin/").wsgi_request
    site = admin.site.get_model_admin(model)
    assert site.has_change_permission(request) == (model.__name__ in EDITABLE)
    assert site.has_delete_permission(request) == (model.__name__ in EDITABLE)
    assert site.has_view_permission(request)


def test_only_staff_come_in(alice_client: Client) -> None:
    assert alice_client.get("/admin/").status_code == 302


def test_a_quota_is_chosen_from_the_list_with_its_default_shown(root: Client, team: Team) -> None:
    shown = root.get("/admin/accounts/quota/add/").content.decode()
    assert "recommender.tests.max: Tests of one job (default 10)" in shown
    data = {"team": team.pk, "code": "recommender.tests.max", "value": "25"}
    assert root.post("/admin/accounts/quota/add/", data).status_code == 302
    assert quotas.limit(team, "recommender.tests.max") == 25
    assert AuditEvent.objects.get().action == "PutServiceQuota"


@pytest.mark.parametrize("data", [{"code": "moon", "value": "1"}, {"value": "-1"}])
def test_a_quota_that_cannot_be_is_refused(root: Client, team: Team, data: dict[str, str]) -> None:
    filled = {"team": team.pk, "code": "recommender.tests.max", **data}
    assert root.post("/admin/accounts/quota/add/", filled).status_code == 200
    assert quotas.limit(team, "recommender.tests.max") == 10


def test_the_account_id_of_a_team_stays(root: Client, team: Team) -> None:
    form = {"name": "renamed", "account_id": "000000000000"}
    for prefix in ("membership_set", "quotas"):
        form |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    assert root.post(page(Team, "change", team.pk), form).status_code == 302
    team.refresh_from_db()
    assert (team.name, team.account_id) == ("renamed", "123456789012")


def test_members_and_quotas_are_edited_on_the_page_of_their_team(
    root: Client, actor: Actor
) -> None:
    dora = User.objects.create(username="dora")
    form = {
        "name": actor.team.name,
        "membership_set-TOTAL_FORMS": "1",
        "membership_set-INITIAL_FORMS": "0",
        "membership_set-0-user": dora.pk,
        "membership_set-0-role": Role.OPERATOR.value,
        "quotas-TOTAL_FORMS": "1",
        "quotas-INITIAL_FORMS": "0",
        "quotas-0-code": "endpoints.endpoints.max",
        "quotas-0-value": "7",
    }
    assert root.post(page(Team, "change", actor.team.pk), form).status_code == 302
    assert Membership.objects.get(user=dora).role == Role.OPERATOR
    assert quotas.limit(actor.team, "endpoints.endpoints.max") == 7
    assert AuditEvent.objects.get().detail["code"] == "endpoints.endpoints.max"


def test_keys_and_tokens_are_revoked_there_and_their_secrets_never_shown(
    root: Client, actor: Actor
) -> None:
    key, secret = keys.create(actor, actor.user)
    token, text = tokens.create(actor, actor.user)
    for row, hidden in ((key, secret), (token, token.digest)):
        assert hidden not in root.get(page(type(row), "change", row.pk)).content.decode()
        root.post(page(type(row), "changelist"), {"action": "revoke", "_selected_action": row.pk})
    assert not keys.active().exists()
    assert tokens.resolve(text) is None
    events = AuditEvent.objects.order_by("-id")[:2]
    assert [(e.action, e.user) for e in events] == [
        ("DeleteApiToken", actor.user),
        ("DeleteAccessKey", actor.user),
    ]
