"""Messages go to the worker that is meant for them: long tests never wait behind short steps."""

import pytest
import redis as redis_client

from recommender import wake


def waiting(store: redis_client.Redis) -> dict[str, int]:
    return {queue: int(store.llen(queue)) for queue in ("control", "loadtest")}


def test_a_step_of_a_job_is_a_control_workers(redis: redis_client.Redis) -> None:
    before = waiting(redis)
    wake.follow_up(1, "token", 0.0)
    assert waiting(redis) == {**before, "control": before["control"] + 1}


@pytest.mark.django_db
def test_a_load_test_and_its_shares_are_the_load_test_workers(
    redis: redis_client.Redis, django_capture_on_commit_callbacks: object
) -> None:
    before = waiting(redis)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        wake.load_test(1, "attempt")
    wake.share(1, "attempt", 2)
    assert waiting(redis) == {**before, "loadtest": before["loadtest"] + 2}
