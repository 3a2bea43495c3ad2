"""Fetches sample payloads and models by address: s3://, and http(s):// without reaching inside.

An address is resolved here and the connection goes to the very address that was checked, so a name
cannot answer differently the second time; every redirect is checked anew.
"""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpcore

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import ValidationFailed
from consoleapp.storage import s3
from consoleapp.storage.public_addresses import AddressRefused, checked_addresses

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 5
_DEADLINE_S: Final = 900.0
_TIMEOUTS: Final = {"connect": 10.0, "read": 30.0, "write": 10.0, "pool": 10.0}
_HEADERS: Final[dict[bytes | str, bytes | str]] = {
    "User-Agent": "inference-console",
    "Accept-Encoding": "identity",
}


def fetch(actor: Actor, url: str, path: Path, limit: int, *, within_s: float = _DEADLINE_S) -> None:
    """Writes what is at `url` to `path`, at most `limit` bytes. Raises CallerError with why not.
    `within_s` is for the web alone: the object store is ours."""
    if url.startswith("s3://"):
        s3.download(actor, url, path, limit)
        return
    deadline = time.monotonic() + within_s
    try:
        with httpcore.ConnectionPool(network_backend=CheckedNetwork()) as pool:
            _follow(pool, url, path, limit, deadline)
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
        raise ValidationFailed(
            f"{url} could not be fetched: {error or type(error).__name__}."
        ) from None
    except httpcore.UnsupportedProtocol:
        raise AddressRefused(f"{url} is no http or https address.") from None


def _follow(
    pool: httpcore.ConnectionPool, url: str, path: Path, limit: int, deadline: float
) -> None:
    for _ in range(_MOST_REDIRECTS + 1):
        _check_url(url)
        with pool.stream(
            "GET",
            url,
            headers=_HEADERS,
            extensions={"timeout": dict(_TIMEOUTS)},
        ) as response:
            if response.status not in _REDIRECTS:
                _save(response, url, path, limit, deadline)
                return
            headers = {name.lower(): value for name, value in response.headers}
            url = urljoin(url, headers.get(b"location", b"").decode("latin-1"))
    raise ValidationFailed(f"{url} redirects more than {_MOST_REDIRECTS} times.")


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        personal = parts.username is not None or parts.password is not None
    except ValueError:
        usable = personal = False
    if not usable or not url.isascii() or any(letter.isspace() for letter in url):
        raise AddressRefused(f"{url} is no address of an archive: use s3://, https:// or http://.")
    if personal:
        raise AddressRefused("An address with a user name or password in it is refused.")


def _save(response: httpcore.Response, url: str, path: Path, limit: int, deadline: float) -> None:
    if response.status != 200:
        raise ValidationFailed(f"{url} answered with HTTP status {response.status}.")
    seen = 0
    with path.open("wb") as file:
        for piece in response.iter_stream():
            seen += len(piece)
            if seen > limit:
                raise ValidationFailed(f"{url} is larger than {limit / 2**20:g} MiB.")
            if time.monotonic() > deadline:
                raise ValidationFailed(f"{url} took too long.")
            file.write(piece)


class CheckedNetwork(httpcore.NetworkBackend):
    """Connects only to addresses that were checked. TLS still verifies the name in the URL."""

    def __init__(self) -> None:
        self._plain = httpcore.SyncBackend()

    def addresses(self, host: str, port: int) -> list[str]:
        return checked_addresses(host, port)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception | None = None
        for address in self.addresses(host, port):
            try:
                return self._plain.connect_tcp(
                    address, port, timeout=timeout, socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        assert failure is not None
        raise failure

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        raise AddressRefused("An address is never a socket of this machine.")
