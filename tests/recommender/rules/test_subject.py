"""What a request benchmarks, read with access, and what its parts say."""

import pytest

from consoleapp.accounts.actor import Actor
from recommender.request import JobRequest
from recommender.rules.subject import Subject, resolve
from tests.recommender.asked import PAYLOADS, container_config, make_model, make_package


def ask(**config: object) -> JobRequest:
    return JobRequest({"JobType": "Advanced", "InputConfig": config})


def test_a_package_brings_its_metadata_payload_and_content_type(actor: Actor) -> None:
    package = make_package(
        actor, specification={"SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large"]}
    )
    subject, wrong = resolve(actor, ask(ModelPackageVersionArn=package.arn))
    assert not wrong
    assert subject is not None
    assert (subject.domain, subject.framework) == ("MACHINE_LEARNING", "XGBOOST")
    assert (subject.payload_url, subject.content_type) == (PAYLOADS, "text/csv")
    assert subject.supported_types == ("ml.m5.large",)


def test_the_container_config_wins_over_the_package(actor: Actor) -> None:
    package = make_package(actor)
    config = container_config(Framework="OWN", SupportedInstanceTypes=["ml.c5.large"])
    subject, _ = resolve(actor, ask(ModelPackageVersionArn=package.arn, ContainerConfig=config))
    assert subject is not None
    assert (subject.framework, subject.supported_types) == ("OWN", ("ml.c5.large",))


def test_a_plain_model_is_found_by_name(actor: Actor) -> None:
    model = make_model(actor)
    subject, _ = resolve(actor, ask(ModelName="plain", ContainerConfig=container_config()))
    assert subject is not None
    assert subject.model == model
    assert subject.images == ["inference-console/xgboost:3.2"]


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({}, "InputConfig.ModelName"),
        ({"ModelName": "a", "ModelPackageVersionArn": "b"}, "InputConfig.ModelName"),
        ({"ModelName": "gone"}, "InputConfig.ModelName"),
        ({"ModelPackageVersionArn": "churn/9"}, "InputConfig.ModelPackageVersionArn"),
        ({"Endpoints": [{"EndpointName": "no"}]}, "InputConfig.Endpoints.0.EndpointName"),
    ],
)
def test_what_is_missing_is_named(actor: Actor, config: dict[str, object], field: str) -> None:
    subject, wrong = resolve(actor, ask(**config))
    assert subject is None
    assert [error.field for error in wrong] == [field]


def test_a_strangers_package_does_not_exist(actor: Actor, charlie: Actor) -> None:
    package = make_package(actor)
    _, wrong = resolve(charlie, ask(ModelPackageVersionArn=package.arn))
    assert "does not exist" in wrong[0].message


def test_an_empty_subject_knows_nothing_and_breaks_nothing() -> None:
    empty = Subject()
    assert (empty.images, empty.domain, empty.payload_url, empty.content_type) == ([], "", "", "")
