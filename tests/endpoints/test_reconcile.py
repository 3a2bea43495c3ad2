"""From what is desired to what runs, step by step, on a host that starts nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from consoleapp.accounts.actor import Actor
from endpoints import services
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Endpoint, Instance, Variant
from endpoints.reconcile import reconcile
from endpoints.specs import WeightAndCapacity
from tests.endpoints.build import (
    instances,
    make_config,
    make_endpoint,
    messages,
    published,
    published_instances,
    serve,
    settle,
)

pytestmark = pytest.mark.django_db(transaction=True)


def hurry() -> None:
    """As if the pauses between restarts were over."""
    Instance.objects.update(launched_at=timezone.now() - timedelta(minutes=5))


def test_it_comes_into_service_and_is_routed(actor: Actor, fake: FakeRunner) -> None:
    endpoint = make_endpoint(actor, variants=2, instances=2)
    assert endpoint.status == "Creating"
    settle(endpoint)
    assert endpoint.status == "InService"
    assert {one.status for one in instances(endpoint)} == {"InService"}
    assert len(published_instances(endpoint)) == 4
    assert [v.current_count for v in Variant.objects.all()] == [2, 2]
    assert messages(endpoint)[-1] == "In service"


def test_gateways_know_it_before_it_is_in_service(actor: Actor, fake: FakeRunner) -> None:
    endpoint = make_endpoint(actor, variants=2)
    known: list[Any] = []

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('UPDATE "endpoints_endpoint"') and "InService" in (params or ()):
            known.append(published(endpoint))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        settle(endpoint)
    assert known == [published(endpoint)] != [None]


def test_the_row_of_an_instance_is_written_before_it_is_launched(
    actor: Actor, fake: FakeRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = make_endpoint(actor)
    seen: list[bool] = []
    monkeypatch.setattr(
        fake, "launch", lambda spec: seen.append(Instance.objects.filter(name=spec.name).exists())
    )
    reconcile(endpoint.pk)
    assert seen == [True]


def test_nothing_is_routed_while_it_is_creating(actor: Actor, fake: FakeRunner) -> None:
    endpoint = make_endpoint(actor, behaviour="waits")
    reconcile(endpoint.pk)
    reconcile(endpoint.pk)
    assert published(endpoint) is None
    assert "Instance 0 of variant v1: Waiting for 1 free core" in messages(endpoint)


def test_waiting_for_cores_lasts_beyond_the_health_timeout(actor: Actor, fake: FakeRunner) -> None:
    endpoint = make_endpoint(actor, behaviour="waits")
    reconcile(endpoint.pk)
    hurry()
    for _ in range(3):
        assert reconcile(endpoint.pk) is not None
    endpoint.refresh_from_db()
    assert endpoint.status == "Creating"


def test_once_more_when_it_rests_changes_nothing(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor)
    before = (endpoint.revision, messages(endpoint), instances(endpoint))
    assert reconcile(endpoint.pk) is None
    endpoint.refresh_from_db()
    assert (endpoint.revision, messages(endpoint), instances(endpoint)) == before


def test_a_container_that_exits_at_every_start_fails_the_endpoint_with_its_last_lines(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = make_endpoint(actor, behaviour="exits")
    for _ in range(12):
        reconcile(endpoint.pk)
        hurry()
    endpoint.refresh_from_db()
    assert endpoint.status == "Failed"
    assert "exit code 3" in endpoint.failure_reason
    assert "Last log lines:\na line of" in endpoint.failure_reason
    settle(endpoint)
    assert instances(endpoint) == []
    assert fake.find() == []
    assert [e.to_status for e in endpoint.events.all()][-1] == "Failed"


def test_a_refused_image_fails_the_endpoint_at_the_first_start(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = make_endpoint(actor, behaviour="refused")
    settle(endpoint)
    assert endpoint.status == "Failed"
    assert "did not start. The image is unknown.\n" in endpoint.failure_reason


def test_a_container_that_never_answers_ping_fails_the_endpoint(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = make_endpoint(actor, behaviour="never")
    for _ in range(3):
        reconcile(endpoint.pk)
    endpoint.refresh_from_db()
    assert endpoint.status == "Creating"
    Variant.objects.update(health_check_timeout_s=0)
    settle(endpoint)
    assert endpoint.status == "Failed"
    assert "v1 did not pass the ping health check" in endpoint.failure_reason


def test_a_dead_instance_leaves_the_routes_at_once_and_is_started_anew(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor, instances=2)
    first, second = instances(endpoint)
    fake.end(first.name, -9)
    reconcile(endpoint.pk)
    assert published_instances(endpoint) == [second.name]
    endpoint.refresh_from_db()
    assert endpoint.status == "InService"
    hurry()
    settle(endpoint)
    assert published_instances(endpoint) == [first.name, second.name]
    first.refresh_from_db()
    assert first.restarts == 1
    assert any(m.startswith("Starting anew. Instance 0 of variant v1") for m in messages(endpoint))


def test_restarts_pause_longer_each_time(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor)
    (one,) = instances(endpoint)
    fake.end(one.name, 1)
    reconcile(endpoint.pk)
    Instance.objects.update(restarts=3, launched_at=timezone.now() - timedelta(seconds=7))
    reconcile(endpoint.pk)
    one.refresh_from_db()
    assert one.status == "Pending"
    Instance.objects.update(launched_at=timezone.now() - timedelta(seconds=9))
    reconcile(endpoint.pk)
    one.refresh_from_db()
    assert one.status == "Starting"


def test_a_start_that_left_no_trace_is_done_again(actor: Actor, fake: FakeRunner) -> None:
    endpoint = make_endpoint(actor)
    reconcile(endpoint.pk)
    (one,) = instances(endpoint)
    fake.stop(one.name)
    reconcile(endpoint.pk)
    one.refresh_from_db()
    assert one.status == "Starting"
    hurry()
    settle(endpoint)
    assert endpoint.status == "InService"


def test_delete_takes_the_routes_away_then_the_instances_then_the_row(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor)
    services.delete_endpoint(actor, name="e")
    assert published(endpoint) is None
    assert len(fake.find()) == 1
    settle(endpoint)
    assert not Endpoint.objects.exists()
    assert fake.find() == []


def test_an_instance_is_not_stopped_before_gateways_have_noticed(
    actor: Actor, fake: FakeRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("endpoints.convergence.DRAIN_S", 60.0)
    endpoint = serve(actor)
    services.delete_endpoint(actor, name="e")
    for _ in range(3):
        assert reconcile(endpoint.pk) is not None
    assert len(fake.find()) == 1
    Instance.objects.update(leaving_at=timezone.now() - timedelta(seconds=61))
    settle(endpoint)
    assert fake.find() == []


def test_delete_while_it_is_creating_leaves_nothing(actor: Actor, fake: FakeRunner) -> None:
    endpoint = make_endpoint(actor, behaviour="waits")
    reconcile(endpoint.pk)
    services.delete_endpoint(actor, name="e")
    settle(endpoint)
    assert fake.find() == []
    assert not Endpoint.objects.exists()


def test_scaling_out_and_in_keeps_those_that_serve(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor)
    (first,) = instances(endpoint)
    change = WeightAndCapacity(variant="v1", instance_count=3)
    services.update_weights_and_capacities(actor, name="e", desired=[change])
    assert published_instances(endpoint) == [first.name]
    settle(endpoint)
    assert endpoint.status == "InService"
    assert len(published_instances(endpoint)) == 3
    change = WeightAndCapacity(variant="v1", instance_count=1)
    services.update_weights_and_capacities(actor, name="e", desired=[change])
    settle(endpoint)
    assert endpoint.status == "InService"
    assert published_instances(endpoint) == [first.name]
    assert len(fake.find()) == 1


def test_a_scale_out_that_does_not_come_up_keeps_what_serves(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor)
    Variant.objects.update(environment={"FAKE": "refused"})
    change = WeightAndCapacity(variant="v1", instance_count=2)
    services.update_weights_and_capacities(actor, name="e", desired=[change])
    settle(endpoint)
    assert endpoint.status == "InService"
    assert "The image is unknown" in endpoint.failure_reason
    assert len(published_instances(endpoint)) == 1
    assert Variant.objects.get().desired_count == 1


def test_an_update_moves_all_traffic_once_the_new_fleet_serves(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor, variants=2)
    blue = published_instances(endpoint)
    make_config(actor, "green", instances=2)
    services.update_endpoint(actor, name="e", config_name="green")
    reconcile(endpoint.pk)
    assert published_instances(endpoint) == blue
    settle(endpoint)
    assert endpoint.status == "InService"
    assert endpoint.config.name == "green"
    assert endpoint.pending_config is None
    green = published_instances(endpoint)
    assert len(green) == 2
    assert not set(green) & set(blue)
    assert sorted(fake.find()) == sorted(green)
    assert [(v.name, v.fleet) for v in Variant.objects.all()] == [("v1", 1)]


def test_an_update_that_does_not_come_up_is_rolled_back(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor)
    blue = published_instances(endpoint)
    make_config(actor, "green", behaviour="refused")
    services.update_endpoint(actor, name="e", config_name="green")
    settle(endpoint)
    assert endpoint.status == "InService"
    assert endpoint.config.name == "e-c"
    assert endpoint.pending_config is None
    assert "The image is unknown" in endpoint.failure_reason
    assert published_instances(endpoint) == blue
    assert list(fake.find()) == blue
    assert [e.to_status for e in endpoint.events.all() if e.to_status != e.from_status] == [
        "Creating",
        "InService",
        "Updating",
        "RollingBack",
        "InService",
    ]


def test_an_update_can_be_deleted_half_way(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor)
    make_config(actor, "green", behaviour="waits")
    services.update_endpoint(actor, name="e", config_name="green")
    reconcile(endpoint.pk)
    services.delete_endpoint(actor, name="e")
    settle(endpoint)
    assert fake.find() == []
    assert not Endpoint.objects.exists()
