"""Who may shift traffic, what is refused, and what pause, resume and roll back do."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import Forbidden, NotFound, ValidationFailed
from consoleapp.accounts.models import AuditEvent
from consoleapp.metrics import alarms
from consoleapp.metrics.alarms import AlarmSpec
from endpoints import queries, services, shifts
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Deployment, Endpoint
from endpoints.shift import Policy, Routing
from endpoints.shifting.guards import Guards
from tests.endpoints.build import make_config, messages, serve, settle
from tests.endpoints.shifting.build import (
    AT_ONCE,
    TENTH,
    deployment_config,
    pass_time,
    shares,
    start,
    statuses,
    step_on,
)

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "metrics"])


def put_alarm(actor: Actor, name: str, state: str) -> None:
    spec = AlarmSpec(
        namespace="AWS/SageMaker",
        metric_name="Invocation5XXErrors",
        dimensions={"EndpointName": "e", "VariantName": "v2"},
        statistic="Average",
        period_s=10,
        evaluation_periods=1,
        datapoints_to_alarm=1,
        threshold=0.1,
        comparison_operator="GreaterThanThreshold",
    )
    alarms.put_alarm(actor, name=name, spec=spec)
    alarms.set_alarm_state(actor, name=name, state=state, reason="of the test")


def test_a_shift_is_planned_whole_before_anything_moves(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor, variants=2)
    made = start(actor)
    assert (made.number, made.kind, made.status) == (1, "Weights", "InProgress")
    assert made.created_by == "alice"
    assert [step.share for step in made.steps.all()] == [0.5, 1.0]
    assert (made.weights_before, made.weights_after) == (
        {"v1": 1.0, "v2": 1.0},
        {"v1": 0.0, "v2": 2.0},
    )
    endpoint.refresh_from_db()
    assert endpoint.status == "Updating"
    assert shares(endpoint) == {"v1": 0.5, "v2": 0.5}
    assert AuditEvent.objects.filter(action="StartTrafficShift").exists()


def test_any_weights_can_be_the_end_and_their_sum_is_kept(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor, variants=3)
    start(actor, to="", weights={"v1": 0, "v3": 5}, policy=AT_ONCE)
    settle(endpoint)
    assert shares(endpoint) == pytest.approx({"v1": 0.0, "v2": 1 / 6, "v3": 5 / 6})
    assert sum(v.desired_weight for v in queries.variants(endpoint)) == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"to": "v9"}, '"v9" is not present'),
        ({"to": ""}, "Name the variant"),
        ({"weights": {"v1": 1.0}}, "Name the variant"),
        ({"to": "", "weights": {"v1": 2, "v2": 2}}, "like this already"),
        ({"to": "", "weights": {"v1": 0, "v2": 0}}, "Some variant must have weight"),
        ({"to": "", "weights": {"v1": -1}}, "0 or more"),
        ({"remove": ["v2"]}, "v2 cannot be removed"),
        ({"remove": ["nobody"]}, "nobody cannot be removed"),
        ({"policy": Policy(routing=Routing.ROLLING, size=TENTH)}, "UpdateEndpoint"),
        ({"policy": Policy(routing=Routing.CANARY)}, "needs a CanarySize"),
        ({"guards": Guards(max_error_rate=2.0)}, "5XX rate"),
        ({"guards": Guards(alarms=("none",))}, 'Could not find alarm "none"'),
    ],
)
def test_an_impossible_shift_is_refused_and_leaves_no_trace(
    actor: Actor, fake: FakeRunner, asked: dict[str, Any], words: str
) -> None:
    serve(actor, variants=2)
    with pytest.raises(ValidationFailed, match=words):
        start(actor, **asked)
    assert Endpoint.objects.get().status == "InService"
    assert not Deployment.objects.exists()


def test_only_one_change_at_a_time(actor: Actor, fake: FakeRunner) -> None:
    serve(actor, variants=2)
    start(actor)
    with pytest.raises(ValidationFailed, match="Cannot update in-progress endpoint"):
        start(actor)
    make_config(actor, "green")
    with pytest.raises(ValidationFailed, match="Cannot update in-progress endpoint"):
        services.update_endpoint(actor, name="e", config_name="green")


def test_an_alarm_that_trips_rolls_back_and_one_that_already_has_is_refused(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor, variants=2)
    put_alarm(actor, "high", "ALARM")
    with pytest.raises(ValidationFailed, match="it would roll back at once"):
        start(actor, guards=Guards(alarms=("high",)))
    alarms.set_alarm_state(actor, name="high", state="INSUFFICIENT_DATA", reason="no traffic")
    made = start(actor, guards=Guards(alarms=("high",)))
    assert step_on(endpoint).status == "Updating"
    alarms.set_alarm_state(actor, name="high", state="ALARM", reason="of the test")
    settle(endpoint)
    made.refresh_from_db()
    assert (made.status, endpoint.status) == ("RolledBack", "InService")
    assert "Alarm high is in state ALARM." in made.reason


def test_an_alarm_that_is_deleted_while_it_guards_is_told_of_once(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor, variants=2)
    put_alarm(actor, "high", "OK")
    start(actor, guards=Guards(alarms=("high",)))
    step_on(endpoint)
    alarms.delete_alarm(actor, name="high")
    assert step_on(endpoint).status == "Updating"
    said = "Alarm high was deleted: it guards nothing any more."
    assert messages(endpoint).count(said) == 1


def test_aws_alarms_guard_an_update_of_the_fleet(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor)
    make_config(actor, "green")
    put_alarm(actor, "high", "OK")
    rollback = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "high"}]}}
    config = {**deployment_config(), **rollback}
    services.update_endpoint(actor, name="e", config_name="green", deployment_config=config)
    step_on(endpoint)
    alarms.set_alarm_state(actor, name="high", state="ALARM", reason="of the test")
    settle(endpoint)
    assert endpoint.config.name == "e-c"
    assert Deployment.objects.get().status == "RolledBack"
    assert shifts.last_deployment_config(endpoint) == config


def test_pause_holds_and_resume_goes_on(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor, variants=2)
    made = start(actor)
    step_on(endpoint)
    shifts.pause(actor, endpoint_name="e", number=1)
    pass_time(600)
    step_on(endpoint)
    assert shares(endpoint)["v2"] == 0.75
    with pytest.raises(ValidationFailed, match="Traffic shift 1 is Paused"):
        shifts.pause(actor, endpoint_name="e", number=1)
    before = made.deadline_at
    shifts.resume(actor, endpoint_name="e", number=1)
    made.refresh_from_db()
    assert made.deadline_at > before
    assert made.paused_at is None
    step_on(endpoint)
    assert shares(endpoint)["v2"] == 1.0


def test_roll_back_now_holds_at_once_and_is_said(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor, variants=2)
    made = start(actor)
    step_on(endpoint)
    shifts.roll_back(actor, endpoint_name="e", number=1)
    assert shares(endpoint) == {"v1": 0.5, "v2": 0.5}
    settle(endpoint)
    made.refresh_from_db()
    assert (made.status, made.reason) == ("RolledBack", "Rolled back by alice")
    assert statuses(made) == ["RolledBack", "Skipped"]
    with pytest.raises(ValidationFailed, match="Traffic shift 1 is RolledBack"):
        shifts.roll_back(actor, endpoint_name="e", number=1)
    assert "Traffic shift 1: rolling back" in messages(endpoint)


@pytest.mark.parametrize("act", [shifts.pause, shifts.resume, shifts.roll_back])
def test_a_shift_of_an_endpoint_that_is_being_deleted_is_left_alone(
    actor: Actor, fake: FakeRunner, act: Callable[..., Deployment]
) -> None:
    serve(actor, variants=2)
    start(actor)
    if act is shifts.resume:
        shifts.pause(actor, endpoint_name="e", number=1)
    services.delete_endpoint(actor, name="e")
    with pytest.raises(ValidationFailed, match="and its endpoint Deleting"):
        act(actor, endpoint_name="e", number=1)


def test_roll_back_of_a_fleet_takes_its_traffic_away_before_it_winds_down(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor)
    make_config(actor, "green")
    services.update_endpoint(
        actor, name="e", config_name="green", deployment_config=deployment_config()
    )
    step_on(endpoint)
    shifts.roll_back(actor, endpoint_name="e", number=1)
    assert shares(endpoint) == {"v1": 1.0}
    assert len(fake.find()) == 2
    settle(endpoint)
    assert len(fake.find()) == 1


def test_a_viewer_may_look_and_not_touch(actor: Actor, bob: Actor, fake: FakeRunner) -> None:
    serve(actor, variants=2)
    with pytest.raises(Forbidden):
        start(bob)
    start(actor)
    assert shifts.found(bob, "e", 1).number == 1
    for act in (shifts.pause, shifts.resume, shifts.roll_back):
        with pytest.raises(Forbidden):
            act(bob, endpoint_name="e", number=1)


def test_a_stranger_finds_nothing(actor: Actor, charlie: Actor, fake: FakeRunner) -> None:
    serve(actor, variants=2)
    start(actor)
    with pytest.raises(NotFound):
        start(charlie)
    for act in (shifts.pause, shifts.resume, shifts.roll_back):
        with pytest.raises(NotFound):
            act(charlie, endpoint_name="e", number=1)


def test_retained_properties_can_be_excluded_one_by_one(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor, instances=2)
    endpoint.variants.update(desired_weight=7.0, current_weight=7.0)
    make_config(actor, "green", instances=1, weight=3.0)
    services.update_endpoint(
        actor,
        name="e",
        config_name="green",
        retain_variant_properties=True,
        exclude_retained=["DesiredInstanceCount"],
    )
    settle(endpoint)
    (variant,) = queries.variants(endpoint)
    assert (variant.desired_count, variant.desired_weight) == (1, 7.0)


def test_the_list_asks_as_often_for_many_as_for_one(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor, variants=2)
    asked = []
    for to in ("v2", "v1", "v2"):
        start(actor, to=to, policy=AT_ONCE)
        settle(endpoint)
        with CaptureQueriesContext(
            connection,
        ) as queries_made:
            assert [list(row.steps.all()) for row in shifts.of(endpoint)]
        asked.append(len(queries_made))
    assert asked[0] == asked[-1]
