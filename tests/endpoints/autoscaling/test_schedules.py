"""Scheduled actions move a target's bounds when their time has come, and its count with them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import Forbidden, ValidationFailed
from endpoints.autoscaling import evaluation, schedules, services
from endpoints.autoscaling.services import NoSuchObject
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Endpoint, ScalableTarget, ScalingActivity, ScheduledAction, Variant
from tests.endpoints.build import serve, settle

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])

WHERE = {"endpoint": "e", "variant": "v1"}
NOW = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)


@pytest.fixture
def endpoint(actor: Actor, fake: FakeRunner) -> Endpoint:
    made = serve(actor, "e")
    services.register(actor, **WHERE, least=1, most=4)
    return made


def put(actor: Actor, schedule: str, name: str = "s", **members: Any) -> ScheduledAction:
    members.setdefault("ScalableTargetAction", {"MinCapacity": 2, "MaxCapacity": 3})
    return schedules.put(actor, **WHERE, name=name, members={"Schedule": schedule, **members})


def looked(since: datetime, now: datetime) -> ScalableTarget:
    """The target after one look, the one before it having been at another moment."""
    ScheduledAction.objects.update(looked_at=since)
    schedules.carry_out(ScalableTarget.objects.get(), now)
    return ScalableTarget.objects.get()


def bounds(target: ScalableTarget) -> tuple[int, int]:
    return target.min_capacity, target.max_capacity


def test_an_action_sets_the_bounds_once_and_the_count_follows(
    actor: Actor, endpoint: Endpoint
) -> None:
    soon = timezone.now() - timedelta(seconds=1)
    put(actor, f"at({soon:%Y-%m-%dT%H:%M:%S})")
    ScheduledAction.objects.update(looked_at=soon - timedelta(seconds=5))
    evaluation.evaluate_all()
    settle(endpoint)
    assert Variant.objects.get(endpoint=endpoint).desired_count == 2
    evaluation.evaluate_all()
    causes = [each.cause for each in ScalingActivity.objects.order_by("id")]
    assert causes[0] == "scheduled action name s was triggered"
    assert causes[1].startswith("the number of instances was out of its bounds")
    assert len(causes) == 2


def test_a_bound_that_is_not_given_stays(actor: Actor, endpoint: Endpoint) -> None:
    put(actor, "cron(0 12 * * ? *)", ScalableTargetAction={"MinCapacity": 3})
    assert bounds(looked(NOW - timedelta(minutes=1), NOW)) == (3, 4)


def test_a_bound_that_was_changed_since_the_target_was_read_stays_changed(
    actor: Actor, endpoint: Endpoint
) -> None:
    put(actor, "cron(0 12 * * ? *)", ScalableTargetAction={"MinCapacity": 3})
    ScheduledAction.objects.update(looked_at=NOW - timedelta(minutes=1))
    read_before = ScalableTarget.objects.get()
    services.register(actor, **WHERE, most=6)
    schedules.carry_out(read_before, NOW)
    assert bounds(read_before) == bounds(ScalableTarget.objects.get()) == (3, 6)


def test_the_count_follows_the_bounds_while_policies_are_suspended(
    actor: Actor, endpoint: Endpoint
) -> None:
    services.register(actor, **WHERE, least=2, suspended={"DynamicScalingOutSuspended": True})
    evaluation.evaluate_all()
    assert Variant.objects.get(endpoint=endpoint).desired_count == 2


def test_bounds_that_do_not_fit_are_told_and_left(actor: Actor, endpoint: Endpoint) -> None:
    put(actor, "cron(0 12 * * ? *)", ScalableTargetAction={"MinCapacity": 9})
    assert bounds(looked(NOW - timedelta(minutes=1), NOW)) == (1, 4)
    assert ScalingActivity.objects.get().status == "Failed"


def test_activities_are_kept_as_long_as_aws_tells_of_them(actor: Actor, endpoint: Endpoint) -> None:
    put(actor, "cron(0 12 * * ? *)")
    ages = [timedelta(weeks=90), timedelta(weeks=6, days=1), timedelta(weeks=5, days=6)]
    for age in ages:
        looked(NOW - timedelta(minutes=1), NOW)
        newest = ScalingActivity.objects.latest("id")
        ScalingActivity.objects.filter(pk=newest.pk).update(at=timezone.now() - age)
    looked(NOW - timedelta(minutes=1), NOW)
    oldest = timezone.now() - timedelta(weeks=6)
    assert [row.at > oldest for row in ScalingActivity.objects.all()] == [True, True]


def test_an_action_holds_between_its_start_and_its_end(actor: Actor, endpoint: Endpoint) -> None:
    tomorrow = NOW + timedelta(days=1)
    put(actor, "rate(1 minute)", StartTime=tomorrow, EndTime=tomorrow + timedelta(minutes=5))
    assert bounds(looked(NOW - timedelta(hours=1), NOW)) == (1, 4)
    assert bounds(looked(tomorrow + timedelta(minutes=6), tomorrow + timedelta(hours=1))) == (1, 4)
    assert bounds(looked(NOW, tomorrow)) == (2, 3)


def test_scheduled_scaling_may_be_suspended(actor: Actor, endpoint: Endpoint) -> None:
    put(actor, "cron(0 12 * * ? *)")
    services.register(actor, **WHERE, suspended={"ScheduledScalingSuspended": True})
    assert bounds(looked(NOW - timedelta(minutes=1), NOW)) == (1, 4)
    services.register(actor, **WHERE, suspended={"ScheduledScalingSuspended": False})
    # What was due meanwhile is not made up for.
    schedules.carry_out(ScalableTarget.objects.get(), NOW + timedelta(minutes=1))
    assert bounds(ScalableTarget.objects.get()) == (1, 4)


def test_a_look_at_which_nothing_is_due_writes_nothing(
    actor: Actor, endpoint: Endpoint, django_assert_num_queries: Any
) -> None:
    for number in range(3):
        put(actor, "cron(0 12 * * ? *)", f"s{number}")
    ScheduledAction.objects.update(looked_at=NOW)
    with django_assert_num_queries(2):
        looked = ScalableTarget.objects.prefetch_related("scheduled_actions").get()
        schedules.carry_out(looked, NOW + timedelta(seconds=10))


def test_what_was_looked_through_is_remembered_once_it_has_become_long(
    actor: Actor, endpoint: Endpoint
) -> None:
    put(actor, "cron(0 12 * * ? *)")
    late = NOW + timedelta(hours=3)
    looked(NOW, late)
    assert ScheduledAction.objects.get().looked_at == late


def test_two_that_look_at_once_carry_it_out_once(actor: Actor, endpoint: Endpoint) -> None:
    put(actor, "cron(0 12 * * ? *)")
    ScheduledAction.objects.update(looked_at=NOW - timedelta(minutes=1))
    rows = ScalableTarget.objects.prefetch_related("scheduled_actions")
    for target in [rows.get(), rows.get()]:
        schedules.carry_out(target, NOW)
    assert ScalingActivity.objects.count() == 1


def test_one_that_was_put_anew_since_it_was_read_is_not_carried_out_as_it_was(
    actor: Actor, endpoint: Endpoint
) -> None:
    put(actor, "cron(0 12 * * ? *)")
    ScheduledAction.objects.update(looked_at=NOW - timedelta(minutes=1))
    read_before = ScalableTarget.objects.prefetch_related("scheduled_actions").get()
    put(actor, "cron(0 12 * * ? *)", ScalableTargetAction={"MinCapacity": 4})
    schedules.carry_out(read_before, NOW)
    assert bounds(ScalableTarget.objects.get()) == (1, 4)


def test_putting_it_again_changes_what_is_given_and_takes_away_start_and_end(
    actor: Actor, endpoint: Endpoint
) -> None:
    put(actor, "rate(1 hour)", StartTime=NOW)
    again = schedules.put(actor, **WHERE, name="s", members={"Timezone": "Europe/Berlin"})
    assert (again.schedule, again.zone, again.starts_at) == ("rate(1 hour)", "Europe/Berlin", None)
    assert (again.min_capacity, again.max_capacity) == (2, 3)
    assert ScheduledAction.objects.count() == 1


@pytest.mark.parametrize(
    ("schedule", "members"),
    [
        ("sometimes", {}),
        ("", {}),
        ("rate(1 hour)", {"Timezone": "Mars/Base"}),
        ("rate(1 hour)", {"Timezone": "Europe"}),
        ("rate(1 hour)", {"Timezone": "../etc/passwd"}),
        ("rate(1 hour)", {"StartTime": NOW, "EndTime": NOW}),
        ("rate(1 hour)", {"ScalableTargetAction": {}}),
        ("rate(1 hour)", {"ScalableTargetAction": {"MinCapacity": 3, "MaxCapacity": 2}}),
        ("rate(1 hour)", {"ScalableTargetAction": {"MinCapacity": 0}}),
        ("rate(1 hour)", {"ScalableTargetAction": {"MaxCapacity": 10_000}}),
    ],
)
def test_what_could_never_be_carried_out_is_refused(
    actor: Actor, endpoint: Endpoint, schedule: str, members: dict[str, Any]
) -> None:
    with pytest.raises(ValidationFailed):
        put(actor, schedule, **members)
    assert not ScheduledAction.objects.exists()


def test_an_action_is_removed_by_who_may(
    actor: Actor, bob: Actor, charlie: Actor, endpoint: Endpoint
) -> None:
    put(actor, "rate(1 hour)")
    with pytest.raises(Forbidden):
        schedules.delete(bob, **WHERE, name="s")
    with pytest.raises(NoSuchObject):
        schedules.delete(charlie, **WHERE, name="s")
    with pytest.raises(Forbidden):
        put(bob, "rate(2 hours)")
    assert not schedules.actions(charlie)
    schedules.delete(actor, **WHERE, name="s")
    with pytest.raises(NoSuchObject, match="No scheduled action"):
        schedules.delete(actor, **WHERE, name="s")
