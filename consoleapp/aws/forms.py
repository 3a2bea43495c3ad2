"""The query protocol's flat form (`Tags.member.1.Key=..`) as nested values, by shape."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from botocore.model import ListShape, MapShape, Shape, StructureShape

from consoleapp.aws.faults import SerializationFailed

#: Digits of an item's number: a form has at most 10 000 fields.
_LONGEST: Final = 9


def parse(body: bytes) -> dict[str, str]:
    """Raises SerializationFailed when the body is not a form."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=10_000)
    except (UnicodeDecodeError, ValueError):
        raise SerializationFailed("The request body is not a form.") from None
    return dict(pairs)


def nested(form: Mapping[str, str], shape: Shape, prefix: str = "") -> Any:
    """The value below `prefix`, or None where the form has nothing there."""
    if isinstance(shape, StructureShape):
        return _structure(form, shape, prefix)
    if isinstance(shape, ListShape):
        return _list(form, shape, prefix)
    if isinstance(shape, MapShape):
        return _map(form, shape, prefix)
    return _scalar(form.get(prefix), shape)


def _structure(form: Mapping[str, str], shape: StructureShape, prefix: str) -> Any:
    found = {}
    for name, member in shape.members.items():
        key = member.serialization.get("name", name)
        value = nested(form, member, f"{prefix}.{key}" if prefix else key)
        if value is not None:
            found[name] = value
    return found if found or not prefix else None


def _list(form: Mapping[str, str], shape: ListShape, prefix: str) -> list[Any] | None:
    word = "" if shape.serialization.get("flattened") else f".{_member_name(shape)}"
    start = f"{prefix}{word}."
    found = [nested(form, shape.member, f"{start}{number}") for number in _numbers(form, start)]
    if found:
        return found
    # `Name=` alone is how the protocol writes an empty list.
    return [] if form.get(prefix) == "" else None


def _map(form: Mapping[str, str], shape: MapShape, prefix: str) -> dict[str, Any] | None:
    word = "" if shape.serialization.get("flattened") else ".entry"
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    found = {}
    for number in _numbers(form, f"{prefix}{word}."):
        entry = f"{prefix}{word}.{number}"
        key = form.get(f"{entry}.{key_name}", "")
        found[key] = nested(form, shape.value, f"{entry}.{value_name}")
    return found or None


def _member_name(shape: ListShape) -> str:
    return str(shape.member.serialization.get("name", "member"))


def _numbers(form: Mapping[str, str], start: str) -> list[int]:
    heads = {key[len(start) :].split(".", 1)[0] for key in form if key.startswith(start)}
    # Python refuses to read a number of thousands of digits.
    return sorted(int(head) for head in heads if head.isdecimal() and len(head) <= _LONGEST)


def _scalar(text: str | None, shape: Shape) -> Any:
    if text is None:
        return None
    kind = shape.type_name
    try:
        if kind in {"integer", "long"}:
            return int(text)
        if kind in {"float", "double"}:
            return float(text)
    except ValueError:
        raise SerializationFailed(f"'{text}' is not a number") from None
    if kind == "boolean":
        if text not in {"true", "false"}:
            raise SerializationFailed(f"'{text}' is not a boolean")
        return text == "true"
    return text
