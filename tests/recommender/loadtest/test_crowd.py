import asyncio
import socket
from collections import Counter
from pathlib import Path

from tests.recommender.loadtest.target import Reply, leave, make_crowd, run, serving, until


def test_it_has_as_many_users_as_it_was_told(payload: Path) -> None:
    async def scene() -> None:
        async with serving() as target:
            crowd = make_crowd(target.port, payload)
            crowd.resize(7)
            await until(lambda: len(crowd.present) == 7)
            crowd.resize(3)
            await until(lambda: len(crowd.present) == 3)
            assert sorted(crowd.present) == [0, 1, 2]
            crowd.resize(5)
            await until(lambda: len(crowd.present) == 5)
            await leave(crowd)

    run(scene())


def test_a_user_that_leaves_finishes_its_request_first(payload: Path) -> None:
    async def scene() -> None:
        async with serving(Reply(pause_s=0.1)) as target:
            crowd = make_crowd(target.port, payload)
            crowd.resize(4)
            await until(lambda: crowd.under_way == 4)
            report = await leave(crowd)
            assert report.errors == {}
            assert report.invocations == target.answered == len(target.requests)

    run(scene())


def test_users_that_leave_and_come_back_at_once_are_still_as_many(payload: Path) -> None:
    async def scene() -> None:
        async with serving(Reply(pause_s=0.02)) as target:
            crowd = make_crowd(target.port, payload)
            for size in (6, 2, 6, 0, 6, 3, 4):
                crowd.resize(size)
                await asyncio.sleep(0.01)
            await until(lambda: len(crowd.present) == 4 and crowd.under_way > 0)
            await asyncio.sleep(0.1)
            assert sorted(crowd.present) == [0, 1, 2, 3]
            report = await leave(crowd)
            assert report.invocations == len(target.requests)

    run(scene())


def test_its_count_is_the_servers_count(payload: Path) -> None:
    async def scene() -> None:
        async with serving() as target:
            crowd = make_crowd(target.port, payload, round_trip_ms=0.0)
            crowd.resize(50)
            await until(lambda: target.answered > 3000)
            report = await leave(crowd)
            assert report.errors == {}
            assert report.invocations == report.client_latency_us.count == len(target.requests)

    run(scene())


def test_payloads_are_sampled_at_random_and_evenly(tmp_path: Path) -> None:
    payloads = [tmp_path / f"{n}" for n in range(4)]
    for path in payloads:
        path.write_text(path.name)

    async def scene() -> None:
        async with serving() as target:
            crowd = make_crowd(target.port, *payloads, round_trip_ms=0.0)
            crowd.resize(8)
            await until(lambda: target.answered > 2000)
            await leave(crowd)
            bodies = [request.rpartition(b"\r\n\r\n")[2] for request in target.requests]
            counts = Counter(bodies)
            assert set(counts) == {b"0", b"1", b"2", b"3"}
            assert min(counts.values()) > 0.8 * len(bodies) / 4
            assert bodies[:40] != sorted(bodies[:40])

    run(scene())


def test_a_target_that_refuses_connections_is_asked_again_and_counted(payload: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    async def scene() -> None:
        crowd = make_crowd(port, payload)
        crowd.resize(2)
        await asyncio.sleep(0.35)
        crowd.resize(0)
        report = crowd.tally.close(second=0, elapsed_s=0.0, users=0, full=False)
        # Every 100 ms, not in a tight loop.
        assert 2 <= report.errors["connect"] <= 8
        assert set(report.errors) == {"connect"}
        assert "refused" in report.error_samples[0].answer

    run(scene())


def test_users_come_back_when_the_target_does(payload: Path) -> None:
    async def scene() -> None:
        async with serving() as target:
            crowd = make_crowd(target.port, payload)
            crowd.resize(3)
            await until(lambda: target.answered > 10)
            for user in list(crowd.present.values()):
                user._drop()
            before = target.answered
            await until(lambda: target.answered > before + 30 and len(crowd.present) == 3)
            await leave(crowd)
            assert target.connections == 6

    run(scene())


def test_no_user_sends_again_before_its_round_trip_is_over(payload: Path) -> None:
    """By Little's law: the users that are not in a request are waiting."""

    async def scene() -> None:
        async with serving() as target:
            crowd = make_crowd(target.port, payload, round_trip_ms=10.0)
            crowd.resize(40)
            await until(lambda: len(crowd.present) == 40)
            crowd.tally.close(second=0, elapsed_s=0.0, users=0, full=True)
            loop = asyncio.get_running_loop()
            start = loop.time()
            await until(lambda: loop.time() > start + 0.5)
            elapsed = loop.time() - start
            report = crowd.tally.close(second=0, elapsed_s=0.0, users=0, full=True)
            cycle_s = 40 * elapsed / report.succeeded
            latency_s = report.latency_total_us / report.succeeded / 1e6
            assert cycle_s - latency_s >= 0.0095
            await leave(crowd)

    run(scene())
