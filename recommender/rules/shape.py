"""Checks a request against botocore's model of CreateInferenceRecommendationsJob.

The same bounds, patterns and enums as AWS's, in AWS's words; limits that are quotas are elsewhere.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import botocore.session

from recommender.errors import FieldError

_OPERATION: Final = "CreateInferenceRecommendationsJob"
#: Longer lists of allowed values are not repeated in a message.
_ENUM_SHOWN: Final = 12
#: Of AWS's numbers, where the model names no bound of its own; Python's have none.
_LARGEST: Final = {"integer": 2**31 - 1, "long": 2**63 - 1}
_PYTHON_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "boolean": (bool,),
    "structure": (dict,),
    "list": (list, tuple),
    "map": (dict,),
}


class Missing(FieldError):
    """A required member is not there."""


def problems(request: Mapping[str, Any]) -> list[FieldError]:
    """Every member that breaks the shape: unknown, missing, of a wrong type or out of bounds."""
    return list(_structure(_input_shape(), dict(request), ""))


def problems_of_given(request: Mapping[str, Any]) -> list[FieldError]:
    """The same for a request that need not be complete yet: what is missing is no problem."""
    return [error for error in problems(request) if not isinstance(error, Missing)]


@lru_cache(maxsize=1)
def _input_shape() -> Any:
    service = botocore.session.get_session().get_service_model("sagemaker")
    return service.operation_model(_OPERATION).input_shape


def _check(shape: Any, value: Any, field: str) -> Iterator[FieldError]:
    expected = _PYTHON_TYPES.get(shape.type_name, (object,))
    wrong_bool = type(value) is bool and shape.type_name != "boolean"
    if wrong_bool or not issubclass(type(value), expected):
        yield FieldError(field, f"{field} must be of type {shape.type_name}.")
    elif shape.type_name == "structure":
        yield from _structure(shape, value, field)
    elif shape.type_name == "list":
        yield from _list(shape, value, field)
    else:
        yield from _scalar(shape, value, field)


def _structure(shape: Any, value: Mapping[str, Any], field: str) -> Iterator[FieldError]:
    prefix = f"{field}." if field else ""
    for name in shape.required_members:
        if value.get(name) in (None, "", []):
            yield Missing(f"{prefix}{name}", f"{prefix}{name} is required.")
    for name, member in value.items():
        if name not in shape.members:
            yield FieldError(f"{prefix}{name}", f"{prefix}{name} is not a known parameter.")
        elif member is not None and not (name in shape.required_members and member in ("", [])):
            yield from _check(shape.members[name], member, f"{prefix}{name}")


def _list(shape: Any, value: list[Any], field: str) -> Iterator[FieldError]:
    yield from _bounds(shape, len(value), value, field, "length")
    for index, item in enumerate(value):
        yield from _check(shape.member, item, f"{field}.{index}")


def _scalar(shape: Any, value: Any, field: str) -> Iterator[FieldError]:
    if isinstance(value, str):
        yield from _text(shape, value, field)
    else:
        yield from _bounds(shape, value, value, field, "value")


def _text(shape: Any, value: str, field: str) -> Iterator[FieldError]:
    too_long = list(_bounds(shape, len(value), value, field, "length"))
    yield from too_long
    pattern = shape.metadata.get("pattern")
    # \p{L} is not in Python's dialect; a pattern is tried only on text of bounded length.
    usable = pattern and "\\p" not in pattern and not too_long
    if usable and not re.fullmatch(pattern, value):
        yield _failed(value, field, f"satisfy regular expression pattern: {pattern}")
    if shape.enum and value not in shape.enum:
        allowed = f": [{', '.join(shape.enum)}]" if len(shape.enum) <= _ENUM_SHOWN else ""
        yield _failed(value, field, f"satisfy enum value set{allowed}")


def _bounds(shape: Any, size: float, value: Any, field: str, what: str) -> Iterator[FieldError]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    most = _LARGEST.get(shape.type_name) if most is None else most
    if least is not None and size < least:
        yield _failed(value, field, f"have {what} greater than or equal to {least}")
    if most is not None and size > most:
        yield _failed(value, field, f"have {what} less than or equal to {most}")


def _failed(value: Any, field: str, constraint: str) -> FieldError:
    shown = str(value) if len(str(value)) <= 128 else f"{str(value)[:128]}..."
    return FieldError(
        field,
        f"Value '{shown}' at '{_camel(field)}' failed to satisfy constraint:"
        f" Member must {constraint}",
    )


def _camel(field: str) -> str:
    """AWS's way of naming a member in a message: inputConfig.phases.1.member.spawnRate."""
    return ".".join(
        f"{int(part) + 1}.member" if part.isdigit() else part[:1].lower() + part[1:]
        for part in field.split(".")
    )
