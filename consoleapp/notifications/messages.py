"""What is posted to a listener, in SNS's words, signed.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from consoleapp.notifications import signing

CONFIRMATION: Final = "SubscriptionConfirmation"
NOTIFICATION: Final = "Notification"


@dataclass(frozen=True, slots=True)
class Sender:
    """The topic that tells, and by which SignatureVersion. `url`: where listeners reach us."""

    topic_arn: str
    signature_version: str
    url: str


def confirmation(sender: Sender, *, token: str, message_id: str, at: datetime) -> str:
    query = urlencode({"TopicArn": sender.topic_arn, "Token": token})
    told = {
        "Type": CONFIRMATION,
        "MessageId": message_id,
        "Token": token,
        "TopicArn": sender.topic_arn,
        "Message": (
            f"You have chosen to subscribe to the topic {sender.topic_arn}.\n"
            "To confirm the subscription, visit the SubscribeURL included in this message."
        ),
        "SubscribeURL": f"{sender.url}/confirm?{query}",
        "Timestamp": _stamp(at),
    }
    return json.dumps(told | _signature(told, sender), indent=2)


def notification(
    sender: Sender,
    *,
    message: str,
    subject: str,
    attributes: Mapping[str, Mapping[str, Any]],
    message_id: str,
    at: datetime,
    arn: str,
) -> str:
    """`arn`: of the subscription that gets it."""
    told: dict[str, Any] = {
        "Type": NOTIFICATION,
        "MessageId": message_id,
        "TopicArn": sender.topic_arn,
        **({"Subject": subject} if subject else {}),
        "Message": message,
        "Timestamp": _stamp(at),
    }
    told |= _signature(told, sender)
    told["UnsubscribeURL"] = f"{sender.url}/unsubscribe?{urlencode({'SubscriptionArn': arn})}"
    if attributes:
        told["MessageAttributes"] = {
            name: {"Type": each["DataType"], "Value": _value(each)}
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

    Raises ValueError when it is no JSON object with a text under "default", and for a text that
    cannot be kept and sent: JSON can spell half a surrogate pair, and NUL.
    """
    try:
        told = json.loads(message)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(told, dict) or not isinstance(told.get("default"), str):
        raise ValueError("no default")
    chosen = told.get(protocol, told["default"])
    text = chosen if isinstance(chosen, str) else json.dumps(chosen)
    if b"\0" in text.encode():
        raise ValueError("NUL")
    return text


def _signature(told: Mapping[str, str], sender: Sender) -> dict[str, str]:
    return {
        "SignatureVersion": sender.signature_version,
        "Signature": signing.signature(told, sender.signature_version),
        "SigningCertURL": f"{sender.url}/{signing.certificate_name()}",
    }


def _value(attribute: Mapping[str, Any]) -> str:
    if "BinaryValue" in attribute:
        return b64encode(attribute["BinaryValue"]).decode()
    return str(attribute.get("StringValue", ""))


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
