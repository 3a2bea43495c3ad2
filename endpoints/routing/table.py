"""The route table as it is published: one JSON object an endpoint. Pure."""

import json
from dataclasses import dataclass
from typing import Any, Final, Self

from endpoints.routing.pick import shares

MAX_IN_FLIGHT: Final = 256
TIMEOUT_S: Final = 60.0
# An endpoint that is being changed keeps answering, as at AWS.
_SERVING: Final = {
    *("InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed"),
}


@dataclass(frozen=True, slots=True)
class InstanceRoute:
    name: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class VariantRoute:
    name: str
    weight: float
    instances: tuple[InstanceRoute, ...]
    shadow: bool = False
    max_in_flight: int = MAX_IN_FLIGHT
    timeout_s: float = TIMEOUT_S
    #: Of a fleet on its way in: a dimension of its metrics. Variants of one name differ by it.
    config: str = ""
    #: Its DataCaptureConfig as JSON; empty when nothing of it is captured.
    capture: str = ""

    @classmethod
    def read(cls, fields: dict[str, Any]) -> Self:
        weight = float(fields["weight"])
        if not 0 <= weight < float("inf"):
            raise ValueError(f"the weight {weight} of {fields['name']} is not a share")
        return cls(
            name=str(fields["name"]),
            weight=weight,
            instances=tuple(
                InstanceRoute(str(one["name"]), str(one["host"]), int(one["port"]))
                for one in fields["instances"]
            ),
            shadow=bool(fields.get("shadow", False)),
            max_in_flight=int(fields.get("max_in_flight", MAX_IN_FLIGHT)),
            timeout_s=float(fields.get("timeout_s", TIMEOUT_S)),
            config=str(fields.get("config", "")),
            capture=json.dumps(fields["capture"]) if fields.get("capture") else "",
        )


@dataclass(frozen=True, slots=True)
class EndpointRoute:
    account: str
    region: str
    endpoint: str
    log_group: str
    serving: bool
    production: tuple[VariantRoute, ...]
    shadows: tuple[VariantRoute, ...]
    bounds: tuple[float, ...]

    @classmethod
    def read(cls, raw: bytes | str) -> Self:
        """Raises ValueError, KeyError or TypeError when it is not a route."""
        fields = json.loads(raw)
        variants = [VariantRoute.read(variant) for variant in fields["variants"]]
        production = tuple(variant for variant in variants if not variant.shadow)
        endpoint = str(fields["endpoint"])
        return cls(
            account=str(fields["account"]),
            region=str(fields["region"]),
            endpoint=endpoint,
            log_group=fields.get("log_group") or f"/aws/sagemaker/Endpoints/{endpoint}",
            serving=fields.get("status", "InService") in _SERVING,
            production=production,
            shadows=tuple(variant for variant in variants if variant.shadow),
            bounds=shares([variant.weight for variant in production]),
        )


def route_key(account: str, region: str, endpoint: str) -> str:
    """The field of an endpoint in the published hash."""
    return f"{account}/{region}/{endpoint}"
