"""The first start: an admin, a team with a role, a key and a token, and the file exporting them."""

import os
import secrets
import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction

from consoleapp.accounts import keys, tokens
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import Membership, Role, Team, User
from consoleapp.accounts.services import create_iam_role, create_team, iam_roles

_USER: Final = "admin"
_TEAM: Final = "default"
_ACCOUNT_ID: Final = "123456789012"
_ROLE: Final = "InferenceConsoleExecutionRole"
_DESCRIPTION: Final = "made at the first start, in credentials.env"


@dataclass(frozen=True, slots=True)
class Credentials:
    """`password` is empty where the file was lost: passwords cannot be read back."""

    console_url: str
    endpoint_url: str
    user: str
    password: str
    access_key_id: str
    secret_access_key: str
    token: str
    region: str


def ensure_first_team() -> Credentials:
    """Makes what is missing and keeps it in STATE_DIR/credentials.env. Safe to call at each start.

    The addresses are this start's, as the port may have changed.
    """
    path = settings.STATE_DIR / "credentials.env"
    kept = read_credentials(path)
    if kept is None or not _still_works(kept):
        kept = _create()
    credentials = replace(kept, **_addresses())
    _write(path, credentials)
    return credentials


def write_credentials(path: Path) -> None:
    """The same file at another place, readable by its owner alone."""
    _write(path, ensure_first_team())


@transaction.atomic
def _create() -> Credentials:
    user, password = _admin()
    team = Team.objects.filter(account_id=_ACCOUNT_ID).first()
    if team is None:
        team = create_team(name=_TEAM, account_id=_ACCOUNT_ID, owner=user)
    Membership.objects.get_or_create(team=team, user=user, defaults={"role": Role.ADMIN.value})
    actor = Actor.system(team, settings.DEFAULT_REGION)
    if not iam_roles(actor).exists():
        create_iam_role(actor, _ROLE, "Made at the first start, for jobs and models to name.")
    # The lost file's key would count against the quota for ever.
    for old in keys.active().filter(team=team, user=user, description=_DESCRIPTION):
        keys.revoke(actor, old.key_id)
    for lost in tokens.visible(actor).filter(user=user, description=_DESCRIPTION, revoked_at=None):
        tokens.revoke(actor, lost.pk)
    key, secret = keys.create(actor, user, _DESCRIPTION)
    _, token = tokens.create(actor, user, _DESCRIPTION)
    return Credentials(
        user=user.username,
        password=password,
        access_key_id=key.key_id,
        secret_access_key=secret,
        token=token,
        region=settings.DEFAULT_REGION,
        **_addresses(),
    )


def _admin() -> tuple[User, str]:
    user = User.objects.filter(username=_USER).first()
    if user is not None:
        return user, ""
    password = secrets.token_urlsafe(12)
    return User.objects.create_superuser(username=_USER, password=password), password


def _still_works(kept: Credentials) -> bool:
    return (
        keys.active().filter(key_id=kept.access_key_id).exists()
        and tokens.resolve(kept.token) is not None
    )


def _addresses() -> dict[str, str]:
    return {
        "console_url": settings.PUBLIC_URL,
        "endpoint_url": settings.PUBLIC_URL,
    }


# One name each for our field and the variable of the file.
_VARIABLES: Final = {
    "AWS_ENDPOINT_URL": "endpoint_url",
    "AWS_ACCESS_KEY_ID": "access_key_id",
    "AWS_SECRET_ACCESS_KEY": "secret_access_key",
    "AWS_DEFAULT_REGION": "region",
    "CONSOLE_URL": "console_url",
    "CONSOLE_USER": "user",
    "CONSOLE_PASSWORD": "password",
    "CONSOLE_TOKEN": "token",
}


def read_credentials(path: Path) -> Credentials | None:
    if not path.exists():
        return None
    values: dict[str, str] = {}
    for line in path.read_text().splitlines():
        words = shlex.split(line, comments=True)
        if len(words) == 2 and words[0] == "export" and "=" in words[1]:
            name, value = words[1].split("=", 1)
            values[name] = value
    if not values.keys() >= _VARIABLES.keys():
        return None
    return Credentials(**{field: values[name] for name, field in _VARIABLES.items()})


def _write(path: Path, credentials: Credentials) -> None:
    lines = [
        f"export {name}={shlex.quote(getattr(credentials, field))}\n"
        for name, field in _VARIABLES.items()
    ]
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    # Born private: never readable by others, not even before a chmod.
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.writelines(lines)
    beside.replace(path)
