"""A shift between variants, and one between fleets, from the first step to the last or back."""

import pytest

from consoleapp.accounts.actor import Actor
from endpoints import services, shifts
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Deployment, EndpointConfig, Variant
from endpoints.reconcile import reconcile
from endpoints.shift import Policy, Routing
from endpoints.shifting.guards import Guards, NoData
from tests.endpoints.build import make_config, messages, published_instances, serve, settle
from tests.endpoints.shifting.build import (
    AT_ONCE,
    CANARY,
    LINEAR,
    answered,
    deployment_config,
    overdue,
    pass_time,
    shares,
    start,
    statuses,
    step_on,
)

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "metrics"])
STRICT = Guards(max_error_rate=0.05, minimum_samples=20)


def test_weights_go_from_50_50_over_25_75_to_0_100(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor, variants=2)
    made = start(actor)
    assert step_on(endpoint).status == "Updating"
    assert shares(endpoint) == {"v1": 0.25, "v2": 0.75}
    assert statuses(made) == ["Baking", "Pending"]
    pass_time(60)
    step_on(endpoint)
    assert shares(endpoint) == {"v1": 0.0, "v2": 1.0}
    pass_time(60)
    settle(endpoint)
    assert endpoint.status == "InService"
    made.refresh_from_db()
    assert (made.status, statuses(made)) == ("Completed", ["Completed", "Completed"])
    assert sum(v.desired_weight for v in Variant.objects.all()) == pytest.approx(2.0)
    assert "Traffic shift 1, step 1: v1 weight 0.5, v2 weight 1.5" in messages(endpoint)


def test_nothing_moves_on_before_the_bake_has_passed(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor, variants=2)
    start(actor, policy=CANARY)
    step_on(endpoint)
    pass_time(58)
    step_on(endpoint, 20)
    assert shares(endpoint) == {"v1": pytest.approx(0.45), "v2": pytest.approx(0.55)}


def test_the_source_leaves_with_its_instances_once_it_is_asked_for(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor, variants=2)
    v1, v2 = published_instances(endpoint)
    made = start(actor, policy=AT_ONCE, remove=["v1"])
    settle(endpoint)
    assert endpoint.status == "InService"
    assert list(fake.find()) == [v2]
    assert published_instances(endpoint) == [v2]
    assert [v.name for v in Variant.objects.all()] == ["v2"]
    assert endpoint.config.name == "e-c-shift-1"
    made.refresh_from_db()
    assert made.to_config == "e-c-shift-1"
    (kept,) = endpoint.config.variants.all()
    assert (kept.name, kept.model.name, kept.initial_weight) == ("v2", "e-c-m2", 2.0)
    assert EndpointConfig.objects.get(name="e-c").variants.count() == 2


def test_5xx_beyond_the_limit_put_the_weights_back_at_once(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor, variants=2)
    before = shares(endpoint)
    made = start(actor, policy=CANARY, guards=STRICT)
    step_on(endpoint)
    answered("v2", invocations=40, errors=3)
    reconcile(endpoint.pk)
    assert shares(endpoint) == before
    settle(endpoint)
    made.refresh_from_db()
    assert made.status == "RolledBack"
    assert statuses(made) == ["RolledBack", "Skipped"]
    assert "v2 answered 3 of 40 invocations with 5XX" in made.reason
    assert endpoint.status == "InService"
    assert endpoint.failure_reason == made.reason
    assert messages(endpoint)[-2:] == [
        "Rolled back to the weights before",
        "Rolled back traffic shift 1",
    ]


def test_errors_of_the_variant_that_loses_traffic_do_not_count(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor, variants=2)
    start(actor, guards=STRICT)
    step_on(endpoint)
    answered("v1", invocations=100, errors=100)
    answered("v2", invocations=100)
    pass_time(65)
    assert step_on(endpoint).status == "Updating"
    assert shares(endpoint)["v2"] == 1.0


def test_slow_answers_roll_back(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor, variants=2)
    made = start(actor, guards=Guards(max_latency_us=5_000.0, latency_percentile="p95"))
    step_on(endpoint)
    answered("v2", invocations=30, latency_us=9_000)
    settle(endpoint)
    made.refresh_from_db()
    assert made.status == "RolledBack"
    assert "ModelLatency p95 of v2" in made.reason


@pytest.mark.parametrize(
    ("no_data", "status", "steps"),
    [
        (NoData.CONTINUE, "Updating", ["Completed", "Baking"]),
        (NoData.WAIT, "Updating", ["Baking", "Pending"]),
        (NoData.ROLL_BACK, "InService", ["RolledBack", "Skipped"]),
    ],
)
def test_a_bake_without_enough_invocations_ends_as_was_chosen(
    actor: Actor, fake: FakeRunner, no_data: NoData, status: str, steps: list[str]
) -> None:
    endpoint = serve(actor, variants=2)
    guards = Guards(max_error_rate=0.05, no_data=no_data)
    made = start(actor, guards=guards)
    step_on(endpoint)
    answered("v2", invocations=3, errors=3)
    pass_time(65)
    assert step_on(endpoint).status == status
    assert statuses(made) == steps


