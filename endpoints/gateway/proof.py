"""Whether it is proven that nothing of a request reached the other side. Asks the kernel (Linux).

An invocation may have effects, so it is sent a second time on proof only.
"""

import errno
import os
import socket
import struct
from asyncio import Transport
from typing import Final

_INFO_SIZE: Final = 192
_BYTES_ACKED: Final = 120  # offset of tcpi_bytes_acked in struct tcp_info


def nothing_arrived(transport: Transport, *, acknowledged: int) -> bool:
    """For a connection whose other side closed after we wrote a request.

    `acknowledged` is what was sent before that request. True when the other side reset the
    connection after its own end (EPIPE: it had closed for good before our bytes came) and
    acknowledged none of them. One that took the request and died acknowledged it, or left another
    error; without proof the answer is False.
    """
    peer = transport.get_extra_info("socket")
    if peer is None or not hasattr(socket, "TCP_INFO"):
        return False
    with socket.socket(fileno=os.dup(peer.fileno())) as copy:
        info = copy.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_SIZE)
        error = copy.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error != errno.EPIPE or len(info) < _BYTES_ACKED + 8:
        return False
    (acked,) = struct.unpack_from("=Q", info, _BYTES_ACKED)
    # The opening of the connection counts as one byte.
    return bool(acked <= acknowledged + 1)
