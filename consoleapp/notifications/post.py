"""Posts one message to a listener's address, without reaching inside the machine's own networks.

An address is resolved here and the connection goes to what was checked; redirects are refused.
"""

from typing import Final
from urllib.parse import urlsplit

import httpcore

from consoleapp.accounts.errors import ValidationFailed
from consoleapp.notifications.errors import invalid
from consoleapp.storage.fetching import CheckedNetwork
from consoleapp.storage.public_addresses import checked_addresses

_TIMEOUTS: Final = {"connect": 5.0, "read": 15.0, "write": 15.0, "pool": 5.0}
_LONGEST_ADDRESS: Final = 2048
_ALLOWED_BY: Final = "ALLOW_PRIVATE_NOTIFICATION_ADDRESSES"


class NotDelivered(Exception):
    """The listener did not take it; str() says why."""


def check_address(url: str) -> None:
    """Raises InvalidParameter for an address that nothing may be posted to."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    spaced = any(letter.isspace() for letter in url)
    if not host or parts.username or not url.isascii() or spaced or len(url) > _LONGEST_ADDRESS:
        raise invalid("Endpoint", "This is no address that a message can be posted to.")
    try:
        checked_addresses(host, port or 443, allowed_by=_ALLOWED_BY)
    except ValidationFailed as refused:
        raise invalid("Endpoint", refused.message) from None


def post(url: str, headers: dict[str, str], body: str) -> None:
    """Raises NotDelivered unless the listener answers 200 to 299."""
    given: list[tuple[bytes, bytes]] = [(k.encode(), v.encode()) for k, v in headers.items()]
    try:
        # What it answers besides its status is not read: nobody asks, and it might never end.
        with (
            httpcore.ConnectionPool(network_backend=_Listeners()) as pool,
            pool.stream(
                "POST", url, headers=given, content=body.encode(), extensions={"timeout": _TIMEOUTS}
            ) as answer,
        ):
            status = answer.status
    except ValidationFailed as refused:
        raise NotDelivered(refused.message) from None
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
        raise NotDelivered(str(error) or type(error).__name__) from None
    if not 200 <= status < 300:
        raise NotDelivered(f"HTTP status {status}")


class _Listeners(CheckedNetwork):
    def addresses(self, host: str, port: int) -> list[str]:
        return checked_addresses(host, port, allowed_by=_ALLOWED_BY)
