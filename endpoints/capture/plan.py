"""What of an endpoint's traffic is captured, and where to: AWS's DataCaptureConfig, read. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

_INPUT: Final = {"Input", "InputAndOutput"}
_OUTPUT: Final = {"Output", "InputAndOutput"}


@dataclass(frozen=True, slots=True)
class Plan:
    """`csv` and `json`: media types, in lower case, that are readable text; others are Base64."""

    uri: str
    percent: float
    input: bool
    output: bool
    csv: frozenset[str] = frozenset()
    json: frozenset[str] = frozenset()

    @classmethod
    def read(cls, config: Mapping[str, Any] | None) -> Self | None:
        """None when nothing is captured. Raises KeyError, TypeError or ValueError when it is no
        DataCaptureConfig."""
        if not config or not is_enabled(config):
            return None
        modes = {str(option["CaptureMode"]) for option in config["CaptureOptions"]}
        types = config.get("CaptureContentTypeHeader") or {}
        percent = float(config["InitialSamplingPercentage"])
        if percent <= 0:
            return None
        return cls(
            uri=str(config["DestinationS3Uri"]),
            percent=percent,
            input=bool(modes & _INPUT),
            output=bool(modes & _OUTPUT),
            csv=frozenset(str(each).lower() for each in types.get("CsvContentTypes") or ()),
            json=frozenset(str(each).lower() for each in types.get("JsonContentTypes") or ()),
        )

    @classmethod
    def of_text(cls, config: str) -> Self | None:
        """As `read`, from JSON."""
        return cls.read(json.loads(config))


def is_enabled(config: Mapping[str, Any]) -> bool:
    """Enabled unless it says otherwise, as at AWS."""
    return config.get("EnableCapture") is not False
