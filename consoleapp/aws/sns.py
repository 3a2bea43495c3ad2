"""SNS's operations, on the notifications app."""

from typing import Any

from consoleapp.accounts import tags
from consoleapp.accounts.actor import Actor
from consoleapp.aws.paging import page
from consoleapp.notifications import services
from consoleapp.notifications.errors import invalid
from consoleapp.notifications.models import Subscription, Topic

_PAGE = 100
_PENDING = "PendingConfirmation"


def create_topic(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    topic = services.create_topic(
        actor, name=params["Name"], attributes=params.get("Attributes", {})
    )
    tags.add(actor, topic.arn, params.get("Tags", ()))
    return {"TopicArn": topic.arn}


def list_topics(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    wanted = {**params, "MaxResults": _PAGE}
    return page(services.topics(actor), wanted, "Topics", lambda topic: {"TopicArn": topic.arn})


def get_topic_attributes(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    topic = services.topic(actor, params["TopicArn"])
    rows = topic.subscriptions.all()
    confirmed = rows.filter(confirmed_at__isnull=False).count()
    return {"Attributes": {**_heading(topic), **_counts(confirmed, rows.count() - confirmed)}}


def delete_topic(actor: Actor, params: dict[str, Any]) -> None:
    services.delete_topic(actor, arn=params["TopicArn"])


def subscribe(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    made = services.subscribe(
        actor,
        topic_arn=params["TopicArn"],
        protocol=params["Protocol"],
        endpoint=params.get("Endpoint", ""),
        attributes=params.get("Attributes", {}),
    )
    if made.confirmed_at or params.get("ReturnSubscriptionArn"):
        return {"SubscriptionArn": made.arn}
    return {"SubscriptionArn": "pending confirmation"}


def confirm_subscription(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    services.topic(actor, params["TopicArn"])
    found = services.confirm(topic_arn=params["TopicArn"], token=params["Token"])
    return {"SubscriptionArn": found.arn}


def unsubscribe(actor: Actor, params: dict[str, Any]) -> None:
    services.unsubscribe(actor, arn=params["SubscriptionArn"])


def publish(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    arn = params.get("TopicArn") or params.get("TargetArn")
    if not arn:
        raise invalid("TopicArn", "This console publishes to topics: name one.")
    message_id = services.publish(
        actor,
        topic_arn=arn,
        message=params["Message"],
        subject=params.get("Subject", ""),
        structure=params.get("MessageStructure", ""),
        attributes=params.get("MessageAttributes", {}),
    )
    return {"MessageId": message_id}


def list_subscriptions(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    wanted = {**params, "MaxResults": _PAGE}
    return page(services.subscriptions(actor), wanted, "Subscriptions", _subscription)


def list_subscriptions_by_topic(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    topic = services.topic(actor, params["TopicArn"])
    wanted = {**params, "MaxResults": _PAGE}
    rows = services.subscriptions(actor).filter(topic=topic)
    return page(rows, wanted, "Subscriptions", _subscription)


def get_subscription_attributes(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    found = services.subscription(actor, params["SubscriptionArn"])
    told = {**_subscription(found), "SubscriptionArn": found.arn}
    pending = "false" if found.confirmed_at else "true"
    raw = "true" if found.raw else "false"
    return {"Attributes": {**told, "PendingConfirmation": pending, "RawMessageDelivery": raw}}


def _heading(topic: Topic) -> dict[str, str]:
    return {
        **{name: str(value) for name, value in topic.attributes.items()},
        "TopicArn": topic.arn,
        "Owner": topic.team.account_id,
        "DisplayName": str(topic.attributes.get("DisplayName", "")),
    }


def _counts(confirmed: int, pending: int) -> dict[str, str]:
    return {
        "SubscriptionsConfirmed": str(confirmed),
        "SubscriptionsPending": str(pending),
        "SubscriptionsDeleted": "0",
    }


def _subscription(row: Subscription) -> dict[str, str]:
    return {
        "SubscriptionArn": row.arn if row.confirmed_at else _PENDING,
        "Owner": row.topic.team.account_id,
        "Protocol": row.protocol,
        "Endpoint": row.endpoint,
        "TopicArn": row.topic.arn,
    }
