"""What topics, subscriptions and messages may say of themselves: checked, in SNS's words."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from consoleapp.accounts.errors import ValidationFailed
from consoleapp.notifications import filters, signing
from consoleapp.notifications.errors import invalid

TOPIC: Final = ("DisplayName", "DeliveryPolicy", "Policy", "SignatureVersion")
SUBSCRIPTION: Final = ("RawMessageDelivery", "FilterPolicy", "FilterPolicyScope")
_LONGEST_DISPLAY_NAME: Final = 100
_BY_ATTRIBUTES: Final = "MessageAttributes"
#: What holds where nothing is said, in lower case.
_UNTOLD: Final = {"RawMessageDelivery": "false", "FilterPolicyScope": _BY_ATTRIBUTES.lower()}
_LONGEST_POLICY: Final = 256 * 1024
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,256}")
_TYPE: Final = re.compile(r"(String\.Array|String|Number|Binary)(\.[A-Za-z0-9_.-]+)?")


class BadValue(ValidationFailed):
    """A message attribute does not hold what its type says."""

    code = "ParameterValueInvalid"


def check_topic(given: Mapping[str, str]) -> None:
    """Raises InvalidParameter."""
    _known(given, TOPIC)
    if len(given.get("DisplayName", "")) > _LONGEST_DISPLAY_NAME:
        raise invalid("DisplayName", "Must be less than or equal to 100 characters long")
    if given.get("SignatureVersion", "1") not in signing.VERSIONS:
        raise invalid("SignatureVersion", f"Must be one of {', '.join(signing.VERSIONS)}")
    for name in ("DeliveryPolicy", "Policy"):
        if given.get(name):
            _check_json(name, given[name])


def check_subscription(given: Mapping[str, str]) -> None:
    """Raises InvalidParameter."""
    _known(given, SUBSCRIPTION)
    raw = given.get("RawMessageDelivery", "false")
    if raw.lower() not in ("true", "false"):
        raise invalid("RawMessageDelivery", f"Invalid value [{raw}]. Must be true or false.")
    if given.get("FilterPolicyScope", _BY_ATTRIBUTES) != _BY_ATTRIBUTES:
        raise invalid("FilterPolicyScope", f"This console filters by {_BY_ATTRIBUTES} only.")
    if given.get("FilterPolicy"):
        if len(given["FilterPolicy"]) > _LONGEST_POLICY:
            raise invalid("FilterPolicy", "Filter policy is too large")
        try:
            filters.parse(given["FilterPolicy"])
        except filters.BadPolicy as problem:
            raise invalid("FilterPolicy", str(problem)) from None


def agree(kept: Mapping[str, str], given: Mapping[str, str]) -> bool:
    """Whether a subscription has the attributes that are given, however they are spelt."""
    return all(_read(name, value) == _read(name, kept.get(name)) for name, value in given.items())


def _read(name: str, value: str | None) -> Any:
    if name == "FilterPolicy":
        return filters.parse(value) if value else None
    return (_UNTOLD.get(name) if value is None else value.lower()) or ""


def check_message(attributes: Mapping[str, Mapping[str, Any]]) -> None:
    """Raises BadValue."""
    for name, each in attributes.items():
        kind = str(each.get("DataType", ""))
        if not _NAME.fullmatch(name):
            raise BadValue(f"Invalid message attribute name '{name}'.")
        if not _TYPE.fullmatch(kind):
            raise BadValue(
                f"The message attribute '{name}' has an invalid message attribute type, the set of"
                " supported type prefixes is Binary, Number, and String."
            )
        member = "BinaryValue" if kind.startswith("Binary") else "StringValue"
        if not each.get(member):
            raise BadValue(
                f"The message attribute '{name}' must contain non-empty message attribute value"
                f" for message attribute type '{kind}'."
            )
        if kind.startswith("Number"):
            _check_number(name, each["StringValue"])


def _check_number(name: str, text: str) -> None:
    try:
        float(text)
    except ValueError:
        raise BadValue(f"Could not cast message attribute '{name}' value to number.") from None


def _check_json(name: str, text: str) -> None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise invalid(name, "Failed to parse JSON.")


def _known(given: Mapping[str, str], known: tuple[str, ...]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise invalid("AttributeName", f"This console does not know {', '.join(unknown)}.")
