"""What must be known of a model, with AWS's own messages."""

import gzip
from typing import Any

import pytest
from django.test import override_settings

from consoleapp.accounts.actor import Actor
from consoleapp.storage import s3
from consoleapp.storage.buckets import default_bucket
from endpoints.models import Endpoint, EndpointConfig, Variant
from recommender.request import JobRequest
from recommender.rules.model import problems
from recommender.rules.subject import resolve
from tests.endpoints.build import make_config, make_endpoint
from tests.object_store import ObjectStore
from tests.recommender.asked import PAYLOADS, container_config, make_model, make_package

CONTAINER = "InputConfig.ContainerConfig"
URL = f"{CONTAINER}.PayloadConfig.SamplePayloadUrl"
ENDPOINT = "InputConfig.Endpoints.0.EndpointName"


def found(actor: Actor, job_type: str = "Advanced", **config: Any) -> dict[str, str]:
    request = JobRequest({"JobType": job_type, "InputConfig": config})
    subject, wrong = resolve(actor, request)
    assert subject is not None, wrong
    return {error.field: error.message for error in problems(actor, request, subject)}


def payload(url: str, content_type: str = "text/csv") -> dict[str, Any]:
    return container_config(
        PayloadConfig={"SamplePayloadUrl": url, "SupportedContentTypes": [content_type]}
    )


def test_a_complete_package_passes(actor: Actor) -> None:
    assert found(actor, ModelPackageVersionArn=make_package(actor).arn) == {}


def test_a_package_without_a_domain_is_refused_in_awss_words(actor: Actor) -> None:
    package = make_package(actor, Domain="")
    assert found(actor, ModelPackageVersionArn=package.arn)[f"{CONTAINER}.Domain"] == (
        "Specify Domain in the Model Package version 1."
        " Domain is a mandatory parameter for the job."
    )


def test_a_package_without_a_framework_is_refused_likewise(actor: Actor) -> None:
    package = make_package(
        actor, specification={"Containers": [{"Image": "inference-console/xgboost:3.2"}]}
    )
    message = found(actor, ModelPackageVersionArn=package.arn)[f"{CONTAINER}.Framework"]
    assert message.startswith("Specify Framework in the Model Package version 1.")


def test_an_unknown_image_is_refused_with_what_is_served(actor: Actor) -> None:
    model = make_model(actor, Image="registry.example.com/mine:1")
    errors = found(actor, ModelName=model.name, ContainerConfig=container_config())
    assert "inference-console/xgboost" in errors["InputConfig.ModelName"]


def test_payload_and_content_type_are_asked_for(actor: Actor) -> None:
    model = make_model(actor)
    errors = found(actor, ModelName=model.name)
    assert set(errors) == {URL, f"{CONTAINER}.PayloadConfig.SupportedContentTypes"}


def test_an_address_of_another_kind_is_refused(actor: Actor) -> None:
    package = make_package(actor, SamplePayloadUrl="ftp://example.com/rows.tar.gz")
    assert "neither an s3:// nor" in found(actor, ModelPackageVersionArn=package.arn)[URL]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254", "[::1]:8443"])
def test_an_address_inside_is_refused_before_any_job(actor: Actor, host: str) -> None:
    make_model(actor)
    config = {"ModelName": "plain", "ContainerConfig": payload(f"https://{host}/rows.tar.gz")}
    assert "loopback, link-local, private" in found(actor, **config)[URL]
    with override_settings(ALLOW_PRIVATE_PAYLOAD_ADDRESSES=True):
        assert found(actor, **config) == {}


def test_a_bucket_that_is_not_there_is_told(actor: Actor) -> None:
    model = make_model(actor)
    errors = found(actor, ModelName=model.name, ContainerConfig=payload("s3://nowhere/rows.tar.gz"))
    assert errors[URL] == "Could not find anything at s3://nowhere/rows.tar.gz."


