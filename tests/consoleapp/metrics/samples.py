"""Plain functions that make samples for the metrics' tests."""

import time
from collections.abc import Iterable

from consoleapp.metrics.buffer import Buffer
from consoleapp.metrics.line import Sample
from consoleapp.metrics.sketch import Sketch
from consoleapp.metrics.store import SeriesIds, write

ACCOUNT = "123456789012"
REGION = "us-east-1"
DIMENSIONS = {"EndpointName": "churn", "VariantName": "A"}
ADDRESS = (ACCOUNT, REGION, "AWS/SageMaker")


def make_sample(
    values: Iterable[float] = (1.0,),
    *,
    second: int | None = None,
    name: str = "ModelLatency",
    dimensions: dict[str, str] | None = None,
    sketched: bool = True,
    account: str = ACCOUNT,
    namespace: str = "AWS/SageMaker",
) -> Sample:
    seen = list(values)
    sketch = Sketch() if sketched else None
    for value in seen if sketch is not None else ():
        sketch.add(value)
    return Sample(
        account=account,
        region=REGION,
        namespace=namespace,
        name=name,
        dimensions=DIMENSIONS if dimensions is None else dimensions,
        second=int(time.time()) if second is None else second,
        count=len(seen),
        total=sum(seen),
        minimum=min(seen),
        maximum=max(seen),
        unit="Microseconds",
        sketch=sketch,
    )


def store(*samples: Sample) -> None:
    """Writes samples as the ingest does."""
    buffer = Buffer()
    buffer.add_all(samples)
    write(*buffer.take(), SeriesIds())
