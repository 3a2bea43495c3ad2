"""An object store that takes connections and never answers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.test import override_settings


class Silent:
    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._taken: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    @property
    def asked(self) -> int:
        """How many connections it was asked on."""
        return len(self._taken)

    def _accept(self) -> None:
        while True:
            try:
                self._taken.append(self._listener.accept()[0])
            except OSError:
                return

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for each in self._taken:
            each.close()


@contextmanager
def silent_store() -> Iterator[Silent]:
    """As the store of the settings."""
    listener = socket.create_server(("127.0.0.1", 0))
    store = Silent(listener)
    with override_settings(S3_ENDPOINT_URL=f"http://127.0.0.1:{listener.getsockname()[1]}"):
        yield store
    store.close()
