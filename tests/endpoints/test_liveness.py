"""A model server that hangs is replaced; one that only stalls is left alone."""

import time

import pytest

from consoleapp.accounts.actor import Actor
from endpoints import liveness, store
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Endpoint
from tests.endpoints.build import instances, messages, published_instances, serve, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(liveness, "SILENT_S", 0.0)


def look(times: int) -> None:
    for _ in range(times):
        liveness.look()


def only(endpoint: Endpoint) -> str:
    (instance,) = instances(endpoint)
    return instance.name


def test_an_instance_that_stays_silent_leaves_the_routes_and_is_replaced(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor, instances=2)
    hung, other = (one.name for one in instances(endpoint))
    fake.hang(hung)
    look(liveness.SILENCES)
    assert published_instances(endpoint) == [other]
    settle(endpoint)
    names = [one.name for one in instances(endpoint)]
    assert hung not in names
    assert len(names) == 2
    assert sorted(published_instances(endpoint)) == sorted(names)
    assert hung not in fake.find()
    assert endpoint.status == "InService"


def test_the_reason_is_told_and_the_replacement_counts_as_a_restart(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor)
    fake.hang(only(endpoint))
    look(liveness.SILENCES)
    settle(endpoint)
    (told,) = [message for message in messages(endpoint) if "Replacing" in message]
    assert "Instance 0 of variant v1" in told
    assert "6 requests for /ping in a row unanswered" in told
    assert [one.restarts for one in instances(endpoint)] == [1]


def test_one_silence_less_changes_nothing(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor)
    name = only(endpoint)
    fake.hang(name)
    look(liveness.SILENCES - 1)
    assert published_instances(endpoint) == [name]


def test_an_answer_in_between_begins_the_count_again(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor)
    name = only(endpoint)
    fake.hang(name)
    look(liveness.SILENCES - 1)
    fake.hang(name, hangs=False)
    look(1)
    fake.hang(name)
    look(liveness.SILENCES - 1)
    assert published_instances(endpoint) == [name]


def test_rounds_that_follow_each_other_too_fast_are_not_enough(
    actor: Actor, fake: FakeRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness, "SILENT_S", 25.0)
    endpoint = serve(actor)
    name = only(endpoint)
    fake.hang(name)
    look(liveness.SILENCES * 2)
    assert published_instances(endpoint) == [name]
    later = time.time() + 30
    monkeypatch.setattr(time, "time", lambda: later)
    look(1)
    assert published_instances(endpoint) == []


def test_instances_of_an_endpoint_that_is_being_deleted_are_not_asked(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor)
    fake.hang(only(endpoint))
    Endpoint.objects.update(status="Deleting")
    look(liveness.SILENCES)
    assert not [message for message in messages(endpoint) if "Replacing" in message]


def test_what_is_no_longer_silent_is_forgotten(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor)
    name = only(endpoint)
    fake.hang(name)
    look(2)
    fake.hang(name, hangs=False)
    look(1)
    assert store.client().exists("endpoints:silent") == 0
