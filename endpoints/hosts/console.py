"""Whether the console that an instance belongs to still runs. Standard library only.

A console that is killed outright tells nobody. Its workers may come and go; the one process that
is there for as long as the console is `manage.py up`, which names itself to all it starts.
"""

import os
import time
from typing import Final

from consoleapp import env
from endpoints.hosts import state

_VARIABLE: Final = "CONSOLE_PROCESS"
_LOOK_S: Final = 1.0


def named() -> dict[str, str]:
    """What the calling process adds to the environment of those that are to end with it."""
    return {_VARIABLE: f"{os.getpid()}:{state.started_at(os.getpid())}"}


class Console:
    """The console of the environment; one that is not named there is never missed."""

    def __init__(self) -> None:
        pid, _, start = env.text(_VARIABLE).partition(":")
        self._process = (int(pid), int(start)) if pid and start else None
        self._look_at = 0.0

    def has_gone(self) -> bool:
        """True once: who is told ends its instance, and must not be told again and again."""
        if self._process is None or time.monotonic() < self._look_at:
            return False
        self._look_at = time.monotonic() + _LOOK_S
        if state.is_running(*self._process):
            return False
        self._process = None
        return True
