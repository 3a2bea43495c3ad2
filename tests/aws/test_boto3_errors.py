"""Wrong input, wrong keys and unknown operations: AWS's codes, and nothing is left behind."""

from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.aws.conftest import ClientOf
from tests.live import Console


def refused(call: Any, **params: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        call(**params)
    return dict(caught.value.response)


def test_an_unknown_endpoint_is_a_validation_exception_with_aws_s_text(sagemaker: Any) -> None:
    answer = refused(sagemaker.describe_endpoint, EndpointName="nowhere")
    assert answer["Error"]["Code"] == "ValidationException"
    assert answer["Error"]["Message"] == (
        'Could not find endpoint "arn:aws:sagemaker:us-east-1:123456789012:endpoint/nowhere".'
    )
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert answer["ResponseMetadata"]["RequestId"]


def test_an_unknown_job_is_a_resource_not_found(sagemaker: Any) -> None:
    answer = refused(sagemaker.describe_inference_recommendations_job, JobName="nothing")
    assert answer["Error"]["Code"] == "ResourceNotFound"


def test_a_bad_name_is_refused_in_aws_s_words_and_nothing_is_created(aws: ClientOf) -> None:
    from botocore.config import Config

    loose = aws("sagemaker", config=Config(parameter_validation=False))
    answer = refused(loose.create_model, ModelName="-not-a-name-", PrimaryContainer={"Image": "x"})
    assert answer["Error"]["Code"] == "ValidationException"
    assert answer["Error"]["Message"].startswith(
        "1 validation error detected: Value '-not-a-name-' at 'modelName' failed to satisfy"
        " constraint: Member must satisfy regular expression pattern: "
    )
    assert not loose.list_models(NameContains="not-a-name")["Models"]


def test_an_operation_we_do_not_have_answers_501_with_its_name(sagemaker: Any) -> None:
    answer = refused(sagemaker.list_notebook_instances)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "ListNotebookInstances" in answer["Error"]["Message"]


def test_a_wrong_secret_is_an_invalid_signature(console: Console, aws: ClientOf) -> None:
    client = aws(
        "sagemaker",
        aws_access_key_id=console.credentials["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key="wrong" * 8,
    )
    answer = refused(client.list_models)
    assert answer["Error"]["Code"] == "InvalidSignatureException"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_an_unknown_key_is_an_unrecognized_client(aws: ClientOf) -> None:
    client = aws("sagemaker", aws_access_key_id="AKIANOBODY", aws_secret_access_key="x" * 40)
    answer = refused(client.list_models)
    assert answer["Error"]["Code"] == "UnrecognizedClientException"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_an_unknown_key_of_the_query_protocol_has_that_protocol_s_code(aws: ClientOf) -> None:
    client = aws("sts", aws_access_key_id="AKIANOBODY", aws_secret_access_key="x" * 40)
    assert refused(client.get_caller_identity)["Error"]["Code"] == "InvalidClientTokenId"


def test_an_unsigned_call_is_told_so_and_never_sees_a_sign_in_page(console: Console) -> None:
    answer = httpx.post(
        f"{console.url}/",
        headers={
            "X-Amz-Target": "SageMaker.ListModels",
            "Content-Type": "application/x-amz-json-1.1",
        },
        content=b"{}",
        trust_env=False,
    )
    assert answer.status_code == 403
    assert answer.json()["__type"].endswith("MissingAuthenticationToken")
