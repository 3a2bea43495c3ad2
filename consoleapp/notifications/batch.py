"""What PublishBatch asks of its entries as a whole."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from consoleapp.accounts.errors import ValidationFailed

_MOST: Final = 10
_MOST_BYTES: Final = 256 * 1024
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")


class EmptyBatch(ValidationFailed):
    code = "EmptyBatchRequest"


class TooMany(ValidationFailed):
    code = "TooManyEntriesInBatchRequest"


class NotDistinct(ValidationFailed):
    code = "BatchEntryIdsNotDistinct"


class BadId(ValidationFailed):
    code = "InvalidBatchEntryId"


class TooLong(ValidationFailed):
    code = "BatchRequestTooLong"


def check(entries: Sequence[Mapping[str, Any]]) -> None:
    """Raises SNS's error for a batch none of which is published."""
    if not entries:
        raise EmptyBatch("The batch request doesn't contain any entries.")
    if len(entries) > _MOST:
        raise TooMany("The batch request contains more entries than permissible (more than 10).")
    names = [str(entry["Id"]) for entry in entries]
    if not all(_ID.fullmatch(name) for name in names):
        raise BadId(
            "The Id of a batch entry in a batch request doesn't abide by the specification."
        )
    if len(set(names)) != len(names):
        raise NotDistinct("Two or more batch entries in the request have the same Id.")
    if sum(len(str(entry["Message"]).encode()) for entry in entries) > _MOST_BYTES:
        raise TooLong("The length of all the batch messages put together is more than the limit.")
