"""How many records were captured and lost, as samples of the metrics store. Pure."""

from typing import Final

from consoleapp.metrics.line import Sample
from endpoints.capture.spool import Place

NAMESPACE: Final = "/aws/sagemaker/Endpoints"
#: Records that are in S3.
CAPTURED: Final = "DataCaptureRecords"
#: Records that were to be captured and are lost.
DROPPED: Final = "DataCaptureDropped"
#: Where an endpoint's log group says what could not be delivered, and why.
LOG_STREAM: Final = "data-capture"


def counted(place: Place, name: str, count: int, second: int) -> Sample:
    dimensions = {"EndpointName": place.endpoint, "VariantName": place.variant}
    return Sample(
        account=place.account,
        region=place.region,
        namespace=NAMESPACE,
        name=name,
        dimensions=dimensions,
        second=second,
        count=1,
        total=count,
        minimum=count,
        maximum=count,
        unit="Count",
    )
