"""InvokeEndpoint at the public address, in front of a real gateway."""

import asyncio
import hashlib
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import httpx
import pytest
import uvloop
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from consoleapp.aws.sigv4 import day_scoped_keys
from tests.endpoints.gateway.rig import ACCOUNT, REGION, TOKEN, Rig, Seen, answer, variant

KEY_ID, SECRET = "AKIATEST", "a secret"


@pytest.fixture
def gateway_url(settings: Any) -> Iterator[str]:
    """A gateway in a thread, in front of a model that answers with what it got."""
    loop = uvloop.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> Rig:
        rig = Rig()
        await rig.start()
        rig.publish(variant(await rig.model(echo)))
        rig.gateway.keyring.replace({KEY_ID.encode(): json.dumps(published()).encode()})
        return rig

    rig = asyncio.run_coroutine_threadsafe(start(), loop).result(20)
    settings.GATEWAY_URL = f"http://127.0.0.1:{rig.port}"
    yield settings.GATEWAY_URL
    asyncio.run_coroutine_threadsafe(rig.stop(), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def echo(seen: Seen, writer: asyncio.StreamWriter) -> None:
    digest = hashlib.sha256(seen.body).hexdigest().encode()
    body = seen.body if len(seen.body) < 100 else digest
    writer.write(answer(body, 500 if body == b"fail" else 200, Content_Type="text/csv"))


def published() -> dict[str, Any]:
    days = [f"{datetime.now(UTC):%Y%m%d}"]
    keys = day_scoped_keys(SECRET, days=days, regions=[REGION])
    return {"account": ACCOUNT, "signing_keys": keys}


def runtime(url: str) -> Any:
    return boto3.client(
        "sagemaker-runtime",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET,
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_a_signed_call_passes_with_its_signature_whole(web_url: str, gateway_url: str) -> None:
    found = runtime(web_url).invoke_endpoint(
        EndpointName="ep", Body=b"1,2", ContentType="text/csv", Accept="application/json"
    )
    assert found["Body"].read() == b"1,2"
    assert found["InvokedProductionVariant"] == "v1"
    assert found["ContentType"] == "text/csv"


def test_a_large_body_passes(web_url: str, gateway_url: str) -> None:
    body = bytes(range(256)) * 20_000
    found = runtime(web_url).invoke_endpoint(EndpointName="ep", Body=body)
    assert found["Body"].read() == hashlib.sha256(body).hexdigest().encode()


def test_errors_come_back_as_the_gateway_said_them(web_url: str, gateway_url: str) -> None:
    client = runtime(web_url)
    with pytest.raises(client.exceptions.ModelError) as caught:
        client.invoke_endpoint(EndpointName="ep", Body=b"fail")
    assert caught.value.response["OriginalStatusCode"] == 500
    with pytest.raises(client.exceptions.ValidationError):
        client.invoke_endpoint(EndpointName="none", Body=b"x")


def test_a_response_stream_passes(web_url: str, gateway_url: str) -> None:
    found = runtime(web_url).invoke_endpoint_with_response_stream(EndpointName="ep", Body=b"abc")
    assert not isinstance(found["Body"], StreamingBody)
    assert [event["PayloadPart"]["Bytes"] for event in found["Body"]] == [b"abc"]


def test_an_unsigned_call_is_refused_by_awss_error(web_url: str, gateway_url: str) -> None:
    found = httpx.post(f"{web_url}/endpoints/ep/invocations", content=b"x")
    assert found.status_code == 403
    assert found.headers["x-amzn-errortype"] == "MissingAuthenticationToken"


def test_the_consoles_own_token_opens_nothing_from_outside(web_url: str, gateway_url: str) -> None:
    headers = {
        "X-Console-Token": TOKEN,
        "X-Console-Account": ACCOUNT,
        "X-Console-Region": REGION,
    }
    inside = httpx.post(f"{gateway_url}/endpoints/ep/invocations", headers=headers, content=b"x")
    assert inside.status_code == 200
    outside = httpx.post(f"{web_url}/endpoints/ep/invocations", headers=headers, content=b"x")
    assert outside.status_code == 403


def test_a_gateway_that_is_away_is_said_so(web_url: str, settings: Any) -> None:
    settings.GATEWAY_URL = "http://127.0.0.1:9"
    with pytest.raises(ClientError) as caught:
        runtime(web_url).invoke_endpoint(EndpointName="ep", Body=b"x")
    assert caught.value.response["Error"]["Code"] == "ServiceUnavailable"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
