from collections.abc import Iterator

import pytest
from django.core.cache import cache

from consoleapp.accounts import throttle


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def test_ten_failures_lock_that_name_from_that_address_alone() -> None:
    for _ in range(9):
        throttle.count_failure("alice", "10.0.0.1")
    assert not throttle.is_locked("alice", "10.0.0.1")
    throttle.count_failure("ALICE", "10.0.0.1")
    assert throttle.is_locked("alice", "10.0.0.1")
    assert not throttle.is_locked("alice", "10.0.0.2")
    assert not throttle.is_locked("bob", "10.0.0.1")


def test_signing_in_forgets_the_failures() -> None:
    for _ in range(10):
        throttle.count_failure("alice", "10.0.0.1")
    throttle.forget("alice", "10.0.0.1")
    assert not throttle.is_locked("alice", "10.0.0.1")
