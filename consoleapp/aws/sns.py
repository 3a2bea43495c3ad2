"""SNS's operations, on the notifications app."""

from typing import Any

from consoleapp.accounts import tags
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound, ValidationFailed
from consoleapp.aws.paging import page
from consoleapp.notifications import batch, services
from consoleapp.notifications.errors import NoSuchTopic, invalid
from consoleapp.notifications.models import Subscription, Topic

_PAGE = 100
_PENDING = "PendingConfirmation"


def create_topic(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    topic = services.create_topic(
        actor,
        name=params["Name"],
        attributes=params.get("Attributes", {}),
        tags=params.get("Tags", ()),
    )
    return {"TopicArn": topic.arn}


def list_topics(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    wanted = {**params, "MaxResults": _PAGE}
    return page(services.topics(actor), wanted, "Topics", lambda topic: {"TopicArn": topic.arn})


def get_topic_attributes(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    topic = services.topic(actor, params["TopicArn"])
    rows = topic.subscriptions.all()
    confirmed = rows.filter(confirmed_at__isnull=False).count()
    return {"Attributes": {**_heading(topic), **_counts(confirmed, rows.count() - confirmed)}}


def set_topic_attributes(actor: Actor, params: dict[str, Any]) -> None:
    services.set_topic_attribute(
        actor,
        arn=params["TopicArn"],
        name=params["AttributeName"],
        value=params.get("AttributeValue", ""),
    )


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
    keep = params.get("AuthenticateOnUnsubscribe", "").lower() == "true"
    found = services.confirm(topic_arn=params["TopicArn"], token=params["Token"], keep=keep)
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


def publish_batch(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    """Each entry by itself: what is wrong with one stops no other."""
    entries = params["PublishBatchRequestEntries"]
    batch.check(entries)
    services.topic(actor, params["TopicArn"])
    answer: dict[str, Any] = {"Successful": [], "Failed": []}
    for entry in entries:
        try:
            told = publish(actor, {**entry, "TopicArn": params["TopicArn"]})
        except ValidationFailed as refused:
            failed = {"Code": refused.code, "Message": refused.message, "SenderFault": True}
            answer["Failed"].append({"Id": entry["Id"], **failed})
        else:
            answer["Successful"].append({"Id": entry["Id"], **told})
    return answer


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
    filtered = {}
    if found.filter_policy:
        scope = found.attributes.get("FilterPolicyScope", "MessageAttributes")
        filtered = {"FilterPolicy": found.filter_policy, "FilterPolicyScope": str(scope)}
    return {
        "Attributes": {
            **told,
            "PendingConfirmation": pending,
            "RawMessageDelivery": raw,
            **filtered,
        }
    }


def set_subscription_attributes(actor: Actor, params: dict[str, Any]) -> None:
    services.set_subscription_attribute(
        actor,
        arn=params["SubscriptionArn"],
        name=params["AttributeName"],
        value=params.get("AttributeValue", ""),
    )


def tag_resource(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    tags.add(actor, _topic_arn(actor, params), params["Tags"])
    return {}


def untag_resource(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    tags.remove(actor, _topic_arn(actor, params), params["TagKeys"])
    return {}


def list_tags_for_resource(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    found = tags.of(actor, _topic_arn(actor, params))
    return {"Tags": [{"Key": tag.key, "Value": tag.value} for tag in found]}


def _topic_arn(actor: Actor, params: dict[str, Any]) -> str:
    try:
        return services.topic(actor, params["ResourceArn"]).arn
    except NoSuchTopic:
        raise NotFound("Resource does not exist") from None


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
