"""Eight processes that put the same thing at once: `python -m tests.races.puts`.

Prints, for each scenario, what each process met and what the database holds then, as JSON.
"""

import json
import os
from collections.abc import Callable, Iterable
from typing import Any

import django

from tests.races.one_job import PROCESSES, race

#: Of each thing as many: what races is over in a moment.
ROUNDS = 5
NOWHERE = "https://listener.invalid/"


def met(body: Callable[[int, int], object], rounds: int = ROUNDS) -> list[str]:
    """The errors of all processes; `body` gets the process's number and the round."""
    errors: list[str] = []
    for turn in range(rounds):
        numbers = iter(range(PROCESSES))
        bodies = [_numbered(body, next(numbers), turn) for _ in range(PROCESSES)]
        errors += [str(told) for told in race(bodies) if told is not None]
    return errors


def _numbered(body: Callable[[int, int], object], number: int, turn: int) -> Callable[[], None]:
    def run() -> None:
        body(number, turn)

    return run


def attributes(actor: Any) -> dict[str, Any]:
    """Each of four attributes is set by two processes: all four stay."""
    from consoleapp.notifications import services

    values = {"DisplayName": "d", "DeliveryPolicy": "{}", "Policy": "{}", "SignatureVersion": "2"}
    names = list(values)

    def put(number: int, turn: int) -> None:
        name, arn = names[number % len(names)], topics[turn].arn
        services.set_topic_attribute(actor, arn=arn, name=name, value=values[name])

    topics = [services.create_topic(actor, name=f"attributes-{n}") for n in range(ROUNDS)]
    errors = met(put)
    kept = [sorted(each.attributes) for each in services.topics(actor).filter(name__startswith="a")]
    return {"errors": errors, "kept": kept}


def listener_attributes(actor: Any) -> dict[str, Any]:
    from consoleapp.notifications import services
    from consoleapp.notifications.models import Subscription

    values = {"RawMessageDelivery": "true", "FilterPolicy": '{"a": ["b"]}'}
    names = list(values)

    def put(number: int, turn: int) -> None:
        row = rows[turn]
        if number % 3 == 2:
            services.confirm(topic_arn=topic.arn, token=row.token, keep=True)
            return
        name = names[number % 3]
        services.set_subscription_attribute(actor, arn=row.arn, name=name, value=values[name])

    topic = services.create_topic(actor, name="listeners")
    rows = [
        Subscription.objects.create(topic=topic, protocol="https", endpoint=f"{NOWHERE}{n}")
        for n in range(ROUNDS)
    ]
    errors = met(put)
    kept = [sorted(row.attributes) for row in Subscription.objects.filter(topic=topic)]
    return {"errors": errors, "kept": kept}


def targets(actor: Any) -> dict[str, Any]:
    from endpoints.autoscaling import schedules, services
    from endpoints.models import ScalableTarget, ScalingPolicy, ScheduledAction

    def put(number: int, turn: int) -> None:
        where = {"endpoint": "scaled", "variant": f"v{turn + 1}"}
        services.register(actor, **where, least=1, most=2 + number)
        nightly = {"Schedule": "rate(1 day)", "ScalableTargetAction": {"MinCapacity": 1}}
        schedules.put(actor, **where, name="nightly", members=nightly)
        tracked = {"PredefinedMetricType": services.INVOCATIONS}
        policy = {"TargetValue": 1.0 + number, "PredefinedMetricSpecification": tracked}
        services.put_policy(actor, **where, name="p", configuration=policy)

    errors = met(put)
    counts = [m.objects.count() for m in (ScalableTarget, ScheduledAction, ScalingPolicy)]
    return {"errors": errors, "rows": counts}


def alarms(actor: Any) -> dict[str, Any]:
    from consoleapp.metrics.models import Alarm
    from tests.consoleapp.metrics.alarm_specs import make_alarm

    errors = met(lambda number, turn: make_alarm(actor, f"race-{turn}", threshold=float(number)))
    return {"errors": errors, "rows": [Alarm.objects.filter(name__startswith="race-").count()]}


