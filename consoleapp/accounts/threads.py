"""Rows for code that runs in the event loop."""

from collections.abc import Callable
from typing import TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections

T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """What `work` gives; it may ask the database."""
    return await sync_to_async(_clean, thread_sensitive=False)(work)


def _clean(work: Callable[[], T]) -> T:
    # These threads outlive any request: a connection that went bad must not stay with them.
    close_old_connections()
    try:
        return work()
    finally:
        close_old_connections()
