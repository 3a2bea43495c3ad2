"""Whether an endpoint's traffic is being captured, and how much was: what pages and APIs tell."""

import time
from dataclasses import dataclass
from typing import Any, Final

from consoleapp.metrics import logs
from consoleapp.metrics import queries as metrics
from endpoints.capture.counts import CAPTURED, DROPPED, LOG_STREAM, NAMESPACE
from endpoints.capture.plan import Plan
from endpoints.models import Endpoint
from endpoints.publish import ROUTABLE

STARTED: Final = "Started"
STOPPED: Final = "Stopped"
#: The time that pages count over.
SPAN_S: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class Shown:
    """Counts are of the last SPAN_S seconds; `problem` is why records were dropped last."""

    config: dict[str, Any]
    status: str
    captured: int
    dropped: int
    problem: str


def status(endpoint: Endpoint) -> str:
    """AWS's CaptureStatus: whether capture is functional now."""
    wanted = Plan.read(endpoint.config.data_capture_config) is not None
    return STARTED if wanted and endpoint.status in ROUTABLE else STOPPED


def shown(endpoint: Endpoint) -> Shown | None:
    """None for an endpoint whose configuration has no data capture."""
    config = endpoint.config.data_capture_config
    if not config:
        return None
    names = set(endpoint.variants.values_list("name", flat=True))
    return Shown(
        config=config,
        status=status(endpoint),
        captured=sum(_sum(endpoint, name, CAPTURED) for name in names),
        dropped=sum(_sum(endpoint, name, DROPPED) for name in names),
        problem=_problem(endpoint),
    )


def _problem(endpoint: Endpoint) -> str:
    account, region = endpoint.team.account_id, endpoint.region
    group = f"/aws/sagemaker/Endpoints/{endpoint.name}"
    since_ms = (time.time() - SPAN_S) * 1000
    said = logs.newest(account, region, group, LOG_STREAM, limit=1)
    return said[0].message if said and said[0].timestamp_ms >= since_ms else ""


def _sum(endpoint: Endpoint, variant: str, name: str) -> int:
    end = int(time.time()) + 1
    dimensions = {"EndpointName": endpoint.name, "VariantName": variant}
    where = (endpoint.team.account_id, endpoint.region, NAMESPACE, name, dimensions)
    return int(metrics.statistic(*where, end - SPAN_S, end, "Sum") or 0)