def others(actor: Any) -> dict[str, Any]:
    """What is made where it is missing: tags, quotas, topics, listeners."""
    from django.test import override_settings

    from consoleapp.accounts import quotas, tags
    from consoleapp.accounts.models import Quota, Tag
    from consoleapp.notifications import services
    from consoleapp.notifications.models import Subscription, Topic

    def put(number: int, turn: int) -> None:
        topic = services.create_topic(actor, name=f"made-{turn}")
        tags.add(actor, topic.arn, [{"Key": "k", "Value": str(number)}])
        where = {"protocol": "http", "endpoint": "http://127.0.0.1:9/"}
        services.subscribe(actor, topic_arn=topic.arn, **where)
        quotas.set_limit(actor, code="storage.buckets.max", value=number)

    with override_settings(ALLOW_PRIVATE_NOTIFICATION_ADDRESSES=True):
        errors = met(put)
    made = Topic.objects.filter(name__startswith="made-")
    listeners = Subscription.objects.filter(topic__in=made)
    counts = [made.count(), Tag.objects.count(), listeners.count(), Quota.objects.count()]
    return {"errors": errors, "rows": counts}


def names(actor: Any) -> dict[str, Any]:
    """A name is had by one: seven are told that it is taken."""
    from consoleapp.accounts import services
    from consoleapp.accounts.models import IamRole, Membership, Role, User

    def role(number: int, turn: int) -> None:
        # IAM's names differ by more than case.
        services.create_iam_role(actor, f"ROLE-{turn}" if number % 2 else f"role-{turn}")

    def member(number: int, turn: int) -> None:
        services.add_member(actor, username=f"person-{turn}", role=Role.VIEWER)

    def elsewhere(number: int, turn: int) -> None:
        """A person who is new to all teams at once."""
        services.add_member(teams[number], username=f"guest-{turn}", role=Role.VIEWER)

    teams = [_of_team(number) for number in range(PROCESSES)]
    errors = {each.__name__: met(each) for each in (role, member, elsewhere)}
    guests = User.objects.filter(username__startswith="guest-")
    return {
        "errors": errors,
        "roles": IamRole.objects.filter(name__iregex=r"^role-\d$").count(),
        "members": Membership.objects.filter(user__username__startswith="person-").count(),
        "guests": [guests.count(), Membership.objects.filter(user__in=guests).count()],
    }


def admins(actor: Any) -> dict[str, Any]:
    """All admins of a team step down at once: one has to stay."""
    from consoleapp.accounts import services
    from consoleapp.accounts.models import Membership, Role
    from tests.factories import make_actor, make_team

    def step_down(number: int, turn: int) -> None:
        services.change_role(first, username=f"admin-{number}", role=Role.VIEWER)

    team = make_team("admins", "100000000099")
    people = [make_actor(team, username=f"admin-{number}") for number in range(PROCESSES)]
    first = people[0]
    errors = met(step_down, rounds=1)
    left = Membership.objects.filter(team=team, role=Role.ADMIN.value).count()
    return {"errors": errors, "rows": [left]}


def _of_team(number: int) -> Any:
    from tests.factories import make_actor, make_team

    return make_actor(make_team(f"team-{number}", f"10000000000{number}"), username=f"u{number}")


SCENARIOS: Iterable[Callable[[Any], dict[str, Any]]] = (
    *(attributes, listener_attributes, targets, alarms, others, names, admins),
)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "consoleapp.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("migrate", database="metrics", verbosity=0)
    from endpoints.hosts import registry
    from tests.endpoints.build import make_endpoint
    from tests.factories import make_actor, make_team

    registry.DEFAULT = "fake"
    actor = make_actor(make_team())
    make_endpoint(actor, "scaled", variants=ROUNDS)
    print(json.dumps({each.__name__: each(actor) for each in SCENARIOS}))


if __name__ == "__main__":
    main()
