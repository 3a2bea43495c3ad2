"""Which addresses may be fetched from: those of the open internet, unless a copy allows all."""

import ipaddress
import socket
from typing import Final

from django.conf import settings

from consoleapp.accounts.errors import ValidationFailed

_OWN_NETWORKS: Final = (
    "It resolves to {address}, which is loopback, link-local, private or reserved. An admin of"
    " this console can allow such addresses with {setting}."
)


class AddressRefused(ValidationFailed):
    """The address is none that may be fetched from."""


def checked_addresses(
    host: str, port: int, *, allowed_by: str = "ALLOW_PRIVATE_PAYLOAD_ADDRESSES"
) -> list[str]:
    """What the name resolves to. Raises AddressRefused when any of it must not be reached.

    `allowed_by` names the setting that lets a copy reach its own networks.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ValidationFailed(f"The host name {host} cannot be resolved.") from None
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not getattr(settings, allowed_by):
        for address in addresses:
            if not is_public(address):
                reason = _OWN_NETWORKS.format(address=address, setting=allowed_by)
                raise AddressRefused(f"{host} is refused. {reason}")
    return addresses


def is_public(address: str) -> bool:
    """True for an address of the open internet, also behind IPv6's ways to write an IPv4 one."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        embedded = _embedded(ip)
        if embedded is not None:
            return is_public(str(embedded))
        if ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _embedded(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip.ipv4_mapped or ip.sixtofour:
        return ip.ipv4_mapped or ip.sixtofour
    if ip.teredo:
        return ip.teredo[1]
    # NAT64's well-known prefix (RFC 6052) carries the IPv4 address in its last 32 bits.
    if ip in ipaddress.ip_network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return None
