"""Teams, their members and IAM roles: everything the team page changes besides keys and quotas."""

import re
import secrets
from typing import Final

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from consoleapp.accounts import audit, keys, tokens
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import InUse, LimitExceeded, NotFound, ValidationFailed
from consoleapp.accounts.locks import lock_team
from consoleapp.accounts.models import IamRole, Membership, Role, Team, User
from consoleapp.accounts.quotas import limit

# IAM's own patterns: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
_ROLE_NAME: Final = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_ROLE_PATH: Final = re.compile(r"/|/[\x21-\x7e]+/")
_TRUST_SAGEMAKER: Final = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
    '"Principal":{"Service":"sagemaker.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
)


@transaction.atomic
def create_team(*, name: str, account_id: str | None = None, owner: User | None = None) -> Team:
    """A new account, with `owner` as its admin. Raises InUse when name or account id is taken."""
    name = name.strip()
    if not 1 <= len(name) <= 64:
        raise ValidationFailed("A team's name has 1 to 64 characters.", field="name")
    account_id = account_id or _free_account_id()
    if not re.fullmatch(r"[0-9]{12}", account_id):
        raise ValidationFailed("An account id has exactly 12 digits.", field="account_id")
    try:
        with transaction.atomic():
            team = Team.objects.create(name=name, account_id=account_id)
    except IntegrityError:
        raise InUse("A team with this name or account id exists already.", field="name") from None
    if owner is not None:
        Membership.objects.create(team=team, user=owner, role=Role.ADMIN.value)
    return team


@transaction.atomic
def add_member(actor: Actor, *, username: str, role: Role) -> tuple[Membership, str]:
    """Adds a person to the team. A new person gets a password, returned once; else it is ""."""
    actor.must(Role.ADMIN)
    lock_team(actor)
    user, password = _person(username)
    if Membership.objects.filter(team=actor.team, user=user).exists():
        raise InUse(f"{username} belongs to the team already.", field="username")
    membership = Membership.objects.create(team=actor.team, user=user, role=role.value)
    audit.record(actor, "AddMember", user=username, role=role.value)
    return membership, password


@transaction.atomic
def change_role(actor: Actor, *, username: str, role: Role) -> None:
    """Raises ValidationFailed when the team would be left without an admin."""
    actor.must(Role.ADMIN)
    lock_team(actor)
    membership = _membership(actor, username)
    if role is not Role.ADMIN:
        _must_keep_an_admin(membership)
    membership.role = role.value
    membership.save(update_fields=["role"])
    audit.record(actor, "ChangeRole", user=username, role=role.value)


@transaction.atomic
def remove_member(actor: Actor, *, username: str) -> None:
    """Their keys and tokens of this team stop working at once, and for good."""
    actor.must(Role.ADMIN)
    lock_team(actor)
    membership = _membership(actor, username)
    _must_keep_an_admin(membership)
    theirs = {"user": membership.user, "revoked_at": None}
    for key in keys.visible(actor).filter(**theirs):
        keys.revoke(actor, key.key_id)
    for token in tokens.visible(actor).filter(**theirs):
        tokens.revoke(actor, token.pk)
    membership.delete()
    audit.record(actor, "RemoveMember", user=username)


@transaction.atomic
def create_iam_role(
    actor: Actor,
    name: str,
    description: str = "",
    *,
    path: str = "/",
    assume_role_policy: str = _TRUST_SAGEMAKER,
) -> IamRole:
    """A role to name in jobs and models. InUse: as at AWS, names differ by more than case."""
    actor.must(Role.OPERATOR)
    if not _ROLE_NAME.fullmatch(name):
        raise ValidationFailed(
            "A role name has 1 to 64 letters, digits and characters of +=,.@-_", field="name"
        )
    if not (_ROLE_PATH.fullmatch(path) and len(path) <= 512):
        raise ValidationFailed("A path begins and ends with a slash.", field="path")
    if len(description) > 1000:
        raise ValidationFailed("A description has at most 1000 characters.", field="description")
    lock_team(actor)
    roles = iam_roles(actor)
    if roles.filter(name__iexact=name).exists():
        raise InUse(f"Role with name {name} already exists.", field="name")
    if roles.count() >= limit(actor.team, "accounts.iam_roles.max"):
        raise LimitExceeded("The team has as many IAM roles as its quota allows.")
    role = IamRole.objects.create(
        team=actor.team,
        name=name,
        path=path,
        description=description,
        assume_role_policy=assume_role_policy,
    )
    audit.record(actor, "CreateRole", role.arn)
    return role


def iam_roles(actor: Actor) -> QuerySet[IamRole]:
    # select_related: every ARN holds the account id.
    return IamRole.objects.filter(team=actor.team).select_related("team").order_by("name")


def members(actor: Actor) -> QuerySet[Membership]:
    rows = Membership.objects.filter(team=actor.team).select_related("user")
    return rows.order_by("user__username")


def member(actor: Actor, username: str) -> User:
    """Raises NotFound for anyone outside the team."""
    return _membership(actor, username).user


def _membership(actor: Actor, username: str) -> Membership:
    membership = members(actor).filter(user__username=username).first()
    if membership is None:
        raise NotFound(f"{username} does not belong to the team {actor.team.name}.")
    return membership


def _must_keep_an_admin(leaving: Membership) -> None:
    others = Membership.objects.filter(
        team=leaving.team, role=Role.ADMIN.value, user__is_active=True
    ).exclude(pk=leaving.pk)
    if leaving.role == Role.ADMIN.value and not others.exists():
        raise ValidationFailed("A team keeps at least one admin: make someone else admin first.")


def _person(username: str) -> tuple[User, str]:
    """Whoever has this name, with the password of one who is new."""
    user = User.objects.filter(username=username).first()
    if user is not None:
        return user, ""
    _check_username(username)
    password = secrets.token_urlsafe(12)
    try:
        with transaction.atomic():
            return User.objects.create_user(username=username, password=password), password
    except IntegrityError:
        # Another team was quicker.
        return User.objects.get(username=username), ""


def _check_username(username: str) -> None:
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError as error:
        raise ValidationFailed(error.messages[0], field="username") from None
    if len(username) > 150:
        raise ValidationFailed("A user name has at most 150 characters.", field="username")


def _free_account_id() -> str:
    # The first digit is not 0: people paste account ids into spreadsheets.
    while True:
        candidate = str(secrets.randbelow(9 * 10**11) + 10**11)
        if not Team.objects.filter(account_id=candidate).exists():
            return candidate
