"""The one writer of statuses."""

from datetime import timedelta

import pytest
from django.utils import timezone

from consoleapp.accounts.actor import Actor
from endpoints import lifecycle, services
from endpoints.hosts.fake import FakeRunner
from endpoints.lifecycle import IllegalTransition
from endpoints.models import Endpoint, Instance
from endpoints.statuses import TRANSITIONS, EndpointStatus, InstanceStatus
from tests.endpoints.build import make_config, make_endpoint, messages, serve, settle

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


def test_what_is_told_of_an_endpoint_is_kept_up_to_a_bound(
    actor: Actor, fake: FakeRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "EVENTS_KEPT", 3)
    endpoint, other = make_endpoint(actor), make_endpoint(actor, "other")
    for number in range(9):
        lifecycle.tell(endpoint, f"start {number}")
    assert messages(endpoint) == ["Creating endpoint e", "start 6", "start 7", "start 8"]
    assert messages(other) == ["Creating endpoint other"]


def test_transitions_stay_as_long_as_charts_mark_them(
    actor: Actor, fake: FakeRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "EVENTS_KEPT", 2)
    endpoint = make_endpoint(actor)
    lifecycle.transition(endpoint, EndpointStatus.IN_SERVICE, message="up")
    endpoint.events.update(at=timezone.now() - timedelta(days=8))
    lifecycle.transition(endpoint, EndpointStatus.UPDATING, message="weights")
    for number in range(9):
        lifecycle.tell(endpoint, f"start {number}")
    assert messages(endpoint) == ["weights", "start 7", "start 8"]


def test_what_was_told_of_a_shift_goes_with_the_shift(
    actor: Actor, fake: FakeRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = serve(actor)
    make_config(actor, "green")
    services.update_endpoint(actor, name="e", config_name="green")
    settle(endpoint)
    (shift,) = endpoint.deployments.all()
    before = [event.message for event in shift.events.all()]
    monkeypatch.setattr(lifecycle, "EVENTS_KEPT", 1)
    for number in range(9):
        lifecycle.tell(endpoint, f"start {number}")
    assert [event.message for event in shift.events.all()] == before != []
