"""The process itself, as a copy runs it: real Redis, real boto3, real signals."""

import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
import redis
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from consoleapp.aws.sigv4 import day_scoped_keys
from endpoints.gateway.refusals import BODY_LIMIT
from tests.endpoints.gateway.rig import ACCOUNT, REGION, TOKEN
from tests.services import free_port

KEY_ID, SECRET = "AKIATEST", "a secret"


class _Model(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked = threading.Event()
    release = threading.Event()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        said = {b"fail": 500, b"refuse": 400}.get(body, 200)
        self.send_response(said)
        self.send_header("Content-Type", "text/csv")
        attributes = self.headers.get("X-Amzn-SageMaker-Custom-Attributes")
        if attributes:
            self.send_header("X-Amzn-SageMaker-Custom-Attributes", attributes)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if body == b"slow":
            self.asked.set()
            self.release.wait(20)
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def model() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Model)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def running(redis_url: str, state: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    url = f"http://127.0.0.1:{free_port()}"
    environment = {
        **os.environ,
        "GATEWAY_URL": url,
        "REDIS_URL": redis_url,
        "GATEWAY_TOKEN": TOKEN,
        "STATE_DIR": str(state),
        "INGEST_ADDRESS": f"127.0.0.1:{free_port()}",
    }
    process = subprocess.Popen([sys.executable, "-m", "endpoints.gateway"], env=environment)
    try:
        _wait(lambda: httpx.get(f"{url}/health", trust_env=False).status_code == 200)
        yield url, process
    finally:
        process.kill()
        process.wait()


def _wait(look: Any) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            if look():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.02)
    raise AssertionError("the gateway did not come up")


def _refuses(url: str) -> bool:
    """Whether it takes no new connections any more."""
    host, port = url.removeprefix("http://").split(":")
    try:
        socket.create_connection((host, int(port)), 1).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.fixture
def gateway(redis_url: str, model: int, tmp_path: Path) -> Iterator[str]:
    publish(redis_url, model)
    with running(redis_url, tmp_path) as (url, _):
        yield url


def publish(redis_url: str, port: int) -> None:
    days = [f"{datetime.now(UTC) + timedelta(days=shift):%Y%m%d}" for shift in (-1, 0, 1)]
    keys = day_scoped_keys(SECRET, days=days, regions=[REGION])
    instance = {"name": "i", "host": "127.0.0.1", "port": port}
    route = {
        "account": ACCOUNT,
        "region": REGION,
        "endpoint": "ep",
        "variants": [{"name": "v1", "weight": 1, "instances": [instance]}],
    }
    with redis.Redis.from_url(redis_url) as client:
        client.hset("gateway:routes", f"{ACCOUNT}/{REGION}/ep", json.dumps(route))
        key = {"account": ACCOUNT, "signing_keys": keys}
        client.hset("gateway:keys", KEY_ID, json.dumps(key))
        client.incr("gateway:revision")


def runtime(url: str, *, key_id: str = KEY_ID, secret: str = SECRET, **config: Any) -> Any:
    return boto3.client(
        "sagemaker-runtime",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}, **config),
    )


def test_boto3_invokes_an_endpoint(gateway: str) -> None:
    found = runtime(gateway).invoke_endpoint(
        EndpointName="ep", Body=b"1,2", ContentType="text/csv", CustomAttributes="a=b"
    )
    assert found["Body"].read() == b"1,2"
    assert found["ContentType"] == "text/csv"
    assert found["InvokedProductionVariant"] == "v1"
    assert found["CustomAttributes"] == "a=b"


def test_boto3_reads_a_response_stream(gateway: str) -> None:
    found = runtime(gateway).invoke_endpoint_with_response_stream(EndpointName="ep", Body=b"abc")
    assert [event["PayloadPart"]["Bytes"] for event in found["Body"]] == [b"abc"]
    assert found["ContentType"] == "text/csv"


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        ({"EndpointName": "none"}, "ValidationError", 400),
        ({"EndpointName": "ep", "TargetVariant": "v2"}, "ValidationError", 400),
        ({"EndpointName": "ep", "Body": b"fail"}, "ModelError", 424),
        ({"EndpointName": "ep", "Body": b"refuse"}, "ModelError", 424),
        (
            {"EndpointName": "ep", "Body": bytes(BODY_LIMIT + 1)},
            "RequestEntityTooLargeException",
            413,
        ),
    ],
)
def test_boto3_understands_every_refusal(
    gateway: str, arguments: dict[str, Any], code: str, status: int
) -> None:
    with pytest.raises(ClientError) as caught:
        runtime(gateway).invoke_endpoint(**{"Body": b"x", **arguments})
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_boto3_gets_the_models_own_status_and_words(gateway: str) -> None:
    client = runtime(gateway)
    with pytest.raises(client.exceptions.ModelError) as caught:
        client.invoke_endpoint(EndpointName="ep", Body=b"refuse")
    assert caught.value.response["OriginalStatusCode"] == 400
    assert caught.value.response["OriginalMessage"] == "refuse"
    assert caught.value.response["LogStreamArn"].endswith("/aws/sagemaker/Endpoints/ep")


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"secret": "wrong"}, "InvalidSignatureException"),
        ({"key_id": "AKIANOBODY"}, "UnrecognizedClientException"),
        ({"signature_version": UNSIGNED}, "MissingAuthenticationToken"),
    ],
)
def test_who_cannot_prove_who_they_are_is_refused(
    gateway: str, how: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as caught:
        runtime(gateway, **how).invoke_endpoint(EndpointName="ep", Body=b"x")
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_asynchronous_invocation_says_it_is_not_there_yet(gateway: str) -> None:
    with pytest.raises(ClientError) as caught:
        runtime(gateway).invoke_endpoint_async(EndpointName="ep", InputLocation="s3://b/k")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_it_ends_what_is_in_flight_when_it_is_asked_to_stop(
    redis_url: str, model: int, tmp_path: Path
) -> None:
    publish(redis_url, model)
    with running(redis_url, tmp_path) as (url, process):
        answers: list[bytes] = []

        def invoke() -> None:
            found = runtime(url).invoke_endpoint(EndpointName="ep", Body=b"slow")
            answers.append(found["Body"].read())

        thread = threading.Thread(target=invoke)
        thread.start()
        assert _Model.asked.wait(20)
        process.send_signal(signal.SIGTERM)
        _wait(lambda: _refuses(url))
        _Model.release.set()
        thread.join(20)
        assert answers == [b"slow"]
        assert process.wait(20) == 0


def test_it_imports_no_framework() -> None:
    check = (
        "import sys, endpoints.gateway.__main__;"
        "bad = {'django', 'rest_framework', 'celery', 'boto3', 'botocore'} & set(sys.modules);"
        "sys.exit(f'{bad}' if bad else 0)"
    )
    subprocess.run([sys.executable, "-c", check], check=True)
