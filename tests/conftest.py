"""Fixtures every test may use: three people, a clock, and nothing that talks to the outside."""

import asyncio
import os
import tempfile
from collections.abc import Callable, Iterator

# Before Django reads its settings: tests never touch the copy a developer runs.
os.environ["STATE_DIR"] = os.environ.get("TEST_STATE_DIR") or tempfile.mkdtemp(
    prefix="console-test-"
)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "consoleapp.settings")

import hypothesis
import pytest
import uvloop
from django.conf import settings
from django.test import Client, override_settings

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import Role, Team
from endpoints.capacity import platform_cores
from tests import factories
from tests.live import SHORT_QUOTAS, Console
from tests.object_store import object_store, running_object_store
from tests.services import redis_server, redis_url

# How long an example takes says how busy the machine is, and nothing about the code.
hypothesis.settings.register_profile(
    "console", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("console")

__all__ = ["object_store", "redis_server", "redis_url", "running_object_store"]


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that web, gateway and model servers run on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(autouse=True, scope="session")
def _quick_passwords() -> Iterator[None]:
    """A real hash takes half a second of CPU: for each person of each test, minutes in all."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def _settings_left_as_found() -> Iterator[None]:
    """Overrides that end in another order than they began leave one behind for a later test."""
    before, kept = settings._wrapped, dict(vars(settings._wrapped))
    yield
    assert settings._wrapped is before
    assert vars(before) == kept


@pytest.fixture
def team(db: None) -> Team:
    return factories.make_team()


@pytest.fixture
def actor(team: Team) -> Actor:
    """Alice: admin of the team."""
    return factories.make_actor(team, username="alice", role=Role.ADMIN)


@pytest.fixture
def bob(team: Team) -> Actor:
    """Bob: a viewer of the same team."""
    return factories.make_actor(team, username="bob", role=Role.VIEWER)


@pytest.fixture
def charlie(db: None) -> Actor:
    """Charlie: a stranger, admin of another team."""
    return factories.make_actor(
        factories.make_team(name="strangers", account_id="999999999999"),
        username="charlie",
        role=Role.ADMIN,
    )


def _client(actor: Actor) -> Client:
    client = Client()
    assert actor.user is not None
    client.force_login(actor.user)
    return client


@pytest.fixture
def alice_client(actor: Actor) -> Client:
    return _client(actor)


@pytest.fixture
def bob_client(bob: Actor) -> Client:
    return _client(bob)


@pytest.fixture
def charlie_client(charlie: Actor) -> Client:
    return _client(charlie)


@pytest.fixture(scope="session")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """One running console for all tests that only use it; those that hurt it start their own."""
    # The tests and their browser stay off the cores that are measured.
    os.sched_setaffinity(0, platform_cores())
    running = Console(
        tmp_path_factory.mktemp("console") / "var", ALLOW_PRIVATE_NOTIFICATION_ADDRESSES="1"
    )
    running.start()
    for code, value in SHORT_QUOTAS.items():
        running.set_quota(code, value)
    yield running
    running.stop()
