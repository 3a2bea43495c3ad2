"""Checks a request against its shape's constraints, in AWS's words.

The wording is what SDK users grep for: "1 validation error detected: Value '..' at '..' failed to
satisfy constraint: Member must ...".
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import regex
from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from consoleapp.accounts.errors import ValidationFailed

_SURROGATES: Final = r"\uD800\uDC00-\uDBFF\uDFFF"


def check(params: dict[str, Any], shape: Shape | None) -> None:
    """Raises ValidationFailed with every violation, first the outermost."""
    found = list(_violations(params, shape, "")) if shape is not None else []
    if found:
        noun = "error" if len(found) == 1 else "errors"
        raise ValidationFailed(f"{len(found)} validation {noun} detected: {'; '.join(found)}")


def _violations(value: Any, shape: Shape, path: str) -> Iterator[str]:
    yield from _own(value, shape, path)
    if isinstance(shape, StructureShape):
        yield from _members(value, shape, path)
    elif isinstance(shape, ListShape):
        for number, each in enumerate(value, 1):
            yield from _violations(each, shape.member, f"{path}.{number}.member")
    elif isinstance(shape, MapShape):
        for key, each in value.items():
            yield from _violations(key, shape.key, f"{path}.key")
            yield from _violations(each, shape.value, f"{path}.{key}.member")


def _members(value: dict[str, Any], shape: StructureShape, path: str) -> Iterator[str]:
    for name, member in shape.members.items():
        inner = f"{path}.{_camel(name)}" if path else _camel(name)
        if name in value:
            yield from _violations(value[name], member, inner)
        elif name in shape.required_members:
            yield f"Value null at '{inner}' failed to satisfy constraint: Member must not be null"


def _own(value: Any, shape: Shape, path: str) -> Iterator[str]:
    for rule in _broken(value, shape):
        at = f"Value '{_shown(value)}' at '{path}'"
        yield f"{at} failed to satisfy constraint: Member must {rule}"


def _broken(value: Any, shape: Shape) -> Iterator[str]:
    limits = shape.metadata
    size = _size(value)
    word = "have length" if isinstance(value, str | list | dict | bytes) else "have value"
    if "min" in limits and size is not None and size < limits["min"]:
        yield f"{word} greater than or equal to {limits['min']}"
    if "max" in limits and size is not None and size > limits["max"]:
        yield f"{word} less than or equal to {limits['max']}"
    if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        yield f"satisfy enum value set: [{', '.join(shape.enum)}]"
    pattern = limits.get("pattern")
    if pattern and isinstance(value, str) and not _compiled(pattern).fullmatch(value):
        yield f"satisfy regular expression pattern: {pattern}"


def _size(value: Any) -> float | None:
    if isinstance(value, str | list | dict | bytes):
        return len(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return None


@lru_cache(maxsize=2048)
def _compiled(pattern: str) -> "regex.Pattern[str]":
    # AWS's patterns are Java's: they use \p{L}, which `regex` knows and `re` does not, and write
    # what lies beyond 16 bits as a pair of surrogates.
    return regex.compile(pattern.replace(_SURROGATES, r"\U00010000-\U0010FFFF"))


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= 256 else f"{text[:256]}..."
