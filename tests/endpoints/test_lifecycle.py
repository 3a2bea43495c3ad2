"""The one writer of statuses."""

from datetime import timedelta

import pytest
from django.utils import timezone

from consoleapp.accounts.actor import Actor
from endpoints import lifecycle
from endpoints.hosts.fake import FakeRunner
from endpoints.lifecycle import IllegalTransition
from endpoints.models import Endpoint, Instance
from endpoints.statuses import TRANSITIONS, EndpointStatus, InstanceStatus
from tests.endpoints.build import make_endpoint, messages, serve

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_transition_writes_status_event_and_revision_together(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = make_endpoint(actor)
    moved = lifecycle.transition(
        endpoint, EndpointStatus.FAILED, message="because", failure_reason="because"
    )
    assert moved
    kept = Endpoint.objects.get()
    assert (kept.status, kept.failure_reason) == ("Failed", "because")
    assert kept.revision > endpoint.revision
    event = kept.events.last()
    assert event is not None
    assert (event.from_status, event.to_status) == ("Creating", "Failed")
    assert event.message == "because"


def test_whoever_read_an_old_status_changes_nothing(actor: Actor, fake: FakeRunner) -> None:
    endpoint = make_endpoint(actor)
    stale = Endpoint.objects.get()
    assert lifecycle.transition(endpoint, EndpointStatus.IN_SERVICE)
    before = len(messages(endpoint))
    assert not lifecycle.transition(stale, EndpointStatus.FAILED, failure_reason="late")
    endpoint.refresh_from_db()
    assert (endpoint.status, endpoint.failure_reason) == ("InService", "")
    assert len(messages(endpoint)) == before


def test_an_edge_that_is_not_in_the_table_is_a_bug(actor: Actor, fake: FakeRunner) -> None:
    endpoint = make_endpoint(actor)
    with pytest.raises(IllegalTransition):
        lifecycle.transition(endpoint, EndpointStatus.UPDATING)


def test_every_status_has_its_row_in_the_table_and_may_be_deleted() -> None:
    assert set(TRANSITIONS) == set(EndpointStatus)
    for status, following in TRANSITIONS.items():
        assert status == EndpointStatus.DELETING or EndpointStatus.DELETING in following


def test_saying_the_same_again_is_saying_it_once(actor: Actor, fake: FakeRunner) -> None:
    endpoint = make_endpoint(actor)
    begin = timezone.now()
    for message in ("a", "a", "b", "a"):
        lifecycle.tell(endpoint, message, since=begin)
    assert messages(endpoint)[1:] == ["a", "b"]
    lifecycle.tell(endpoint, "a", since=timezone.now() + timedelta(seconds=1))
    assert messages(endpoint)[1:] == ["a", "b", "a"]


def test_an_instance_moves_once_from_the_status_it_was_read_with(
    actor: Actor, fake: FakeRunner
) -> None:
    serve(actor)
    first, second = Instance.objects.get(), Instance.objects.get()
    assert lifecycle.move_instance(first, InstanceStatus.STOPPING, leaving_at=timezone.now())
    assert not lifecycle.move_instance(second, InstanceStatus.PENDING)
    assert Instance.objects.get().status == "Stopping"
