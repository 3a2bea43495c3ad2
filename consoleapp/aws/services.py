"""botocore's service models: the schema of record, read once and kept."""

from functools import lru_cache
from typing import Final

from botocore.loaders import Loader
from botocore.model import OperationModel, OperationNotFoundError, ServiceModel

#: X-Amz-Target's first word (and the CBOR path's service) -> service.
BY_TARGET: Final = {
    "SageMaker": "sagemaker",
    "GraniteServiceVersion20100801": "cloudwatch",
    "Logs_20140328": "logs",
    "AnyScaleFrontendService": "application-autoscaling",
}
#: The query protocol's Version -> service.
BY_VERSION: Final = {
    "2010-08-01": "cloudwatch",
    "2010-03-31": "sns",
    "2011-06-15": "sts",
    "2010-05-08": "iam",
}
SERVICES: Final = tuple(sorted({*BY_TARGET.values(), *BY_VERSION.values()}))


@lru_cache
def model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


@lru_cache(maxsize=1024)
def operation(service: str, name: str) -> OperationModel | None:
    """The operation's model, or None where AWS has no such operation either."""
    try:
        return model(service).operation_model(name)
    except OperationNotFoundError:
        return None
