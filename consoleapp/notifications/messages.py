"""What is posted to a listener, in SNS's words. Pure.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

CONFIRMATION: Final = "SubscriptionConfirmation"
NOTIFICATION: Final = "Notification"


def confirmation(*, topic_arn: str, token: str, url: str, message_id: str, at: datetime) -> str:
    return json.dumps(
        {
            "Type": CONFIRMATION,
            "MessageId": message_id,
            "Token": token,
            "TopicArn": topic_arn,
            "Message": (
                f"You have chosen to subscribe to the topic {topic_arn}.\n"
                "To confirm the subscription, visit the SubscribeURL included in this message."
            ),
            "SubscribeURL": f"{url}?{urlencode({'TopicArn': topic_arn, 'Token': token})}",
            "Timestamp": _stamp(at),
        },
        indent=2,
    )


def notification(
    *,
    topic_arn: str,
    message: str,
    subject: str,
    attributes: Mapping[str, Mapping[str, Any]],
    message_id: str,
    at: datetime,
) -> str:
    told: dict[str, Any] = {
        "Type": NOTIFICATION,
        "MessageId": message_id,
        "TopicArn": topic_arn,
        **({"Subject": subject} if subject else {}),
        "Message": message,
        "Timestamp": _stamp(at),
    }
    if attributes:
        told["MessageAttributes"] = {
            name: {"Type": each.get("DataType", "String"), "Value": each.get("StringValue", "")}
            for name, each in attributes.items()
        }
    return json.dumps(told, indent=2)


def headers(*, kind: str, message_id: str, topic_arn: str, arn: str, raw: bool) -> dict[str, str]:
    told = {
        "Content-Type": "text/plain; charset=UTF-8",
        "User-Agent": "Amazon Simple Notification Service Agent",
        "x-amz-sns-message-type": kind,
        "x-amz-sns-message-id": message_id,
        "x-amz-sns-topic-arn": topic_arn,
    }
    if kind == NOTIFICATION:
        told["x-amz-sns-subscription-arn"] = arn
    if raw:
        told["x-amz-sns-rawdelivery"] = "true"
    return told


def for_protocol(message: str, protocol: str) -> str:
    """Of a message with MessageStructure "json": what is meant for this protocol.

    Raises ValueError when it is no JSON object with a text under "default".
    """
    told = json.loads(message)
    if not isinstance(told, dict) or not isinstance(told.get("default"), str):
        raise ValueError("no default")
    chosen = told.get(protocol, told["default"])
    return chosen if isinstance(chosen, str) else json.dumps(chosen)


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
