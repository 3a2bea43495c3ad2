"""Endpoint configurations on the wire: told as sent, so that who compares finds no drift."""

from typing import Any

import pytest

from consoleapp.accounts import tags
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError
from endpoints import services
from endpoints.aws import configs
from endpoints.models import EndpointConfig
from endpoints.specs import VariantSpec
from tests.endpoints.build import IMAGE

VARIANT = {
    "VariantName": "v1",
    "ModelName": "m",
    "InstanceType": "ml.c5.large",
    "InitialInstanceCount": 2,
    "InitialVariantWeight": 0.5,
}


@pytest.fixture(autouse=True)
def model(actor: Actor) -> None:
    services.create_model(actor, name="m", primary_container={"Image": IMAGE})


def create(actor: Actor, *variants: dict[str, Any], **members: Any) -> dict[str, Any]:
    sent = {"EndpointConfigName": "c", "ProductionVariants": list(variants or [VARIANT])}
    configs.create_endpoint_config(actor, {**sent, **members})
    return configs.describe_endpoint_config(actor, {"EndpointConfigName": "c"})


def present(members: dict[str, Any]) -> dict[str, Any]:
    """As it goes out: None is left away."""
    return {name: value for name, value in members.items() if value is not None}


def test_a_variant_is_told_as_it_was_sent(actor: Actor) -> None:
    (told,) = create(actor)["ProductionVariants"]
    assert present(told) == VARIANT


@pytest.mark.parametrize("seconds", [60, 240, 600])
def test_a_timeout_is_told_when_it_was_sent_be_it_the_default(actor: Actor, seconds: int) -> None:
    sent = {
        **VARIANT,
        "ContainerStartupHealthCheckTimeoutInSeconds": seconds,
        "ModelDataDownloadTimeoutInSeconds": seconds,
    }
    (told,) = create(actor, sent)["ProductionVariants"]
    assert present(told) == sent


def test_a_timeout_of_another_door_is_told_too(actor: Actor) -> None:
    spec = VariantSpec(
        name="v", model_name="m", instance_type="ml.c5.large", health_check_timeout_s=60
    )
    services.create_endpoint_config(actor, name="rest", variants=[spec])
    told = configs.describe_endpoint_config(actor, {"EndpointConfigName": "rest"})
    variant = present(told["ProductionVariants"][0])
    assert variant["ContainerStartupHealthCheckTimeoutInSeconds"] == 60
    assert "ModelDataDownloadTimeoutInSeconds" not in variant


def test_weight_and_count_that_were_not_sent_are_aws_s_defaults(actor: Actor) -> None:
    few = {name: VARIANT[name] for name in ("VariantName", "ModelName", "InstanceType")}
    (told,) = create(actor, few)["ProductionVariants"]
    assert (told["InitialInstanceCount"], told["InitialVariantWeight"]) == (1, 1.0)


def test_shadow_variants_stand_apart(actor: Actor) -> None:
    shadow = {**VARIANT, "VariantName": "shadow"}
    told = create(actor, ShadowProductionVariants=[shadow])
    assert [each["VariantName"] for each in told["ProductionVariants"]] == ["v1"]
    assert [each["VariantName"] for each in told["ShadowProductionVariants"]] == ["shadow"]


def test_members_without_a_column_come_back(actor: Actor) -> None:
    routed = {**VARIANT, "RoutingConfig": {"RoutingStrategy": "RANDOM"}}
    told = create(actor, routed, EnableNetworkIsolation=True)
    assert told["ProductionVariants"][0]["RoutingConfig"] == {"RoutingStrategy": "RANDOM"}
    assert told["EnableNetworkIsolation"] is True


def test_what_another_kind_of_endpoint_needs_is_refused_before_anything_is_made(
    actor: Actor,
) -> None:
    services.create_model(actor, name="p", containers=[{"Image": IMAGE}, {"Image": IMAGE}])
    with pytest.raises(CallerError, match="pipeline of 2 containers"):
        create(actor, {**VARIANT, "ModelName": "p"})
    with pytest.raises(CallerError, match="asynchronous inference"):
        create(actor, AsyncInferenceConfig={"OutputConfig": {"S3OutputPath": "s3://b/out"}})
    assert not EndpointConfig.objects.exists()


def test_its_tags_are_kept_under_its_arn(actor: Actor) -> None:
    told = create(actor, Tags=[{"Key": "stage", "Value": "test"}])
    assert [tag.key for tag in tags.of(actor, told["EndpointConfigArn"])] == ["stage"]


def test_a_deleted_one_is_not_found_and_its_name_is_free(actor: Actor) -> None:
    create(actor)
    configs.delete_endpoint_config(actor, {"EndpointConfigName": "c"})
    with pytest.raises(CallerError, match="Could not find endpoint configuration") as caught:
        configs.describe_endpoint_config(actor, {"EndpointConfigName": "c"})
    assert caught.value.code == "ValidationException"
    assert create(actor)["EndpointConfigName"] == "c"


def test_a_stranger_finds_none(actor: Actor, charlie: Actor) -> None:
    create(actor)
    with pytest.raises(CallerError, match="Could not find"):
        configs.describe_endpoint_config(charlie, {"EndpointConfigName": "c"})
    assert configs.list_endpoint_configs(charlie, {})["EndpointConfigs"] == []
