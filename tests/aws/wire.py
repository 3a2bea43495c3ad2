"""Signed requests in a protocol of one's choice: as older SDKs, and other languages', send them."""

from typing import Any

import httpx
from botocore import parsers, serialize
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from consoleapp.aws import services

#: The name a service signs with where it is not its own.
SIGNED_AS = {"cloudwatch": "monitoring"}


def signed(
    credentials: dict[str, str],
    service: str,
    operation: str,
    params: dict[str, Any],
    *,
    protocol: str = "json",
) -> AWSRequest:
    """The request that botocore's own serialiser of this protocol makes."""
    serializer = serialize.create_serializer(protocol, include_validation=False)
    told = serializer.serialize_to_request(
        params, services.model(service).operation_model(operation)
    )
    body = told["body"]
    if isinstance(body, dict):
        body = httpx.QueryParams(body).__str__().encode()
    return sign(
        credentials,
        service,
        path=told["url_path"],
        headers=dict(told["headers"]),
        body=body.encode() if isinstance(body, str) else body,
    )


def sign(
    credentials: dict[str, str], service: str, *, path: str, headers: dict[str, str], body: bytes
) -> AWSRequest:
    url = credentials["AWS_ENDPOINT_URL"] + path
    request = AWSRequest("POST", url, headers=headers, data=body)
    keys = Credentials(credentials["AWS_ACCESS_KEY_ID"], credentials["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(keys, SIGNED_AS.get(service, service), credentials["AWS_DEFAULT_REGION"]).add_auth(
        request
    )
    return request


def call(
    credentials: dict[str, str],
    service: str,
    operation: str,
    params: dict[str, Any],
    *,
    protocol: str,
) -> dict[str, Any]:
    """The answer as botocore's own parser of this protocol reads it, errors too."""
    request = signed(credentials, service, operation, params, protocol=protocol)
    answer = httpx.post(
        request.url,
        headers=dict(request.headers),
        content=request.data,
        trust_env=False,
        timeout=30,
    )
    shape = services.model(service).operation_model(operation).output_shape
    told = {
        "status_code": answer.status_code,
        "headers": answer.headers,
        "body": answer.content,
        "context": {"operation_name": operation},
    }
    return dict(parsers.create_parser(protocol).parse(told, shape))
