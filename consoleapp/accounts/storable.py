"""What JSON can spell and a database cannot hold. Pure."""

import math
import re
from collections.abc import Iterable
from typing import Any, Final

#: JSON can spell half a surrogate pair, which has no encoding; PostgreSQL stores no NUL.
UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")
#: Deeper than any body has reason to be; keeps the recursion of all who read it bounded.
DEEPEST: Final = 40


def problem_of(value: Any, depth: int = 0) -> str:
    """Why a value that came as JSON cannot be kept; empty when it can."""
    if depth > DEEPEST:
        return "It is nested too deeply."
    if isinstance(value, str):
        return "A text has a character that cannot be stored." if UNSTORABLE.search(value) else ""
    if isinstance(value, float):
        return "" if math.isfinite(value) else "A number is too large."
    return next(filter(None, (problem_of(each, depth + 1) for each in _within(value))), "")


def _within(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return (*value, *value.values())
    return value if isinstance(value, list) else ()
