"""Free loopback ports for one start of the console."""

import socket
from collections.abc import Iterable


def choose(names: Iterable[str]) -> dict[str, int]:
    """A free port for each name. All are held while choosing, so no two names get the same."""
    held: dict[str, socket.socket] = {}
    try:
        for name in names:
            held[name] = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            held[name].bind(("127.0.0.1", 0))
        return {name: held[name].getsockname()[1] for name in held}
    finally:
        for each in held.values():
            each.close()


def is_free(port: int) -> bool:
    """Whether a server could listen there now (a port in TIME_WAIT counts as free)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
