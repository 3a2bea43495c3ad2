"""The Redis of a copy, wherever its state is kept."""

from pathlib import Path

import redis

from tests.services import RedisServer


def test_a_directory_with_blanks_and_quotes_in_its_name_is_no_hindrance(tmp_path: Path) -> None:
    directory = tmp_path / 'my "own" state'
    server = RedisServer(directory)
    server.start()
    try:
        with redis.Redis.from_url(server.url) as client:
            client.set("kept", "yes")
        assert (directory / "appendonlydir").is_dir()
    finally:
        server.stop()
