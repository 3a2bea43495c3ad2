"""Inputs that a service model forbids, or has no words for, made from the model itself: one thing
is wrong in each."""

import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from consoleapp.aws.constraints import _compiled

#: Tried in turn where a value must fit a pattern.
_LIKELY = (
    *("a", "aaaaaaaa", "1", "12", "123456789012", "s3://bucket/key", "text/csv", "ml.c5.large"),
    "arn:aws:iam::123456789012:role/service",
    "arn:aws:sagemaker:us-east-1:123456789012:model-package/group/1",
    "arn:aws:sagemaker:us-east-1:123456789012:model/m",
    "arn:aws:kms:us-east-1:123456789012:key/k",
    "arn:aws:sns:us-east-1:123456789012:t",
    *("AWS/SageMaker", "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1", "sg-12345678"),
)
_UNLIKELY = ("", " ", "!", "a b", "-", "--", "\x00", "é", "a/b:c", "//", "x" * 70)
_WRONG: dict[str, tuple[Any, ...]] = {
    "structure": ([], "x", 3, True),
    "list": ({}, "x", 3, True),
    "map": ([], "x", 3, True),
    "string": (3, [], {}, True, 1.5),
    "integer": ("x", [], {}, True, 1.5),
    "long": ("x", [], {}, True, 1.5),
    "float": ("x", [], {}, True),
    "double": ("x", [], {}, True),
    "boolean": ("x", [], {}, 3),
    "timestamp": ("yesterday", [], {}, True, 1e300),
    "blob": (3, [], {}, "not base 64!"),
}
#: Of the right type, and yet nothing that a database or a clock can take.
_EXTREME: dict[str, tuple[Any, ...]] = {
    "string": ("\ud800", "a\x00b", "\U0010ffff", "%00", "x" * 100_000, "9" * 5_000),
    "integer": (10**30, -(10**30), 2**63, 2**31),
    "long": (10**30, -(10**30), 2**63, 2**31),
    "float": (1e308, -1e308, 5e-324, 10**400),
    "double": (1e308, -1e308, 5e-324, 10**400),
    "timestamp": (1e18, -1e18, 253402300800, -62135596801, -62135596800),
}
_DEEPEST = 5


@dataclass(frozen=True, slots=True)
class Forbidden:
    """`what` is wrong at `path` of this input."""

    what: str
    path: tuple[Any, ...]
    params: dict[str, Any]


def forbidden(shape: Any, *, typed: bool = True) -> list[Forbidden]:
    """`typed`: the protocol can write a value of a wrong type. In a form all values are texts."""
    return _each(shape, _faults(shape, (), 0, lambda inner: _own(inner, typed)))


def extreme(shape: Any) -> list[Forbidden]:
    """Each scalar in turn as no caller means it, though the model may not say so."""
    faults = _faults(
        shape, (), 0, lambda inner: (("extreme", v) for v in _EXTREME.get(inner.type_name, ()))
    )
    return [each for each in _each(shape, faults) if each.what == "extreme"]


def _each(shape: Any, faults: Iterator[tuple[str, tuple[Any, ...], Any]]) -> list[Forbidden]:
    base, found = plausible(shape), []
    for what, path, value in faults:
        params = copy.deepcopy(base)
        if _put(params, path, value, shape):
            found.append(Forbidden(what, path, params))
    return found


def plausible(shape: Any) -> Any:
    """A value with nothing wrong in it, as far as the model tells; the least that is required."""
    kind, limits = shape.type_name, shape.metadata
    if kind == "structure":
        return {name: plausible(shape.members[name]) for name in shape.required_members}
    if kind == "list":
        return [plausible(shape.member) for _ in range(max(1, limits.get("min", 1)))]
    if kind == "map":
        return {plausible(shape.key): plausible(shape.value)}
    if kind in {"integer", "long", "float", "double"}:
        return max(1, limits.get("min", 1))
    return {"boolean": True, "timestamp": 1.7e9, "blob": "eA=="}.get(kind) or _text(shape)


def _text(shape: Any) -> str:
    if shape.enum:
        return str(shape.enum[0])
    fitting = [each for each in _LIKELY if not _breaks(shape, each)]
    return fitting[0] if fitting else "a" * max(1, shape.metadata.get("min", 1))


def _breaks(shape: Any, text: str) -> bool:
    limits = shape.metadata
    pattern = limits.get("pattern")
    if not limits.get("min", 0) <= len(text) <= limits.get("max", 10**6):
        return True
    return bool(pattern) and not _compiled(pattern).fullmatch(text)


_REMOVED = object()


def _faults(
    shape: Any,
    path: tuple[Any, ...],
    depth: int,
    own: Callable[[Any], Iterable[tuple[str, Any]]],
) -> Iterator[tuple[str, tuple[Any, ...], Any]]:
    if path:
        yield from ((what, path, value) for what, value in own(shape))
    if depth >= _DEEPEST:
        return
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if name in shape.required_members:
                yield "missing", (*path, name), _REMOVED
            yield from _faults(member, (*path, name), depth + 1, own)
    elif shape.type_name == "list":
        yield from _faults(shape.member, (*path, 0), depth + 1, own)


def _own(shape: Any, typed: bool) -> Iterator[tuple[str, Any]]:
    kind, limits = shape.type_name, shape.metadata
    if typed:
        yield from (("type", value) for value in _WRONG[kind])
    if kind == "string":
        yield from _texts(shape)
    elif kind in {"integer", "long", "float", "double"}:
        if "min" in limits:
            yield "below", limits["min"] - 1
        if "max" in limits:
            yield "above", limits["max"] + 1
    elif kind == "list" and limits.get("min", 0) > 0:
        yield "short", []
    if kind == "list" and limits.get("max", 10**6) < 200:
        yield "long", [plausible(shape.member)] * (limits["max"] + 1)


def _texts(shape: Any) -> Iterator[tuple[str, Any]]:
    limits = shape.metadata
    if shape.enum:
        yield "enum", "NoSuchValue"
    if "max" in limits and limits["max"] < 10_000:
        yield "length", "a" * (limits["max"] + 1)
    if limits.get("pattern"):
        wrong = [each for each in _UNLIKELY if _breaks(shape, each)]
        yield from (("pattern", each) for each in wrong)


def _put(value: Any, path: tuple[Any, ...], new: Any, shape: Any) -> bool:
    """Makes the way there with plausible values; False where there is nothing to remove."""
    for step, following in zip(path, (*path[1:], None), strict=True):
        if shape.type_name == "list":
            if not value:
                value.append(plausible(shape.member))
            inner = shape.member
        else:
            inner = shape.members[step]
            if following is not None and step not in value:
                value[step] = plausible(inner)
        if following is None:
            if new is _REMOVED:
                return value.pop(step, _REMOVED) is not _REMOVED
            value[step] = new
            return True
        value, shape = value[step], inner
    return False
