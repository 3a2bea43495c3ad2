"""One chain of steps for each endpoint, and a sweep whose parts do not depend on each other."""

import pytest

from consoleapp.accounts.actor import Actor
from endpoints import store, sweep, tasks
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Endpoint
from tests.endpoints.build import make_endpoint, published, serve

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    seen: list[float] = []
    monkeypatch.setattr(
        tasks.reconcile_endpoint, "apply_async", lambda args, countdown: seen.append(countdown)
    )
    return seen


def test_several_wakes_become_one_chain_of_steps(
    actor: Actor, fake: FakeRunner, queued: list[float]
) -> None:
    endpoint = make_endpoint(actor, behaviour="waits")
    for _ in range(5):
        tasks.reconcile_endpoint(endpoint.pk)
    assert len(queued) == 1


def test_the_chain_ends_when_there_is_nothing_to_do(
    actor: Actor, fake: FakeRunner, queued: list[float]
) -> None:
    endpoint = serve(actor)
    tasks.reconcile_endpoint(endpoint.pk)
    tasks.reconcile_endpoint(987654)
    assert queued == []


def test_a_part_of_the_sweep_that_fails_does_not_stop_the_others(
    actor: Actor, fake: FakeRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = serve(actor)
    store.client().flushall()

    def broken() -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(sweep, "PARTS", (broken, *sweep.PARTS))
    tasks.sweep_all()
    assert published(endpoint) is not None
    assert Endpoint.objects.get().status == "InService"
