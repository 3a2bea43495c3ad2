"""The canonical form of a request, over which Signature Version 4 is computed.

Pure. Everything is bytes as it came over the wire.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

Headers = Mapping[bytes, bytes]  # names in lower case, repeated ones joined with a comma


@dataclass(frozen=True, slots=True)
class Request:
    """The parts of an HTTP request that a signature covers, as they came over the wire."""

    method: bytes
    path: bytes
    query: bytes
    headers: Headers


def joined(pairs: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Header pairs (as ASGI gives them) as the mapping that signatures are computed over."""
    headers: dict[bytes, bytes] = {}
    for name, value in pairs:
        headers[name] = headers[name] + b"," + value if name in headers else value
    return headers


def canonical(
    request: Request, signed: Sequence[bytes], payload_hash: bytes, *, service: str
) -> bytes:
    """The text whose digest is signed: `signed` names the headers it covers, in order."""
    headers = request.headers
    lines = [request.method, _path(request.path, service), _query(request.query)]
    lines += [name + b":" + b" ".join(headers.get(name, b"").split()) for name in signed]
    lines += [b"", b";".join(signed), payload_hash]
    return b"\n".join(lines)


@lru_cache(maxsize=1024)
def _path(path: bytes, service: str) -> bytes:
    # S3 encodes the key once; every other service encodes the encoded path again.
    encoded = quote(unquote_to_bytes(path or b"/"), safe="/-_.~")
    return (encoded if service == "s3" else quote(encoded, safe="/-_.~")).encode()


def _query(query: bytes) -> bytes:
    if not query:
        return b""
    recoded = [(_recoded(name), _recoded(value)) for name, value in pairs(query)]
    return b"&".join(
        name + b"=" + value for name, value in sorted(recoded) if name != b"X-Amz-Signature"
    )


def _recoded(part: bytes) -> bytes:
    return quote(unquote_to_bytes(part), safe="-_.~").encode()


def pairs(query: bytes) -> list[tuple[bytes, bytes]]:
    """Names and values of a query string, still encoded."""
    split = (item.partition(b"=") for item in query.split(b"&") if item)
    return [(name, value) for name, _, value in split]
