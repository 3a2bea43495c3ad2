"""A gateway on a real socket, in front of model servers that do as a test says."""

import asyncio
import contextlib
import json
import socket
import struct
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from consoleapp.metrics.line import Sample
from endpoints.gateway.gateway import Gateway

TOKEN = "the console's token"
ACCOUNT, REGION = "123456789012", "us-east-1"
DEADLINE_S = 20.0


@dataclass
class Seen:
    """A request as a model server got it. `connection` counts the model's connections from 1."""

    line: str
    headers: dict[str, str]
    body: bytes
    connection: int


Script = Callable[[Seen, asyncio.StreamWriter], Awaitable[None]]


def reply(body: bytes = b"0.5", status: int = 200, **headers: str) -> Script:
    """A script that answers always the same."""

    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(body, status, **headers))

    return script


def answer(body: bytes = b"0.5", status: int = 200, **headers: str) -> bytes:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {status} X\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Model:
    """A model server whose every answer is scripted, byte by byte if need be."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.seen: list[Seen] = []
        self.connections = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self, port: int = 0) -> "Model":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        self._writers.add(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = fields(head)
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                seen = Seen(head[0], headers, body, number)
                self.seen.append(seen)
                await self.script(seen, writer)
                await writer.drain()
        self._writers.discard(writer)
        writer.close()


def fields(head: list[str]) -> dict[str, str]:
    pairs = (line.split(": ", 1) for line in head[1:-2])
    return {name.lower(): value for name, value in pairs}


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes = b""
    #: The pieces of a chunked body.
    chunks: list[bytes] = field(default_factory=list)

    @property
    def error(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


class Wire:
    """A client's connection: sends bytes, reads answers."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def hang_up(self) -> None:
        """Resets the connection, as a process that is killed does."""
        peer = self.writer.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def head(self) -> Answer:
        async with asyncio.timeout(DEADLINE_S):
            raw = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = fields(raw)
        return Answer(int(raw[0].split(" ")[1]), headers)

    async def answer(self) -> Answer:
        found = await self.head()
        async with asyncio.timeout(DEADLINE_S):
            if found.headers.get("transfer-encoding") == "chunked":
                while piece := await self.chunk():
                    found.chunks.append(piece)
                found.body = b"".join(found.chunks)
            elif "content-length" in found.headers:
                found.body = await self.reader.readexactly(int(found.headers["content-length"]))
            else:
                found.body = await self.reader.read()
        return found

    async def chunk(self) -> bytes:
        size = int(await self.reader.readuntil(b"\r\n"), 16)
        return (await self.reader.readexactly(size + 2))[:-2]

    async def rest(self) -> bytes:
        """What the other side still says until it closes."""
        said = b""
        async with asyncio.timeout(DEADLINE_S):
            with contextlib.suppress(ConnectionError):
                while piece := await self.reader.read(65536):
                    said += piece
        return said


class Rig:
    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self.gateway = Gateway(token=TOKEN, emit=self.samples.extend)
        self.port = 0
        self._models: list[Model] = []
        self._wires: list[Wire] = []

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self.gateway.connection, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self._ticking = loop.create_task(self.gateway.tick())
        self.gateway.is_ready = True

    async def stop(self) -> None:
        self._ticking.cancel()
        await asyncio.gather(self._ticking, return_exceptions=True)
        self._server.close()
        for wire in self._wires:
            wire.writer.close()
        await self.gateway.drain(2)
        self.gateway.fleet.replace({})
        for model in self._models:
            await model.stop()
        await asyncio.sleep(0.01)

    async def model(self, script: Script | None = None) -> Model:
        model = await Model(script or reply()).start()
        self._models.append(model)
        return model

    def publish(self, *variants: dict[str, Any], endpoint: str = "ep", **changes: Any) -> None:
        """Replaces the whole table by this one endpoint."""
        route = {
            "account": ACCOUNT,
            "region": REGION,
            "endpoint": endpoint,
            "status": "InService",
            "variants": list(variants),
            **changes,
        }
        key = f"{ACCOUNT}/{REGION}/{endpoint}".encode()
        self.gateway.fleet.replace({key: json.dumps(route).encode()})

    async def connect(self) -> Wire:
        wire = Wire(*await asyncio.open_connection("127.0.0.1", self.port))
        self._wires.append(wire)
        return wire

    async def ask(self, body: bytes = b"1,2", **how: Any) -> Answer:
        """One invocation on a connection of its own."""
        wire = await self.connect()
        wire.send(invocation(body, **how))
        found = await wire.answer()
        wire.writer.close()
        return found

    def counted(self, name: str, variant: str = "v1") -> float:
        """The sum of a metric over all that was reported so far."""
        return sum(sample.total for sample in self._of(name, variant))

    def _of(self, name: str, variant: str) -> list[Sample]:
        self.gateway.report()
        return [
            sample
            for sample in self.samples
            if sample.name == name and sample.dimensions["VariantName"] == variant
        ]

    def only(self, name: str, variant: str = "v1") -> Sample:
        (sample,) = self._of(name, variant)
        return sample


def variant(
    *models: "Model | int", name: str = "v1", weight: float = 1, **changes: Any
) -> dict[str, Any]:
    ports = [model if isinstance(model, int) else model.port for model in models]
    instances = [
        {"name": f"{name}-{index}-{port}", "host": "127.0.0.1", "port": port}
        for index, port in enumerate(ports)
    ]
    return {"name": name, "weight": weight, "instances": instances, **changes}


def invocation(
    body: bytes = b"1,2",
    *,
    endpoint: str = "ep",
    action: str = "invocations",
    headers: Sequence[str] = (),
    token: str | None = TOKEN,
    chunked: bool = False,
    version: str = "1.1",
) -> bytes:
    lines = [f"POST /endpoints/{endpoint}/{action} HTTP/{version}", "Host: gateway"]
    if token is not None:
        lines += [
            f"X-Console-Token: {token}",
            f"X-Console-Account: {ACCOUNT}",
            f"X-Console-Region: {REGION}",
        ]
    lines += headers
    lines += ["Transfer-Encoding: chunked"] if chunked else [f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (b"" if chunked else body)


async def until(look: Callable[[], Any]) -> None:
    """Waits for something to become true."""
    deadline = time.monotonic() + DEADLINE_S
    while not look():
        assert time.monotonic() < deadline, "it did not become true in time"
        await asyncio.sleep(0.005)
