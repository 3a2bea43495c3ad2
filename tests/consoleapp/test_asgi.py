"""Who answers what at the public address."""

from typing import Any, cast

import httpx
import pytest
from asgiref.typing import HTTPScope

from consoleapp import asgi, invocations
from consoleapp.aws import dispatch
from consoleapp.storage import passthrough

SIGNED = "AWS4-HMAC-SHA256 Credential=AKIA/20261120/us-east-1/{}/aws4_request, SignedHeaders=host"


def scope(method: str, path: str, query: str = "", **headers: str) -> HTTPScope:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return cast(
        HTTPScope,
        {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": pairs,
        },
    )


@pytest.mark.parametrize(
    "action", ["invocations", "invocations-response-stream", "async-invocations"]
)
def test_invocations_go_to_the_gateway_signed_or_not(action: str) -> None:
    path = f"/endpoints/ep/{action}"
    assert asgi.door(scope("POST", path)) is invocations.handle
    signed = SIGNED.format("sagemaker")
    assert asgi.door(scope("POST", path, authorization=signed)) is invocations.handle


def test_s3_is_told_by_its_credential_scope() -> None:
    assert asgi.door(scope("GET", "/", authorization=SIGNED.format("s3"))) is passthrough.handle
    older = scope("GET", "/bucket", authorization="AWS AKIA:c2ln")
    assert asgi.door(older) is passthrough.handle
    presigned = (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20261120%2Fr%2Fs3%2Faws4_request"
    )
    assert asgi.door(scope("GET", "/bucket/key", presigned)) is passthrough.handle


@pytest.mark.parametrize("service", ["sagemaker", "sts", "monitoring", "logs"])
def test_other_signed_calls_are_the_control_planes(service: str) -> None:
    signed = SIGNED.format(service)
    assert asgi.door(scope("POST", "/", authorization=signed)) is dispatch.handle


@pytest.mark.parametrize(
    "headers",
    [
        {"x_amz_target": "SageMaker.ListModels"},
        {"smithy_protocol": "rpc-v2-cbor"},
        {"content_type": "application/x-www-form-urlencoded"},
        {},
    ],
)
def test_an_unsigned_call_is_still_awss(headers: dict[str, str]) -> None:
    assert asgi.door(scope("POST", "/", **headers)) is dispatch.handle


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/console/"),
        ("POST", "/console/sign-in"),
        ("POST", "/api/v1/jobs"),
        ("GET", "/endpoints/ep"),
        ("POST", "/endpoints/a/b/invocations"),
    ],
)
def test_the_rest_is_peoples(method: str, path: str) -> None:
    assert asgi.door(scope(method, path)) is asgi._people
    token = scope(method, path, authorization="Token abc")
    assert asgi.door(token) is asgi._people


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", {"X-Amz-Target": "SageMaker.ListModels"}),
        ("/", {"Content-Type": "application/x-www-form-urlencoded"}),
    ],
)
def test_an_unsigned_aws_call_never_sees_a_login_page(
    web_url: str, path: str, headers: dict[str, str]
) -> None:
    body = "Action=GetCallerIdentity&Version=2011-06-15" if len(headers) else ""
    found = httpx.post(web_url + path, headers=headers, content=body)
    assert found.status_code == 403
    assert "MissingAuthenticationToken" in found.text
    assert "location" not in found.headers


def test_people_get_pages(web_url: str) -> None:
    found = httpx.get(f"{web_url}/console/", follow_redirects=False)
    assert (found.status_code, found.headers["location"][:16]) == (302, "/console/sign-in")


async def test_a_websocket_is_closed() -> None:
    said: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(event: Any) -> None:
        said.append(event)

    await asgi.application(cast(Any, {"type": "websocket"}), receive, send)
    assert [event["type"] for event in said] == ["websocket.close"]
