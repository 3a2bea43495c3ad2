"""LoadSpec: all that one load generator process needs to know, as one JSON object.

Pure. Reads no payload: the generator loads the files itself, once, before its start.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self
from urllib.parse import urlsplit

from recommender.loadtest.traffic import TrafficPattern, from_aws

DEFAULT_ROUND_TRIP_MS: Final = 10.0


@dataclass(frozen=True, slots=True)
class LoadSpec:
    """`url` is http:// only. `traffic` is AWS's TrafficPattern. `start_at` is Unix time, 0 = now.

    `headers` go with every request (Host, Content-Type and Content-Length are the generator's).
    `round_trip_ms` is the pause between an answer and the user's next request.
    `share` = (index, of): this process drives the users k with k mod of == index.
    `cores` pins the process; empty leaves it where it is. `seed` fixes the payload order.
    """

    url: str
    traffic: Mapping[str, Any]
    payloads: tuple[str, ...]
    content_type: str = "text/csv"
    headers: Mapping[str, str] = field(default_factory=dict)
    round_trip_ms: float = DEFAULT_ROUND_TRIP_MS
    timeout_s: float = 60.0
    start_at: float = 0.0
    share: tuple[int, int] = (0, 1)
    cores: tuple[int, ...] = ()
    seed: int | None = None

    def __post_init__(self) -> None:
        split = urlsplit(self.url)
        if split.scheme != "http" or not split.hostname:
            raise ValueError("url must be an http:// address")
        if not self.payloads:
            raise ValueError("at least one payload file is needed")
        if not 0 <= self.share[0] < self.share[1]:
            raise ValueError("share must be (index, of) with 0 <= index < of")
        if self.round_trip_ms < 0 or self.timeout_s <= 0:
            raise ValueError("round_trip_ms must not be negative, timeout_s must be positive")
        self.pattern()

    def pattern(self) -> TrafficPattern:
        return from_aws(self.traffic)

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 80

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Raises ValueError or TypeError when the text is not a usable spec."""
        fields = json.loads(text)
        for name in ("payloads", "share", "cores"):
            if name in fields:
                fields[name] = tuple(fields[name])
        return cls(**fields)
