"""A worker that read the endpoint long ago acts on it now: nothing that serves is taken away."""

import pytest

from consoleapp.accounts.actor import Actor
from endpoints import reconcile, services
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Deployment, Endpoint
from endpoints.shift import Policy
from tests.endpoints.build import make_config, published_instances, serve, settle
from tests.endpoints.shifting.build import (
    AT_ONCE,
    CANARY,
    deployment_config,
    pass_time,
    shares,
    start,
)

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "metrics"])


def act(seen: reconcile.Seen) -> None:
    reconcile._STEPS[seen.endpoint.status](seen)


def watched(endpoint: Endpoint, fake: FakeRunner) -> list[reconcile.Seen]:
    """Leads the update to its end. Before each step, a worker acts that read three steps ago."""
    seen: list[reconcile.Seen] = []
    for _ in range(120):
        found = reconcile._look(endpoint.pk)
        assert found is not None
        seen.append(found)
        for late in seen[-4:-3]:
            act(late)
        again = reconcile.reconcile(endpoint.pk)
        running = set(fake.find())
        assert set(published_instances(endpoint)) <= running
        assert sum(shares(endpoint).values()) == pytest.approx(1.0)
        pass_time(25)
        if again is None:
            break
    endpoint.refresh_from_db()
    assert endpoint.status == "InService"
    return seen


@pytest.mark.parametrize(
    "config",
    [
        None,
        deployment_config("CANARY"),
        deployment_config("LINEAR", value=50, TerminationWaitInSeconds=60),
        deployment_config("ROLLING", value=50),
    ],
    ids=["at-once", "canary", "linear", "rolling"],
)
def test_late_workers_between_fleets(
    actor: Actor, fake: FakeRunner, config: dict[str, object] | None
) -> None:
    endpoint = serve(actor, instances=2)
    make_config(actor, "green", instances=2)
    services.update_endpoint(actor, name="e", config_name="green", deployment_config=config)
    seen = watched(endpoint, fake)
    settle(endpoint)
    serving = published_instances(endpoint)
    assert (endpoint.config.name, len(serving)) == ("green", 2)
    for late in seen:
        act(late)
        assert set(serving) <= set(fake.find())
    settle(endpoint)
    assert published_instances(endpoint) == serving
    assert Deployment.objects.get().status == "Completed"


@pytest.mark.parametrize("policy", [AT_ONCE, CANARY], ids=["at-once", "canary"])
def test_late_workers_between_variants(actor: Actor, fake: FakeRunner, policy: Policy) -> None:
    endpoint = serve(actor, variants=2)
    _, second = published_instances(endpoint)
    start(actor, policy=policy, remove=["v1"])
    seen = watched(endpoint, fake)
    for late in seen:
        act(late)
    settle(endpoint)
    assert published_instances(endpoint) == [second]
    assert shares(endpoint) == {"v2": 1.0}


def test_a_worker_that_saw_the_update_before_takes_nothing_from_the_next(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor)
    make_config(actor, "bad", behaviour="refused")
    services.update_endpoint(actor, name="e", config_name="bad")
    seen = watched(endpoint, fake)
    make_config(actor, "green")
    services.update_endpoint(actor, name="e", config_name="green")
    for late in seen:
        act(late)
        reconcile.reconcile(endpoint.pk)
    settle(endpoint)
    assert endpoint.config.name == "green"
    assert len(published_instances(endpoint)) == 1
    assert [d.status for d in Deployment.objects.order_by("id")] == ["RolledBack", "Completed"]
    assert [d.green_fleet for d in Deployment.objects.order_by("id")] == [1, 2]
