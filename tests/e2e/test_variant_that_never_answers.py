"""A container whose /ping is never answered: the endpoint fails, and says why."""

import uuid

import boto3
import pytest

from endpoints.samples import archives
from tests.e2e import variants
from tests.live import Console, wait_for

pytestmark = pytest.mark.e2e
_SCRIPT = b"""
import time


def model_fn(folder):
    print("waiting for the licence server", flush=True)
    time.sleep(3600)
"""


def test_it_fails_with_the_reason_and_its_last_log_lines(console: Console) -> None:
    name = f"never-{uuid.uuid4().hex[:8]}"
    _make_model(console, name)
    variants.make_config(
        console, name, AllTraffic={"model_name": name, "health_check_timeout_s": 60}
    )
    console.post("/endpoints", {"name": name, "config_name": name})

    def failed() -> dict[str, str] | None:
        found = console.get(f"/endpoints/{name}")
        return found if found["status"] == "Failed" else None

    reason = wait_for("the endpoint to fail", failed, timeout_s=150)["failure_reason"]
    assert "The primary container for production variant AllTraffic did not pass the ping" in reason
    assert "health check within 60 s" in reason
    assert "Last log lines:" in reason
    assert "waiting for the licence server" in reason
    browser = console.browser_session()
    page = browser.get(f"/console/endpoints/{name}").text
    browser.close()
    assert "The endpoint failed" in page
    assert "waiting for the licence server" in page
    variants.delete(console, name)


def _make_model(console: Console, name: str) -> None:
    keys = console.credentials
    s3 = boto3.client(
        "s3",
        endpoint_url=console.url,
        region_name=keys["AWS_DEFAULT_REGION"],
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
    )
    bucket = "sagemaker-us-east-1-123456789012"
    s3.put_object(
        Bucket=bucket,
        Key=f"{name}/model.tar.gz",
        Body=archives.tar_gz({"code/inference.py": _SCRIPT}),
    )
    console.post(
        "/models",
        {
            "name": name,
            "primary_container": {
                "Image": "inference-console/sklearn:1.9",
                "ModelDataUrl": f"s3://{bucket}/{name}/model.tar.gz",
            },
        },
    )
