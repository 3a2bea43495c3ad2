"""The query protocol's flat form (`Tags.member.1.Key=..`) as nested values, by shape."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

from botocore.model import ListShape, MapShape, Shape, StructureShape

from consoleapp.aws.faults import SerializationFailed

#: Digits of an item's number: a form has at most 10 000 fields.
_LONGEST: Final = 9
#: Steps of a name; no operation's input has as many.
_DEEPEST: Final = 40


def parse(body: bytes) -> dict[str, str]:
    """Raises SerializationFailed when the body is not a form."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=10_000)
    except (UnicodeDecodeError, ValueError):
        raise SerializationFailed("The request body is not a form.") from None
    return dict(pairs)


def nested(form: Mapping[str, str], shape: Shape) -> Any:
    """The values of a form as its shape says; an empty structure for an empty form."""
    found = _value(_tree(form), shape)
    return {} if found is None and isinstance(shape, StructureShape) else found


@dataclass(slots=True)
class _Node:
    """What stands at one point of the names: `Tags.member.1`."""

    text: str | None = None
    inner: "dict[str, _Node]" = field(default_factory=dict)


def _tree(form: Mapping[str, str]) -> _Node:
    # Made once: whoever looks through all names for each list takes the square of their number.
    root = _Node()
    for name, text in form.items():
        node = root
        for step in name.split(".", _DEEPEST):
            node = node.inner.setdefault(step, _Node())
        node.text = text
    return root


def _value(node: _Node | None, shape: Shape) -> Any:
    """None where the form has nothing there."""
    if node is None:
        return None
    if isinstance(shape, StructureShape):
        return _structure(node, shape)
    if isinstance(shape, ListShape):
        return _list(node, shape)
    if isinstance(shape, MapShape):
        return _map(node, shape)
    return _scalar(node.text, shape)


def _structure(node: _Node, shape: StructureShape) -> dict[str, Any] | None:
    found = {}
    for name, member in shape.members.items():
        value = _value(node.inner.get(member.serialization.get("name", name)), member)
        if value is not None:
            found[name] = value
    return found or None


def _list(node: _Node, shape: ListShape) -> list[Any] | None:
    flat = shape.serialization.get("flattened")
    items = _numbered(node if flat else node.inner.get(_member_name(shape)))
    if items:
        return [_value(item, shape.member) for item in items]
    # `Name=` alone is how the protocol writes an empty list.
    return [] if node.text == "" else None


def _map(node: _Node, shape: MapShape) -> dict[str, Any] | None:
    flat = shape.serialization.get("flattened")
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    found = {}
    for entry in _numbered(node if flat else node.inner.get("entry")):
        key = entry.inner.get(key_name, _Node()).text or ""
        found[key] = _value(entry.inner.get(value_name), shape.value)
    return found or None


def _member_name(shape: ListShape) -> str:
    return str(shape.member.serialization.get("name", "member"))


def _numbered(node: _Node | None) -> list[_Node]:
    """In the order of their numbers."""
    inner = node.inner if node is not None else {}
    # Python refuses to read a number of thousands of digits.
    heads = [head for head in inner if head.isdecimal() and len(head) <= _LONGEST]
    return [inner[head] for head in sorted(heads, key=int)]


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
