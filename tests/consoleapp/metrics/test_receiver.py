"""A connection to the ingest: tokens, lines in pieces, and waiting when there is too much."""

import asyncio
import time

from consoleapp.metrics.buffer import Buffer
from consoleapp.metrics.receiver import LONGEST_LINE, Intake, Receiver
from tests.consoleapp.metrics.samples import make_sample

TOKEN = b"the token\n"


async def serve(intake: Intake) -> tuple[asyncio.Server, int]:
    server = await asyncio.get_running_loop().create_server(
        lambda: Receiver(intake), "127.0.0.1", 0
    )
    return server, server.sockets[0].getsockname()[1]


async def until(look) -> None:
    async with asyncio.timeout(10):
        while not look():
            await asyncio.sleep(0.01)


def intake_of(most: int = 1_000) -> Intake:
    return Intake(TOKEN.strip(), Buffer(most))


def count(intake: Intake) -> int:
    return sum(tally.count for tally in intake.buffer.take()[0].values())


async def test_lines_may_come_in_any_pieces() -> None:
    intake = intake_of()
    server, port = await serve(intake)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    now = int(time.time())
    stream = TOKEN + b"".join(make_sample([1.0, 2.0], second=now - n).encode() for n in range(20))
    for start in range(0, len(stream), 37):
        writer.write(stream[start : start + 37])
        await asyncio.sleep(0)
    await until(lambda: len(intake.buffer) == 20)
    assert count(intake) == 40
    writer.close()
    server.close()


async def test_a_sender_waits_while_the_buffer_is_full_and_loses_nothing() -> None:
    intake = intake_of(most=50)
    server, port = await serve(intake)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    seconds = range(int(time.time()) - 20_000, int(time.time()))
    writer.write(TOKEN + b"".join(make_sample(second=second).encode() for second in seconds))
    await until(lambda: intake.buffer.full)
    taken = 0
    async with asyncio.timeout(20):
        while taken < len(seconds):
            assert len(intake.buffer) < 5_000
            taken += count(intake)
            intake.resume()
            await asyncio.sleep(0)
    writer.close()
    server.close()
    assert intake.buffer.dropped == 0


async def test_a_line_without_an_end_is_skipped_in_bounded_memory() -> None:
    intake = intake_of()
    server, port = await serve(intake)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(TOKEN)
    for _ in range(5):
        writer.write(b"x" * LONGEST_LINE)
        await writer.drain()
    (receiver,) = intake.connections
    await until(lambda: receiver._skipping)
    assert len(receiver._rest) <= LONGEST_LINE
    writer.write(b"\n" + make_sample().encode())
    await until(lambda: intake.bad_lines == 1)
    assert count(intake) == 1
    writer.close()
    server.close()


async def test_a_connection_that_is_lost_is_forgotten() -> None:
    intake = intake_of()
    server, port = await serve(intake)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    await until(lambda: len(intake.connections) == 1)
    writer.close()
    await until(lambda: not intake.connections)
    server.close()


async def test_closing_the_intake_closes_its_connections() -> None:
    intake = intake_of()
    server, port = await serve(intake)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await until(lambda: intake.connections)
    intake.close()
    assert await reader.read() == b""
    writer.close()
    server.close()
