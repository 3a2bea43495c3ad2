"""Slows down who guesses passwords: counts failures of a name from an address, in this process."""

import hashlib
from typing import Final

from django.core.cache import cache

_MOST: Final = 10
_WINDOW_S: Final = 15 * 60


def is_locked(username: str, address: str) -> bool:
    return int(cache.get(_key(username, address), 0)) >= _MOST


def count_failure(username: str, address: str) -> None:
    key = _key(username, address)
    # add does nothing when the window is open already, so it ends after its first failure.
    cache.add(key, 0, _WINDOW_S)
    cache.incr(key)


def forget(username: str, address: str) -> None:
    cache.delete(_key(username, address))


def _key(username: str, address: str) -> str:
    # Hashed: cache keys are short and plain, user names are neither.
    digest = hashlib.sha256(f"{username.casefold()}\n{address}".encode()).hexdigest()
    return f"sign-in-{digest}"
