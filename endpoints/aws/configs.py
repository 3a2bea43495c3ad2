"""SageMaker's EndpointConfig operations."""

from typing import Any

from consoleapp.accounts import tags
from consoleapp.accounts.actor import Actor
from consoleapp.aws.paging import filters, page
from endpoints import queries, services
from endpoints.models import EndpointConfig, ProductionVariant
from endpoints.specs import DOWNLOAD_S, HEALTH_CHECK_S, VariantSpec

_NAMED = {"EndpointConfigName", "ProductionVariants", "ShadowProductionVariants", "Tags"}


def create_endpoint_config(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    config = services.create_endpoint_config(
        actor,
        name=params["EndpointConfigName"],
        variants=[
            *(VariantSpec.from_aws(each) for each in params["ProductionVariants"]),
            *(
                VariantSpec.from_aws(each, shadow=True)
                for each in params.get("ShadowProductionVariants", ())
            ),
        ],
        members={name: value for name, value in params.items() if name not in _NAMED},
    )
    tags.add(actor, config.arn, params.get("Tags", ()))
    return {"EndpointConfigArn": config.arn}


def describe_endpoint_config(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    config = queries.endpoint_config(actor, params["EndpointConfigName"])
    variants = list(config.variants.all())
    shadows = [member(each) for each in variants if each.shadow]
    return {
        **config.other,
        "EndpointConfigName": config.name,
        "EndpointConfigArn": config.arn,
        "ProductionVariants": [member(each) for each in variants if not each.shadow],
        "ShadowProductionVariants": shadows or None,
        "DataCaptureConfig": config.data_capture_config,
        "AsyncInferenceConfig": config.async_inference_config,
        "KmsKeyId": config.kms_key_id or None,
        "CreationTime": config.created_at,
    }


def list_endpoint_configs(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    rows = queries.endpoint_configs(actor, **filters(params))
    return page(rows, params, "EndpointConfigs", _summary)


def delete_endpoint_config(actor: Actor, params: dict[str, Any]) -> None:
    services.delete_endpoint_config(actor, name=params["EndpointConfigName"])


def member(variant: ProductionVariant) -> dict[str, Any]:
    """The variant as it was sent."""
    return {
        "VariantName": variant.name,
        "ModelName": variant.model.name,
        "InstanceType": variant.instance_type or None,
        "InitialInstanceCount": None
        if variant.serverless_config
        else variant.initial_instance_count,
        "InitialVariantWeight": variant.initial_weight,
        "ServerlessConfig": variant.serverless_config,
        **_timeouts(variant),
        **variant.other,
    }


def _timeouts(variant: ProductionVariant) -> dict[str, Any]:
    """Those that differ from what holds by itself; whoever sent a default has it in `other`."""
    health, download = variant.health_check_timeout_s, variant.download_timeout_s
    return {
        "ContainerStartupHealthCheckTimeoutInSeconds": None if health == HEALTH_CHECK_S else health,
        "ModelDataDownloadTimeoutInSeconds": None if download == DOWNLOAD_S else download,
    }


def _summary(config: EndpointConfig) -> dict[str, Any]:
    return {
        "EndpointConfigName": config.name,
        "EndpointConfigArn": config.arn,
        "CreationTime": config.created_at,
    }