def test_a_canary_fleet_gets_its_tenth_then_everything(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor)
    blue = published_instances(endpoint)
    make_config(actor, "green", instances=2)
    services.update_endpoint(
        actor, name="e", config_name="green", deployment_config=deployment_config()
    )
    step_on(endpoint)
    assert shares(endpoint) == pytest.approx({"v1": 0.9, "v1@green": 0.1})
    assert set(blue) < set(published_instances(endpoint))
    pass_time(60)
    step_on(endpoint)
    assert shares(endpoint) == {"v1": 0.0, "v1@green": 1.0}
    assert len(fake.find()) == 3
    pass_time(60)
    settle(endpoint)
    assert endpoint.status == "InService"
    assert endpoint.config.name == "green"
    assert shares(endpoint) == {"v1": 1.0}
    assert len(fake.find()) == 2


def test_the_old_fleet_stays_for_its_termination_wait(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor)
    make_config(actor, "green")
    config = deployment_config("ALL_AT_ONCE", TerminationWaitInSeconds=300)
    services.update_endpoint(actor, name="e", config_name="green", deployment_config=config)
    step_on(endpoint)
    pass_time(60)
    step_on(endpoint)
    pass_time(299)
    assert step_on(endpoint).status == "Updating"
    assert len(fake.find()) == 2
    pass_time(2)
    settle(endpoint)
    assert endpoint.status == "InService"
    assert len(fake.find()) == 1


def test_only_what_the_new_fleet_answers_is_judged(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor)
    make_config(actor, "green")
    services.update_endpoint(
        actor,
        name="e",
        config_name="green",
        deployment_config=deployment_config(),
        guards=STRICT,
    )
    step_on(endpoint)
    answered("v1", invocations=100, errors=100)
    assert step_on(endpoint).status == "Updating"
    answered("v1", invocations=100, errors=100, config="green")
    reconcile(endpoint.pk)
    assert shares(endpoint) == {"v1": 1.0}
    settle(endpoint)
    assert endpoint.status == "InService"
    assert endpoint.config.name == "e-c"
    assert Deployment.objects.get().status == "RolledBack"
    assert len(fake.find()) == 1


def test_it_is_rolled_back_when_it_takes_too_long(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor, variants=2)
    made = start(actor)
    step_on(endpoint)
    overdue()
    settle(endpoint)
    made.refresh_from_db()
    assert made.status == "RolledBack"
    assert "MaximumExecutionTimeoutInSeconds" in made.reason


def test_a_paused_shift_stays_and_is_still_guarded(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor, variants=2)
    made = start(actor, guards=STRICT)
    step_on(endpoint)
    shifts.pause(actor, endpoint_name="e", number=made.number)
    pass_time(600)
    step_on(endpoint)
    assert statuses(made) == ["Baking", "Pending"]
    answered("v2", invocations=50, errors=50)
    assert step_on(endpoint).status == "InService"
    assert statuses(made) == ["RolledBack", "Skipped"]


def test_a_step_that_comes_too_late_does_not_undo_a_rollback(
    actor: Actor, fake: FakeRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = serve(actor, variants=2)
    before = shares(endpoint)
    made = start(actor, policy=LINEAR)
    from endpoints.shifting import advance, lifecycle

    activate = lifecycle.activate

    def late(*given: object, **named: object) -> bool:
        """Another process rolls back just before this one writes."""
        shifts.roll_back(actor, endpoint_name="e", number=made.number)
        return activate(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(advance.lifecycle, "activate", late)
    reconcile(endpoint.pk)
    monkeypatch.undo()
    settle(endpoint)
    assert shares(endpoint) == before
    assert statuses(made) == ["Skipped", "Skipped"]


def test_delete_ends_a_shift_half_way(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor)
    make_config(actor, "green")
    services.update_endpoint(
        actor, name="e", config_name="green", deployment_config=deployment_config()
    )
    step_on(endpoint)
    services.delete_endpoint(actor, name="e")
    settle(endpoint)
    assert not Deployment.objects.exists()
    assert fake.find() == []


def test_running_it_again_changes_nothing(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor, variants=2)
    made = start(actor, policy=Policy(routing=Routing.ALL_AT_ONCE, wait_s=600))
    step_on(endpoint)
    before = (messages(endpoint), statuses(made), shares(endpoint))
    step_on(endpoint, 20)
    assert (messages(endpoint), statuses(made), shares(endpoint)) == before
