import subprocess
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from pytest_django import Settings

from consoleapp.accounts import keys, tokens
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.bootstrap import ensure_first_team, write_credentials
from consoleapp.accounts.models import (
    AccessKey,
    ApiToken,
    IamRole,
    Membership,
    Role,
    Team,
    User,
)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, settings: Settings, db: None) -> Path:
    settings.STATE_DIR = tmp_path / "var"
    return tmp_path / "var"


def exported(path: Path) -> dict[str, str]:
    """What a shell knows after `source credentials.env`."""
    script = f'set -a; . "{path}"; env'
    out = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, env={})
    return dict(line.split("=", 1) for line in out.stdout.splitlines() if "=" in line)


def test_the_first_start_makes_an_admin_who_can_sign_in(state: Path) -> None:
    made = ensure_first_team()
    user = authenticate(username="admin", password=made.password)
    assert user is not None
    assert user.is_superuser
    assert Team.objects.get().account_id == "123456789012"
    assert Membership.objects.get().role == Role.ADMIN
    key = keys.active().get()
    assert (key.key_id, keys.secret_of(key)) == (made.access_key_id, made.secret_access_key)
    found = tokens.resolve(made.token)
    assert found is not None
    assert found.user == user


def test_the_first_start_makes_a_role_to_choose_and_never_a_second_one(state: Path) -> None:
    ensure_first_team()
    role = IamRole.objects.get()
    assert role.arn == "arn:aws:iam::123456789012:role/InferenceConsoleExecutionRole"
    IamRole.objects.update(name="ours")
    (state / "credentials.env").unlink()
    ensure_first_team()
    assert IamRole.objects.get().name == "ours"


def test_the_file_is_private_and_exports_everything_a_shell_needs(
    state: Path, settings: Settings
) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:9123"
    made = ensure_first_team()
    path = state / "credentials.env"
    assert path.stat().st_mode & 0o777 == 0o600
    known = exported(path)
    assert known["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9123"
    assert known["AWS_ACCESS_KEY_ID"] == made.access_key_id
    assert known["AWS_SECRET_ACCESS_KEY"] == made.secret_access_key
    assert known["AWS_DEFAULT_REGION"] == "us-east-1"
    assert known["CONSOLE_URL"] == "http://127.0.0.1:9123"
    assert known["CONSOLE_USER"] == "admin"
    assert known["CONSOLE_PASSWORD"] == made.password
    assert known["CONSOLE_TOKEN"] == made.token


def test_a_second_start_reads_them_back_with_the_address_of_today(
    state: Path, settings: Settings
) -> None:
    first = ensure_first_team()
    settings.PUBLIC_URL = "http://127.0.0.1:9999"
    second = ensure_first_team()
    assert second.endpoint_url == "http://127.0.0.1:9999"
    assert (second.access_key_id, second.password, second.token) == (
        first.access_key_id,
        first.password,
        first.token,
    )
    assert (User.objects.count(), AccessKey.objects.count(), ApiToken.objects.count()) == (1, 1, 1)


def test_a_lost_file_gives_new_keys_revokes_the_lost_and_keeps_the_password(state: Path) -> None:
    first = ensure_first_team()
    (state / "credentials.env").unlink()
    second = ensure_first_team()
    assert second.password == ""
    assert authenticate(username="admin", password=first.password) is not None
    assert keys.active().get().key_id == second.access_key_id
    assert tokens.resolve(first.token) is None
    assert tokens.resolve(second.token) is not None


@pytest.mark.parametrize("content", ["", "nonsense", "export CONSOLE_USER=admin\n"])
def test_a_damaged_file_is_written_anew(state: Path, content: str) -> None:
    ensure_first_team()
    (state / "credentials.env").write_text(content)
    made = ensure_first_team()
    assert exported(state / "credentials.env")["CONSOLE_TOKEN"] == made.token


def test_a_file_of_another_database_is_not_trusted(state: Path) -> None:
    old = ensure_first_team()
    User.objects.all().delete()
    Team.objects.all().delete()
    new = ensure_first_team()
    assert new.access_key_id != old.access_key_id
    assert authenticate(username="admin", password=new.password) is not None


def test_a_revoked_key_is_replaced(state: Path) -> None:
    old = ensure_first_team()
    keys.revoke(Actor.system(Team.objects.get(), "us-east-1"), old.access_key_id)
    assert ensure_first_team().access_key_id != old.access_key_id


def test_the_same_file_is_written_where_it_is_asked_for(state: Path, tmp_path: Path) -> None:
    write_credentials(tmp_path / "elsewhere/credentials.env")
    copy = tmp_path / "elsewhere/credentials.env"
    assert copy.read_text() == (state / "credentials.env").read_text()
    assert copy.stat().st_mode & 0o777 == 0o600
