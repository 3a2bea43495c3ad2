from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone

from consoleapp.accounts import keys, services
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import Role
from consoleapp.accounts.signals import access_keys_changed


@pytest.fixture
def heard() -> Iterator[list[set[str]]]:
    """The active keys at each announcement, as a listener would read them."""
    seen: list[set[str]] = []

    def listen(**_: object) -> None:
        seen.append(set(keys.active().values_list("key_id", flat=True)))

    access_keys_changed.connect(listen)
    yield seen
    access_keys_changed.disconnect(listen)


def test_it_tells_of_a_new_and_of_a_revoked_key_after_the_commit(
    actor: Actor, heard: list[set[str]], django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        key, _ = keys.create(actor, actor.user)
        assert heard == []
    with django_capture_on_commit_callbacks(execute=True):
        keys.revoke(actor, key.key_id)
    assert heard == [{key.key_id}, set()]


def test_it_tells_when_a_member_is_demoted_removed_or_deactivated(
    actor: Actor, heard: list[set[str]], django_capture_on_commit_callbacks: object
) -> None:
    services.add_member(actor, username="dora", role=Role.OPERATOR)
    with django_capture_on_commit_callbacks(execute=True):
        services.change_role(actor, username="dora", role=Role.VIEWER)
    with django_capture_on_commit_callbacks(execute=True):
        services.remove_member(actor, username="dora")
    with django_capture_on_commit_callbacks(execute=True):
        actor.user.is_active = False
        actor.user.save(update_fields=["is_active"])
    assert len(heard) == 3


def test_signing_in_announces_nothing(
    client: Client,
    actor: Actor,
    heard: list[set[str]],
    django_capture_on_commit_callbacks: object,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        actor.user.last_login = timezone.now()
        actor.user.save(update_fields=["last_login"])
    assert heard == []


def test_a_broken_listener_does_not_undo_a_revocation(
    actor: Actor, django_capture_on_commit_callbacks: object
) -> None:
    key, _ = keys.create(actor, actor.user)

    def broken(**_: object) -> None:
        raise RuntimeError("no gateway")

    access_keys_changed.connect(broken)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            keys.revoke(actor, key.key_id)
    finally:
        access_keys_changed.disconnect(broken)
    assert not keys.active().exists()
