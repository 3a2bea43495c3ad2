"""The data capture of an endpoint on its page, in REST and in AWS's summary."""

import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consoleapp.accounts.actor import Actor
from consoleapp.metrics import logs
from endpoints import services
from endpoints.aws.endpoints import describe_endpoint
from endpoints.capture.counts import CAPTURED, DROPPED, LOG_STREAM, NAMESPACE
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Endpoint, EndpointConfig
from tests.consoleapp.metrics.samples import make_sample, store
from tests.endpoints.build import IMAGE, make_endpoint, published, serve, settle
from tests.endpoints.capture.test_plan import config

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "metrics"])


def capturing(actor: Actor, **changes: Any) -> Endpoint:
    endpoint = make_endpoint(actor, "e")
    EndpointConfig.objects.update(data_capture_config=config(**changes))
    settle(endpoint)
    return endpoint


def counted(name: str, count: int) -> None:
    dimensions = {"EndpointName": "e", "VariantName": "v1"}
    store(
        make_sample(
            [float(count)],
            name=name,
            namespace=NAMESPACE,
            second=int(time.time()) - 60,
            dimensions=dimensions,
        )
    )


def section(client: Client) -> str:
    answer = client.get(reverse("endpoints:capture", args=["e"]))
    assert answer.status_code == 200
    return answer.content.decode()


def summary(actor: Actor) -> Any:
    return describe_endpoint(actor, {"EndpointName": "e"})["DataCaptureConfig"]


def test_the_page_says_where_to_how_much_and_what_was_lost(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    capturing(actor)
    counted(CAPTURED, 40)
    counted(DROPPED, 2)
    logs.append(
        actor.account_id, actor.region, "/aws/sagemaker/Endpoints/e", LOG_STREAM, "2 were dropped"
    )
    shown = section(alice_client)
    for words in ("s3://bucket/captured", "20%", "Input, Output", ">40<", ">2<", "2 were dropped"):
        assert words in shown
    assert "/console/storage/bucket/?prefix=captured%2Fe%2F" in shown
    assert (
        shown.strip() in alice_client.get(reverse("endpoints:detail", args=["e"])).content.decode()
    )


def test_an_endpoint_without_capture_has_no_such_section(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    serve(actor, "e")
    assert section(alice_client).strip() == ""
    assert summary(actor) is None


def test_a_stranger_finds_no_capture(
    charlie_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    capturing(actor)
    assert charlie_client.get(reverse("endpoints:capture", args=["e"])).status_code == 404


def test_capture_is_started_while_the_endpoint_serves(actor: Actor, fake: FakeRunner) -> None:
    endpoint = make_endpoint(actor, "e")
    EndpointConfig.objects.update(data_capture_config=config())
    assert summary(actor)["CaptureStatus"] == "Stopped"
    settle(endpoint)
    assert summary(actor) == {
        "EnableCapture": True,
        "CaptureStatus": "Started",
        "CurrentSamplingPercentage": 20,
        "DestinationS3Uri": "s3://bucket/captured",
        "KmsKeyId": "",
    }


def test_a_capture_that_is_disabled_is_stopped_and_gateways_hear_nothing_of_it(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = capturing(actor, EnableCapture=False)
    told = summary(actor)
    assert (told["EnableCapture"], told["CaptureStatus"]) == (False, "Stopped")
    routes = published(endpoint)
    assert routes is not None
    assert "capture" not in routes["variants"][0]


def test_gateways_are_told_what_to_capture(actor: Actor, fake: FakeRunner) -> None:
    routes = published(capturing(actor))
    assert routes is not None
    assert routes["variants"][0]["capture"] == config()


def test_rest_asks_for_capture_and_tells_of_it(
    alice_client: Client, actor: Actor, fake: FakeRunner
) -> None:
    services.create_model(actor, name="m", primary_container={"Image": IMAGE})
    variant = {"name": "v1", "model_name": "m", "instance_type": "ml.c5.large"}
    wanted = {"name": "c", "variants": [variant], "data_capture_config": config()}
    made = alice_client.post("/api/v1/endpoint-configs", wanted, content_type="application/json")
    assert made.status_code == 201
    assert made.json()["data_capture_config"] == config()
    services.create_endpoint(actor, name="e", config_name="c")
    told = alice_client.get("/api/v1/endpoints/e").json()["data_capture"]
    assert told == {
        "status": "Stopped",
        "config": config(),
        "captured": 0,
        "dropped": 0,
        "problem": "",
    }
    wanted["data_capture_config"] = config(DestinationS3Uri="nowhere")
    refused = alice_client.post("/api/v1/endpoint-configs", wanted, content_type="application/json")
    assert (refused.status_code, refused.json()["field"]) == (
        400,
        "DataCaptureConfig.DestinationS3Uri",
    )
