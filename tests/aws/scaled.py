"""An endpoint of one variant whose instances are counted, for the tests of scaling."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_SAMPLE = "breast-cancer-xgboost-small"


@contextmanager
def served(sagemaker: Any) -> Iterator[str]:
    """The name of an endpoint that is in service with one instance."""
    name = f"as-{uuid.uuid4().hex[:8]}"
    sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[
            {
                "VariantName": "v1",
                "ModelName": _SAMPLE,
                "InstanceType": "ml.c5.large",
                "InitialInstanceCount": 1,
            }
        ],
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.get_waiter("endpoint_in_service").wait(
        EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 240}
    )
    yield name
    sagemaker.delete_endpoint(EndpointName=name)
    sagemaker.delete_endpoint_config(EndpointConfigName=name)


def where(endpoint: str, variant: str = "v1") -> dict[str, str]:
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint}/variant/{variant}",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }


def counts(sagemaker: Any, endpoint: str) -> tuple[int, int, str]:
    told = sagemaker.describe_endpoint(EndpointName=endpoint)
    (variant,) = told["ProductionVariants"]
    return (
        variant["CurrentInstanceCount"],
        variant["DesiredInstanceCount"],
        told["EndpointStatus"],
    )
