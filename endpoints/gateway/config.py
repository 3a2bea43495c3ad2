"""What the gateway process reads from its environment, once."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from consoleapp import env
from endpoints.capture.spool import CAPTURE_FOLDER


@dataclass(frozen=True, slots=True)
class Config:
    host: str
    port: int
    redis_url: str
    ingest_address: str
    ingest_token: str
    token: str
    #: Where captured invocations wait for their delivery.
    capture_folder: Path
    #: Connections from clients; over it, a new one is answered 503 and closed.
    max_connections: int = 10_000
    drain_s: float = 10.0

    @classmethod
    def from_environment(cls) -> Self:
        address = urlsplit(env.text("GATEWAY_URL", "http://127.0.0.1:8081"))
        return cls(
            host=address.hostname or "127.0.0.1",
            port=address.port or 8081,
            redis_url=env.text("REDIS_URL", "redis://127.0.0.1:6379/0"),
            ingest_address=env.text("INGEST_ADDRESS", "127.0.0.1:8082"),
            ingest_token=env.ensure_secret("INGEST_TOKEN"),
            token=env.ensure_secret("GATEWAY_TOKEN"),
            capture_folder=env.state_dir() / CAPTURE_FOLDER,
            max_connections=env.number("GATEWAY_MAX_CONNECTIONS", 10_000),
            drain_s=env.fraction("GATEWAY_DRAIN_S", 10.0),
        )
