"""What a runner is told of an instance, and what is made of what it answers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from consoleapp.accounts.actor import Actor
from endpoints import convergence, services
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Endpoint, Instance, Variant
from endpoints.reconcile import reconcile
from endpoints.specs import WeightAndCapacity
from tests.endpoints.build import instances, make_endpoint, messages, serve, settle

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_time_for_its_model_to_come_is_the_configured_one(
    actor: Actor, fake: FakeRunner
) -> None:
    (default,) = instances(serve(actor))
    (asked,) = instances(serve(actor, "other", download_timeout_s=3600))
    assert convergence.spec_of(default).download_timeout_s == 600
    assert convergence.spec_of(asked).download_timeout_s == 3600


def test_how_the_last_start_ended_says_nothing_of_this_one(actor: Actor, fake: FakeRunner) -> None:
    endpoint = make_endpoint(actor, behaviour="exits")
    reconcile(endpoint.pk)
    reconcile(endpoint.pk)
    assert [one.restarts for one in instances(endpoint)] == [1]
    # Another worker has written that it starts it anew, and was not there yet, or was killed.
    Instance.objects.update(status="Starting", launched_at=timezone.now())
    told = messages(endpoint)
    for _ in range(3):
        reconcile(endpoint.pk)
    (one,) = instances(endpoint)
    assert (one.status, one.restarts, messages(endpoint)) == ("Starting", 1, told)
    Instance.objects.update(launched_at=timezone.now() - timedelta(minutes=5))
    reconcile(endpoint.pk)
    assert [one.status for one in instances(endpoint)] == ["Pending"]
    settle_fails(endpoint)


def test_what_was_given_up_and_still_ends_does_not_come_into_service(
    actor: Actor, fake: FakeRunner
) -> None:
    # It had not answered in time, and does so now that it was asked to end.
    endpoint = serve(actor)
    Instance.objects.update(status="Starting", restarts=1, launched_at=timezone.now())
    reconcile(endpoint.pk)
    assert [one.status for one in instances(endpoint)] == ["Starting"]
    assert fake.find() == []
    Instance.objects.update(launched_at=timezone.now() - timedelta(minutes=5))
    settle(endpoint)
    (one,) = instances(endpoint)
    assert (one.status, fake.poll(one.name).attempt) == ("InService", 1)


def settle_fails(endpoint: Endpoint) -> None:
    """It starts until it is given up, as if the pauses in between were over."""
    for _ in range(12):
        reconcile(endpoint.pk)
        Instance.objects.update(launched_at=timezone.now() - timedelta(minutes=5))
    settle(endpoint)
    assert endpoint.status == "Failed"


def test_a_change_takes_away_the_reason_that_the_last_one_failed_for(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor)
    change = [WeightAndCapacity(variant="v1", instance_count=2)]
    Variant.objects.update(environment={"FAKE": "refused"})
    services.update_weights_and_capacities(actor, name="e", desired=change)
    settle(endpoint)
    assert "The image is unknown" in endpoint.failure_reason
    Variant.objects.update(environment={})
    services.update_weights_and_capacities(actor, name="e", desired=change)
    settle(endpoint)
    assert (endpoint.status, endpoint.failure_reason) == ("InService", "")


def test_one_failed_start_of_an_instance_with_a_past_gives_no_change_up(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor, instances=2)
    # It died now and then over the months, and served again each time.
    Instance.objects.update(restarts=5)
    fake.end(instances(endpoint)[0].name, 1)
    Variant.objects.update(environment={"FAKE": "exits"})
    change = [WeightAndCapacity(variant="v1", weight=2.0)]
    services.update_weights_and_capacities(actor, name="e", desired=change)
    for _ in range(3):
        reconcile(endpoint.pk)
        Instance.objects.update(launched_at=timezone.now() - timedelta(minutes=5))
    assert sorted(one.restarts for one in instances(endpoint)) == [5, 7]
    Variant.objects.update(environment={})
    settle(endpoint)
    assert Variant.objects.get().desired_count == 2
    assert [one.status for one in instances(endpoint)] == ["InService"] * 2
