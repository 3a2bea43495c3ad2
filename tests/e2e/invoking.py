"""Many invocations, signed as AWS's SDKs sign them, on a few connections to the gateway itself."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import uvloop
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.live import Console

TARGET = "X-Amzn-SageMaker-Target-Variant"


@dataclass(slots=True)
class Outcome:
    """One answer, or none: `status` is then 0 and `body` says what happened."""

    began: float
    ended: float
    status: int
    variant: str
    body: bytes


@dataclass(slots=True)
class Load:
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def by_variant(self) -> Counter[str]:
        return Counter(each.variant for each in self.outcomes if each.status == 200)

    @property
    def failed(self) -> list[Outcome]:
        return [each for each in self.outcomes if each.status != 200]


def gateway_url(console: Console) -> str:
    """Where it listens: ten thousand invocations need not pass the web process too."""
    (process,) = console.processes(r"-m endpoints\.gateway")
    return process.environ()["GATEWAY_URL"]


def request(console: Console, endpoint: str, body: bytes, *, target: str = "") -> bytes:
    """Signed once: a signature holds for minutes, so equal requests may share it."""
    keys = console.credentials
    url = f"{gateway_url(console)}/endpoints/{endpoint}/invocations"
    headers = {"Content-Type": "text/csv", **({TARGET: target} if target else {})}
    signed = AWSRequest("POST", url, headers, body)
    credentials = Credentials(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(credentials, "sagemaker", keys["AWS_DEFAULT_REGION"]).add_auth(signed)
    lines = [f"POST {urlsplit(url).path} HTTP/1.1", f"Host: {urlsplit(url).netloc}"]
    lines += [f"{name}: {value}" for name, value in signed.headers.items()]
    lines += [f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def send(
    console: Console,
    raw: bytes,
    *,
    count: int = 1_000_000,
    clients: int = 16,
    until: Callable[[], bool] = lambda: False,
    pause_s: float = 0.0,
) -> Load:
    """`count` invocations from `clients` connections, or fewer when `until` says so."""
    load, left = Load(), iter(range(count))
    address = urlsplit(gateway_url(console))

    async def client() -> None:
        connection = None
        for _ in left:
            if until():
                break
            began = time.monotonic()
            try:
                connection = connection or await asyncio.open_connection(
                    address.hostname, address.port
                )
                status, variant, body = await _once(*connection, raw)
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as problem:
                status, variant, body, connection = 0, "", repr(problem).encode(), None
            load.outcomes.append(Outcome(began, time.monotonic(), status, variant, body))
            if pause_s:
                await asyncio.sleep(pause_s)
        if connection is not None:
            connection[1].close()

    async def everyone() -> None:
        await asyncio.gather(*(client() for _ in range(clients)))

    # On a thread of its own: a browser test's thread has a loop already.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: uvloop.run(everyone())).result()
    return load


async def _once(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes
) -> tuple[int, str, bytes]:
    writer.write(raw)
    async with asyncio.timeout(75):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        found = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])
        }
        body = await reader.readexactly(int(found.get("content-length", 0)))
    status = int(head[0].split(" ")[1])
    return status, found.get("x-amzn-invoked-production-variant", ""), body
