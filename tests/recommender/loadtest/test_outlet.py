import asyncio
import os

from recommender.loadtest.outlet import Outlet
from tests.recommender.loadtest.target import run, until


def test_lines_wait_for_a_slow_reader_without_holding_up_the_loop() -> None:
    async def scene() -> None:
        reader, writer = os.pipe()
        outlet = Outlet(asyncio.get_running_loop(), writer)
        lines = [b"%07d" % n * 2000 + b"\n" for n in range(100)]
        for line in lines:
            outlet.write(line)
        received = bytearray()
        os.set_blocking(reader, False)

        def read() -> None:
            received.extend(os.read(reader, 65536))

        asyncio.get_running_loop().add_reader(reader, read)
        await outlet.drained()
        await until(lambda: len(received) == sum(map(len, lines)))
        asyncio.get_running_loop().remove_reader(reader)
        assert bytes(received) == b"".join(lines)
        os.close(reader)
        os.close(writer)

    run(scene())


def test_a_reader_that_is_gone_is_told_once() -> None:
    async def scene() -> None:
        reader, writer = os.pipe()
        outlet = Outlet(asyncio.get_running_loop(), writer)
        told = []
        outlet.on_broken = lambda: told.append(1)
        os.close(reader)
        outlet.write(b"nobody reads this\n")
        await outlet.drained()
        assert told == [1]
        os.close(writer)

    run(scene())