def test_an_object_is_looked_for_in_the_teams_own_buckets(
    actor: Actor, charlie: Actor, object_store: ObjectStore
) -> None:
    url = f"s3://{default_bucket(actor)}/rows.tar.gz"
    s3.put_bytes(actor, url, gzip.compress(b"rows"))
    for each in (actor, charlie):
        make_model(each)
    config = {"ModelName": "plain", "ContainerConfig": payload(url)}
    assert found(actor, **config) == {}
    assert found(charlie, **config)[URL] == f"Could not find anything at {url}."


@pytest.mark.parametrize("content", [b"1,2,3\n" * 100, b""])
def test_what_is_no_archive_is_refused_before_any_job(
    actor: Actor, object_store: ObjectStore, content: bytes
) -> None:
    url = f"s3://{default_bucket(actor)}/rows.tar.gz"
    s3.put_bytes(actor, url, content)
    make_model(actor)
    errors = found(actor, ModelName="plain", ContainerConfig=payload(url))
    assert (
        errors[URL] == f"{url} is not a .tar.gz archive: its content is not compressed with gzip."
    )


def test_a_store_that_is_away_is_no_crash(actor: Actor, object_store: ObjectStore) -> None:
    url = f"s3://{default_bucket(actor)}/rows.tar.gz"
    make_model(actor)
    config = {"ModelName": "plain", "ContainerConfig": payload(url)}
    with override_settings(S3_ENDPOINT_URL="http://127.0.0.1:9"):
        assert "does not answer now" in found(actor, **config)[URL]


def test_serverless_only_models_are_refused_with_the_reason(actor: Actor) -> None:
    make_model(actor)
    config = container_config(SupportedEndpointType="Serverless")
    errors = found(actor, ModelName="plain", ContainerConfig=config)
    assert "not available on this console yet" in errors[f"{CONTAINER}.SupportedEndpointType"]


def test_a_specification_the_package_lacks_is_refused_with_those_it_has(actor: Actor) -> None:
    extra = {"Name": "compiled", "Containers": [{"Image": "inference-console/xgboost:3.2"}]}
    package = make_package(actor, AdditionalInferenceSpecifications=[extra])
    configurations = [
        {"InstanceType": "ml.c5.large", "InferenceSpecificationName": name}
        for name in ("compiled", "other")
    ]
    errors = found(actor, ModelPackageVersionArn=package.arn, EndpointConfigurations=configurations)
    field = "InputConfig.EndpointConfigurations.1.InferenceSpecificationName"
    assert errors == {
        field: "The model package has no inference specification named other. It has: compiled."
    }


def brought(actor: Actor, name: str = "e") -> dict[str, str]:
    return found(actor, Endpoints=[{"EndpointName": name}], ContainerConfig=payload(PAYLOADS))


def test_an_endpoint_must_be_in_service(actor: Actor) -> None:
    make_endpoint(actor)
    assert brought(actor) == {ENDPOINT: "Endpoint e is Creating; it must be InService."}


def test_an_endpoint_in_service_with_one_variant_passes(actor: Actor) -> None:
    endpoint = make_endpoint(actor)
    Endpoint.objects.filter(pk=endpoint.pk).update(status="InService")
    assert brought(actor) == {}


def test_an_endpoint_of_two_variants_is_refused(actor: Actor) -> None:
    endpoint = make_endpoint(actor, variants=2)
    Endpoint.objects.filter(pk=endpoint.pk).update(status="InService")
    assert "has 2 variants" in brought(actor)[ENDPOINT]


def test_an_asynchronous_endpoint_is_refused(actor: Actor) -> None:
    endpoint = make_endpoint(actor)
    Endpoint.objects.filter(pk=endpoint.pk).update(status="InService")
    EndpointConfig.objects.update(async_inference_config={"OutputConfig": {}})
    assert "is not real-time" in brought(actor)[ENDPOINT]


def test_a_multi_model_endpoint_is_refused(actor: Actor) -> None:
    make_config(actor)
    endpoint = make_endpoint(actor)
    Endpoint.objects.filter(pk=endpoint.pk).update(status="InService")
    model = Variant.objects.get(endpoint=endpoint).model
    type(model).objects.filter(pk=model.pk).update(
        primary_container={"Image": "inference-console/xgboost:3.2", "Mode": "MultiModel"}
    )
    assert "multi-model" in brought(actor)[ENDPOINT]
