"""Topics and subscriptions: made, confirmed, removed. Every door calls these."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from consoleapp.accounts import audit
from consoleapp.accounts import tags as account_tags
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import Role
from consoleapp.notifications import attributes as checks
from consoleapp.notifications import delivery
from consoleapp.notifications.errors import NoSuchTopic, NotAllowed, invalid
from consoleapp.notifications.models import Subscription, Topic
from consoleapp.notifications.post import check_address

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
Row = TypeVar("Row", Topic, Subscription)
_KEPT: Final = "AuthenticateOnUnsubscribe"


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


def create_topic(
    actor: Actor,
    *,
    name: str,
    attributes: Mapping[str, str] | None = None,
    tags: Sequence[Mapping[str, str]] = (),
) -> Topic:
    """The topic of this name, made if it is missing: as at SNS, twice is as once. Raises
    InvalidParameter where it is there with other attributes or tags."""
    actor.must(Role.OPERATOR)
    if not _NAME.fullmatch(name):
        raise invalid("Topic Name", "1 to 256 letters, digits, hyphens and underscores.")
    given = dict(attributes or {})
    checks.check_topic(given)
    with transaction.atomic():
        found, created = Topic.objects.get_or_create(
            team=actor.team, region=actor.region, name=name, defaults={"attributes": given}
        )
        if created:
            audit.record(actor, "CreateTopic", found.arn)
            account_tags.add(actor, found.arn, tags)
    if any(found.attributes.get(name) != value for name, value in given.items()):
        raise invalid("Attributes", "Topic already exists with different attributes")
    kept = {tag.key: tag.value for tag in account_tags.of(actor, found.arn)} if tags else {}
    if kept != {tag["Key"]: tag.get("Value", "") for tag in tags}:
        raise invalid("Tags", "Topic already exists with different tags")
    return found


def set_topic_attribute(actor: Actor, *, arn: str, name: str, value: str) -> None:
    """Messages from now on go by it. An empty value takes it away."""
    actor.must(Role.OPERATOR)
    found = topic(actor, arn)
    checks.check_topic({name: value})
    with transaction.atomic():
        _set(found, name, value)
        audit.record(actor, "SetTopicAttributes", found.arn, name=name)


def delete_topic(actor: Actor, *, arn: str) -> None:
    """With its subscriptions. One that is not there is no error, as at SNS."""
    actor.must(Role.OPERATOR)
    try:
        found = topic(actor, arn)
    except NoSuchTopic:
        return
    with transaction.atomic():
        audit.record(actor, "DeleteTopic", found.arn)
        account_tags.forget(actor, found.arn)
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
    """Sends the confirmation; until it is followed, the subscription gets nothing else. Raises
    InvalidParameter where it is there with other attributes."""
    actor.must(Role.OPERATOR)
    found = topic(actor, topic_arn)
    _check_endpoint(protocol, endpoint)
    given = dict(attributes or {})
    checks.check_subscription(given)
    with transaction.atomic():
        made, created = Subscription.objects.get_or_create(
            topic=found, protocol=protocol, endpoint=endpoint, defaults={"attributes": given}
        )
        if not checks.agree(made.attributes, given):
            raise invalid("Attributes", "Subscription already exists with different attributes")
        if made.confirmed_at is None:
            delivery.ask_to_confirm(made)
        if created:
            audit.record(actor, "Subscribe", found.arn, endpoint=endpoint)
    return made


def confirm(*, topic_arn: str, token: str, keep: bool = False) -> Subscription:
    """Whoever has the token is the listener: it was sent to nobody else. `keep`: from now on the
    team alone ends the subscription, not the link in its messages."""
    found = Subscription.objects.select_related("topic__team").filter(token=token).first()
    if found is None or found.topic.arn != topic_arn:
        raise invalid("Token", "It belongs to no subscription of this topic.")
    if found.confirmed_at is None:
        with transaction.atomic():
            if keep:
                _set(found, _KEPT, "true")
            found.confirmed_at = timezone.now()
            found.save(update_fields=["confirmed_at"])
    return found


def set_subscription_attribute(actor: Actor, *, arn: str, name: str, value: str) -> None:
    """Messages from now on go by it. An empty value takes it away."""
    actor.must(Role.OPERATOR)
    found = subscription(actor, arn)
    checks.check_subscription({name: value})
    with transaction.atomic():
        _set(found, name, value)
        audit.record(actor, "SetSubscriptionAttributes", found.arn, name=name)


def unsubscribe_by_link(arn: str) -> None:
    """As a listener does by the address in each message: the ARN was told to nobody else but the
    team. Raises NoSuchTopic, or NotAllowed where the team keeps the subscription."""
    pk = _uuid(arn)
    rows = Subscription.objects.select_related("topic__team")
    found = rows.filter(pk=pk).first() if pk else None
    if found is None or found.arn != arn or found.confirmed_at is None:
        raise NoSuchTopic("Subscription does not exist")
    if found.attributes.get(_KEPT):
        raise NotAllowed("This subscription is ended by a signed call of Unsubscribe only.")
    with transaction.atomic():
        actor = Actor.system(found.topic.team, found.topic.region)
        audit.record(actor, "Unsubscribe", found.arn)
        found.delete()


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
    checks.check_message(attributes or {})
    return delivery.publish(found, message, subject, structure, attributes or {})


def _check_endpoint(protocol: str, endpoint: str) -> None:
    if protocol not in {"http", "https"}:
        raise invalid("Protocol", "This console delivers over http and https.")
    if endpoint.partition("://")[0].lower() != protocol:
        raise invalid("Endpoint", "Must match the specified protocol")
    check_address(endpoint)


def _set(row: Row, name: str, value: str) -> None:
    """Call it in a transaction: what is there is read, changed and written back by one at a
    time. Raises NoSuchTopic when the row went meanwhile."""
    now = type(row)._default_manager.select_for_update(no_key=True).filter(pk=row.pk).first()
    if now is None:
        raise NoSuchTopic(f"{type(row).__name__} does not exist")
    kept = {known: told for known, told in now.attributes.items() if known != name}
    row.attributes = {**kept, name: value} if value else kept
    row.save(update_fields=["attributes"])


def _uuid(arn: str) -> UUID | None:
    try:
        return UUID(arn.rpartition(":")[2])
    except ValueError:
        return None
