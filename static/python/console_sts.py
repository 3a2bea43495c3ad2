"""Import this before you use the SageMaker Python SDK v2 with an inference console.

The SDK asks STS at AWS's own address whatever AWS_ENDPOINT_URL says, so `default_bucket()` and
`get_execution_role()` would go to AWS. This sends them where everything else goes.
"""

import os

import sagemaker.session
import sagemaker.utils


def _sts_endpoint(region: str) -> str:
    return os.environ.get("AWS_ENDPOINT_URL_STS") or os.environ["AWS_ENDPOINT_URL"]


sagemaker.utils.sts_regional_endpoint = _sts_endpoint
sagemaker.session.sts_regional_endpoint = _sts_endpoint
