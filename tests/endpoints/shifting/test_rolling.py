"""A rolling update replaces instances batch by batch, and goes back the same way."""

import pytest

from consoleapp.accounts.actor import Actor
from endpoints import services
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Deployment, Endpoint, Variant
from endpoints.reconcile import reconcile
from endpoints.shifting.guards import Guards
from tests.endpoints.build import make_config, messages, published_instances, serve, settle
from tests.endpoints.shifting.build import answered, deployment_config, pass_time, shares, step_on

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "metrics"])
ONE_BY_ONE = {"RollbackMaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1}}


def roll(actor: Actor, behaviour: str = "", **more: object) -> Endpoint:
    """Four instances, replaced one by one."""
    endpoint = serve(actor, instances=4)
    make_config(actor, "green", instances=4, behaviour=behaviour)
    services.update_endpoint(
        actor,
        name="e",
        config_name="green",
        deployment_config=deployment_config("ROLLING", value=25, **more),
        guards=Guards(max_error_rate=0.05),
    )
    return endpoint


def counts() -> dict[int, int]:
    """Instances of each fleet, as many as are there."""
    return {v.fleet: v.instances.count() for v in Variant.objects.order_by("fleet")}


def test_capacity_and_traffic_move_one_batch_at_a_time(actor: Actor, fake: FakeRunner) -> None:
    endpoint = roll(actor)
    seen = []
    for _ in range(4):
        step_on(endpoint, 12)
        seen.append((counts(), shares(endpoint)["v1@green"]))
        pass_time(64)
    assert seen == [
        ({0: 4, 1: 1}, 0.25),
        ({0: 3, 1: 2}, 0.5),
        ({0: 2, 1: 3}, 0.75),
        ({0: 1, 1: 4}, 1.0),
    ]
    settle(endpoint)
    assert endpoint.status == "InService"
    assert counts() == {1: 4}
    assert len(published_instances(endpoint)) == 4


def test_no_instance_that_gets_traffic_is_ever_stopped(actor: Actor, fake: FakeRunner) -> None:
    endpoint = roll(actor)
    while endpoint.status == "Updating" or not Deployment.objects.get().is_over:
        reconcile(endpoint.pk)
        assert set(published_instances(endpoint)) <= set(fake.find())
        assert sum(shares(endpoint).values()) == pytest.approx(1.0)
        pass_time(20)
        endpoint.refresh_from_db()
    settle(endpoint)
    assert endpoint.config.name == "green"


def test_going_back_brings_the_old_capacity_before_the_traffic(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = roll(actor, **ONE_BY_ONE)
    for _ in range(2):
        step_on(endpoint, 12)
        pass_time(64)
    step_on(endpoint, 12)
    assert shares(endpoint)["v1@green"] == 0.75
    answered("v1", invocations=100, errors=50, config="green")
    seen = [0.75]
    while endpoint.status != "InService":
        reconcile(endpoint.pk)
        endpoint.refresh_from_db()
        share = shares(endpoint).get("v1@green", 0.0)
        assert counts()[0] >= 4 * (1 - share)
        if share != seen[-1]:
            seen.append(share)
    assert seen == [0.75, 0.5, 0.25, 0.0]
    assert counts() == {0: 4}
    assert Deployment.objects.get().status == "RolledBack"
    assert endpoint.config.name == "e-c"


def test_when_the_old_fleet_cannot_come_back_both_go_on_serving(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = roll(actor)
    step_on(endpoint, 12)
    pass_time(64)
    step_on(endpoint, 12)
    Variant.objects.filter(fleet=0).update(environment={"FAKE": "refused"})
    answered("v1", invocations=100, errors=50, config="green")
    step_on(endpoint, 12)
    assert endpoint.status == "UpdateRollbackFailed"
    assert "The image is unknown" in endpoint.failure_reason
    assert Deployment.objects.get().status == "RollbackFailed"
    assert shares(endpoint) == {"v1": 0.5, "v1@green": 0.5}
    assert "The rollback failed: both configurations serve." in messages(endpoint)[-2]
    make_config(actor, "again", instances=1)
    services.update_endpoint(actor, name="e", config_name="again")
    settle(endpoint)
    assert endpoint.status == "InService"
    assert shares(endpoint) == {"v1": 1.0}
    assert len(fake.find()) == 1


def test_what_an_earlier_failed_rollback_left_goes_while_both_serve(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = roll(actor)
    step_on(endpoint, 12)
    pass_time(64)
    step_on(endpoint, 12)
    blue = Variant.objects.get(fleet=0)
    Variant.objects.filter(fleet=0).update(environment={"FAKE": "refused"})
    answered("v1", invocations=100, errors=50, config="green")
    step_on(endpoint, 12)
    assert endpoint.status == "UpdateRollbackFailed"
    # As if it had been the second update to fail like this, before the first had wound down.
    Variant.objects.filter(fleet=1).update(fleet=2)
    Variant.objects.create(
        endpoint=endpoint,
        fleet=1,
        name="v1",
        model=blue.model,
        instance_type=blue.instance_type,
        environment={},
    )
    step_on(endpoint, 4)
    assert set(counts()) == {0, 2}
    assert shares(endpoint) == {"v1": 0.5, "v1@green": 0.5}


def test_a_batch_that_does_not_come_up_goes_back(actor: Actor, fake: FakeRunner) -> None:
    endpoint = roll(actor, behaviour="refused")
    settle(endpoint)
    assert endpoint.status == "InService"
    assert endpoint.config.name == "e-c"
    assert "green did not come up" in endpoint.failure_reason
    assert counts() == {0: 4}
