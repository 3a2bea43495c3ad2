"""Attributes of topics, subscriptions and messages: what is taken and what is not."""

from typing import Any

import pytest

from consoleapp.notifications import attributes
from consoleapp.notifications.errors import InvalidParameter


@pytest.mark.parametrize(
    "given",
    [
        {"DisplayName": "x" * 101},
        {"SignatureVersion": "3"},
        {"SignatureVersion": ""},
        {"Policy": "no json"},
        {"DeliveryPolicy": "[]"},
        {"Colour": "red"},
    ],
)
def test_a_topic_cannot_be_so(given: dict[str, str]) -> None:
    with pytest.raises(InvalidParameter):
        attributes.check_topic(given)


@pytest.mark.parametrize(
    "given",
    [
        {"RawMessageDelivery": "perhaps"},
        {"RawMessageDelivery": ""},
        {"FilterPolicy": "no json"},
        {"FilterPolicyScope": "MessageBody"},
        {"RedrivePolicy": "{}"},
    ],
)
def test_a_subscription_cannot_be_so(given: dict[str, str]) -> None:
    with pytest.raises(InvalidParameter):
        attributes.check_subscription(given)


def test_what_is_documented_is_taken() -> None:
    policy = '{"http": {"defaultHealthyRetryPolicy": {"numRetries": 5}}}'
    attributes.check_topic(
        {"DisplayName": "", "SignatureVersion": "2", "Policy": "{}", "DeliveryPolicy": policy}
    )
    attributes.check_subscription(
        {
            "RawMessageDelivery": "True",
            "FilterPolicy": "{}",
            "FilterPolicyScope": "MessageAttributes",
        }
    )
    attributes.check_subscription({"FilterPolicy": ""})
    attributes.check_message(
        {
            "a": {"DataType": "String.Array", "StringValue": "[]"},
            "b": {"DataType": "Number.float", "StringValue": "1e3"},
            "c": {"DataType": "Binary", "BinaryValue": b"x"},
        }
    )


@pytest.mark.parametrize(
    ("attribute", "told"),
    [
        ({"DataType": "Text", "StringValue": "x"}, "invalid message attribute type"),
        ({"DataType": "String"}, "non-empty"),
        ({"DataType": "String", "StringValue": ""}, "non-empty"),
        ({"DataType": "Binary", "StringValue": "x"}, "non-empty"),
        ({"DataType": "Number", "StringValue": "many"}, "Could not cast"),
    ],
)
def test_a_message_s_attribute_holds_what_its_type_says(
    attribute: dict[str, Any], told: str
) -> None:
    with pytest.raises(attributes.BadValue, match=told):
        attributes.check_message({"a": attribute})


def test_a_message_s_attribute_has_a_plain_name() -> None:
    with pytest.raises(attributes.BadValue, match="name"):
        attributes.check_message({"a b": {"DataType": "String", "StringValue": "x"}})
