"""Topics and subscriptions: made, confirmed, removed. Every door calls these."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from consoleapp.accounts import audit
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import Role
from consoleapp.notifications import delivery
from consoleapp.notifications.errors import NoSuchTopic, invalid
from consoleapp.notifications.models import Subscription, Topic
from consoleapp.notifications.post import check_address

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_TOPIC_ATTRIBUTES: Final = {"DisplayName", "DeliveryPolicy", "Policy", "SignatureVersion"}
_SUBSCRIPTION_ATTRIBUTES: Final = {"RawMessageDelivery"}


def topics(actor: Actor) -> QuerySet[Topic]:
    own = Topic.objects.filter(team=actor.team, region=actor.region)
    return own.select_related("team").order_by("name")


def topic(actor: Actor, arn: str) -> Topic:
    prefix = f"arn:aws:sns:{actor.region}:{actor.account_id}:"
    name = arn.removeprefix(prefix)
    found = topics(actor).filter(name=name).first() if arn.startswith(prefix) else None
    if found is None:
        raise NoSuchTopic("Topic does not exist")
    return found


def create_topic(actor: Actor, *, name: str, attributes: Mapping[str, str] | None = None) -> Topic:
    """The topic of this name, made if it is missing: as at SNS, twice is as once."""
    actor.must(Role.OPERATOR)
    if not _NAME.fullmatch(name):
        raise invalid("Topic Name", "1 to 256 letters, digits, hyphens and underscores.")
    given = dict(attributes or {})
    _check_attributes(given, _TOPIC_ATTRIBUTES)
    with transaction.atomic():
        found, created = Topic.objects.get_or_create(
            team=actor.team, region=actor.region, name=name, defaults={"attributes": given}
        )
        if created:
            audit.record(actor, "CreateTopic", found.arn)
    return found


def delete_topic(actor: Actor, *, arn: str) -> None:
    """With its subscriptions. One that is not there is no error, as at SNS."""
    actor.must(Role.OPERATOR)
    try:
        found = topic(actor, arn)
    except NoSuchTopic:
        return
    with transaction.atomic():
        audit.record(actor, "DeleteTopic", found.arn)
        found.delete()


def subscriptions(actor: Actor) -> QuerySet[Subscription]:
    own = Subscription.objects.filter(topic__team=actor.team, topic__region=actor.region)
    return own.select_related("topic__team").order_by("created_at", "id")


def subscription(actor: Actor, arn: str) -> Subscription:
    pk = _uuid(arn)
    found = subscriptions(actor).filter(pk=pk).first() if pk else None
    if found is None or found.arn != arn:
        raise NoSuchTopic("Subscription does not exist")
    return found


def subscribe(
    actor: Actor,
    *,
    topic_arn: str,
    protocol: str,
    endpoint: str,
    attributes: Mapping[str, str] | None = None,
) -> Subscription:
    """Sends the confirmation; until it is followed, the subscription gets nothing else."""
    actor.must(Role.OPERATOR)
    found = topic(actor, topic_arn)
    _check_endpoint(protocol, endpoint)
    given = dict(attributes or {})
    _check_attributes(given, _SUBSCRIPTION_ATTRIBUTES)
    with transaction.atomic():
        made, created = Subscription.objects.get_or_create(
            topic=found, protocol=protocol, endpoint=endpoint, defaults={"attributes": given}
        )
        if made.confirmed_at is None:
            delivery.ask_to_confirm(made)
        if created:
            audit.record(actor, "Subscribe", found.arn, endpoint=endpoint)
    return made


def confirm(*, topic_arn: str, token: str) -> Subscription:
    """Whoever has the token is the listener: it was sent to nobody else."""
    found = Subscription.objects.select_related("topic__team").filter(token=token).first()
    if found is None or found.topic.arn != topic_arn:
        raise invalid("Token", "It belongs to no subscription of this topic.")
    if found.confirmed_at is None:
        found.confirmed_at = timezone.now()
        found.save(update_fields=["confirmed_at"])
    return found


def unsubscribe(actor: Actor, *, arn: str) -> None:
    actor.must(Role.OPERATOR)
    found = subscription(actor, arn)
    with transaction.atomic():
        audit.record(actor, "Unsubscribe", found.arn)
        found.delete()


def publish(
    actor: Actor,
    *,
    topic_arn: str,
    message: str,
    subject: str = "",
    structure: str = "",
    attributes: Mapping[str, Mapping[str, Any]] | None = None,
) -> str:
    """The message's id. Each confirmed listener gets it, in time and order of its own."""
    actor.must(Role.OPERATOR)
    found = topic(actor, topic_arn)
    delivery.check(message, subject, structure)
    return delivery.publish(found, message, subject, structure, attributes or {})


def _check_endpoint(protocol: str, endpoint: str) -> None:
    if protocol not in {"http", "https"}:
        raise invalid("Protocol", "This console delivers over http and https.")
    if urlsplit(endpoint).scheme != protocol:
        raise invalid("Endpoint", "Must match the specified protocol")
    check_address(endpoint)


def _check_attributes(given: Mapping[str, str], known: set[str]) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        raise invalid("AttributeName", f"This console does not know {', '.join(unknown)}.")


def _uuid(arn: str) -> UUID | None:
    try:
        return UUID(arn.rpartition(":")[2])
    except ValueError:
        return None
