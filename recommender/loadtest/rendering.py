"""The request bytes of every payload file, rendered once before the load starts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from recommender.loadtest.spec import LoadSpec

#: All payloads are held in memory: more than this is refused rather than swapped out mid-test.
MEMORY_LIMIT_BYTES: Final = 1 << 30
_OWN_HEADERS: Final = frozenset({"host", "content-type", "content-length", "connection"})


class TooMuchPayload(ValueError):
    """The payload files together are larger than a generator will hold in memory."""


@dataclass(frozen=True, slots=True)
class Requests:
    """requests[i] is the whole HTTP request that carries the file names[i]."""

    rendered: tuple[bytes, ...]
    names: tuple[str, ...]


def render(spec: LoadSpec) -> Requests:
    """Raises OSError where a file cannot be read, TooMuchPayload where all are too large."""
    paths = [Path(payload) for payload in spec.payloads]
    size = sum(path.stat().st_size for path in paths)
    if size > MEMORY_LIMIT_BYTES:
        raise TooMuchPayload(
            f"the payload files hold {size >> 20} MiB, at most {MEMORY_LIMIT_BYTES >> 20} fit"
        )
    lead = _head(spec)
    rendered = tuple(_request(lead, path.read_bytes()) for path in paths)
    return Requests(rendered, tuple(path.name for path in paths))


def _head(spec: LoadSpec) -> bytes:
    url = urlsplit(spec.url)
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    lines = [f"POST {target} HTTP/1.1", f"Host: {url.netloc}", f"Content-Type: {spec.content_type}"]
    for name, value in spec.headers.items():
        if name.lower() not in _OWN_HEADERS:
            lines.append(f"{name}: {value}")
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a header must not contain a line break")
    return "\r\n".join(lines).encode("latin-1")


def _request(lead: bytes, body: bytes) -> bytes:
    return lead + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body
