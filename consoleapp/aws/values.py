"""From what came over the wire to Python values, by shape. Raises SerializationFailed."""

import sys
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

from consoleapp.accounts.storable import DEEPEST, UNSTORABLE
from consoleapp.aws.faults import SerializationFailed

#: Values that AWS's own samples send though the model spells them otherwise.
_SPELLINGS: Final = {"RecommendationJobType": {"ADVANCED": "Advanced", "DEFAULT": "Default"}}


def read(value: Any, shape: Shape, depth: int = 0) -> Any:
    """A JSON, CBOR or query value as its shape says. Unknown members are ignored, as at AWS."""
    if depth > DEEPEST:
        raise SerializationFailed("The request is nested too deeply.")
    if isinstance(shape, StructureShape):
        return _structure(value, shape, depth)
    if isinstance(shape, ListShape):
        if not isinstance(value, list):
            raise _unreadable(value, "List")
        return [read(each, shape.member, depth + 1) for each in value]
    if isinstance(shape, MapShape):
        if not isinstance(value, Mapping):
            raise _unreadable(value, "Map")
        return {_string(key): read(each, shape.value, depth + 1) for key, each in value.items()}
    told = _SCALARS[shape.type_name](value)
    return _SPELLINGS.get(shape.name, {}).get(told, told) if isinstance(told, str) else told


def _structure(value: Any, shape: StructureShape, depth: int) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _unreadable(value, "Structure")
    return {
        name: read(value[name], member, depth + 1)
        for name, member in shape.members.items()
        if value.get(name) is not None
    }


def _string(value: Any) -> str:
    if not isinstance(value, str) or UNSTORABLE.search(value):
        raise _unreadable(value, "String")
    return value


def _integer(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, float) or not value.is_integer():
        raise _unreadable(value, "Integer")
    return int(value)


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _unreadable(value, "Float")
    # JSON can spell a number beyond a double, and CBOR even NaN: no operation has a use for them.
    if not -sys.float_info.max <= value <= sys.float_info.max:
        raise _unreadable(value, "Float")
    return float(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _unreadable(value, "Boolean")
    return value


def _timestamp(value: Any) -> datetime:
    try:
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        found = datetime.fromisoformat(value)
    except (ValueError, TypeError, OverflowError, OSError):
        raise _unreadable(value, "Timestamp") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _blob(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        return b64decode(value, validate=True)
    except (Base64Error, TypeError, ValueError):
        raise _unreadable(value, "Blob") from None


_SCALARS: Final[dict[str, Callable[[Any], Any]]] = {
    "string": _string,
    "character": _string,
    "integer": _integer,
    "long": _integer,
    "float": _float,
    "double": _float,
    "boolean": _boolean,
    "timestamp": _timestamp,
    "blob": _blob,
}


def _unreadable(value: Any, wanted: str) -> SerializationFailed:
    return SerializationFailed(f"{_kind(value)} cannot be converted to {wanted}")


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE_VALUE" if value else "FALSE_VALUE"
    if isinstance(value, int | float):
        return "NUMBER_VALUE"
    if isinstance(value, str):
        return "STRING_VALUE"
    if isinstance(value, list):
        return "LIST_VALUE"
    return "STRUCT_VALUE" if isinstance(value, Mapping) else "UNKNOWN_VALUE"
