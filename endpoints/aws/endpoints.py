"""SageMaker's Endpoint operations."""

from typing import Any

from consoleapp.accounts import tags
from consoleapp.accounts.actor import Actor
from consoleapp.aws.paging import filters, last_modified, page
from endpoints import queries, services, shifts
from endpoints.capture import state
from endpoints.capture.plan import is_enabled
from endpoints.models import Endpoint, Variant
from endpoints.shifting import shown
from endpoints.specs import WeightAndCapacity


def create_endpoint(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    endpoint = services.create_endpoint(
        actor, name=params["EndpointName"], config_name=params["EndpointConfigName"]
    )
    tags.add(actor, endpoint.arn, params.get("Tags", ()))
    return {"EndpointArn": endpoint.arn}


def update_endpoint(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    endpoint = services.update_endpoint(
        actor,
        name=params["EndpointName"],
        config_name=params["EndpointConfigName"],
        retain_variant_properties=params.get("RetainAllVariantProperties", False),
        exclude_retained=[
            each["VariantPropertyType"]
            for each in params.get("ExcludeRetainedVariantProperties", ())
        ],
        deployment_config=_deployment_config(actor, params),
    )
    return {"EndpointArn": endpoint.arn}


def _deployment_config(actor: Actor, params: dict[str, Any]) -> dict[str, Any] | None:
    given: dict[str, Any] | None = params.get("DeploymentConfig")
    if given or not params.get("RetainDeploymentConfig"):
        return given
    return shifts.last_deployment_config(queries.endpoint(actor, params["EndpointName"]))


def update_endpoint_weights_and_capacities(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    endpoint = services.update_weights_and_capacities(
        actor,
        name=params["EndpointName"],
        desired=[
            WeightAndCapacity(
                variant=each["VariantName"],
                weight=each.get("DesiredWeight"),
                instance_count=each.get("DesiredInstanceCount"),
            )
            for each in params["DesiredWeightsAndCapacities"]
        ],
    )
    return {"EndpointArn": endpoint.arn}


def describe_endpoint(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    endpoint = queries.endpoint(actor, params["EndpointName"])
    variants = list(queries.described_variants(endpoint))
    shift = shown.under_way(endpoint)
    described = [
        (each.shadow, {**_variant(each), **shown.status(shift, each)}) for each in variants
    ]
    return {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "EndpointConfigName": endpoint.config.name,
        "ProductionVariants": [each for shadow, each in described if not shadow],
        "ShadowProductionVariants": [each for shadow, each in described if shadow] or None,
        "PendingDeploymentSummary": _pending(endpoint, shift),
        "LastDeploymentConfig": shifts.last_deployment_config(endpoint),
        "DataCaptureConfig": _capture(endpoint),
        "EndpointStatus": endpoint.status,
        "FailureReason": endpoint.failure_reason or None,
        "CreationTime": endpoint.created_at,
        "LastModifiedTime": endpoint.modified_at,
        "AsyncInferenceConfig": endpoint.config.async_inference_config,
    }


def list_endpoints(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    rows = last_modified(queries.endpoints(actor, **filters(params)), params)
    return page(rows, params, "Endpoints", _summary)


def delete_endpoint(actor: Actor, params: dict[str, Any]) -> None:
    services.delete_endpoint(actor, name=params["EndpointName"])


def _pending(endpoint: Endpoint, shift: shown.UnderWay | None) -> dict[str, Any] | None:
    """The fleet on its way in; None while there is none."""
    if shift is None or endpoint.pending_config is None:
        return None
    found: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for each in shown.green_variants(shift):
        member = {**_variant(each), "InstanceType": each.instance_type or None}
        found[each.shadow].append({**member, **shown.status(shift, each)})
    return {
        "EndpointConfigName": endpoint.pending_config.name,
        "ProductionVariants": found[False] or None,
        "ShadowProductionVariants": found[True] or None,
        "StartTime": shift.deployment.created_at,
    }


def _variant(variant: Variant) -> dict[str, Any]:
    image = variant.model.container.get("Image")
    return {
        "VariantName": variant.name,
        "DeployedImages": [{"SpecifiedImage": image, "ResolvedImage": image}] if image else None,
        "CurrentWeight": variant.current_weight,
        "DesiredWeight": variant.desired_weight,
        "CurrentInstanceCount": variant.current_count,
        "DesiredInstanceCount": variant.desired_count,
    }


def _capture(endpoint: Endpoint) -> dict[str, Any] | None:
    sent = endpoint.config.data_capture_config
    if not sent:
        return None
    return {
        "EnableCapture": is_enabled(sent),
        "CaptureStatus": state.status(endpoint),
        "CurrentSamplingPercentage": sent["InitialSamplingPercentage"],
        "DestinationS3Uri": sent["DestinationS3Uri"],
        "KmsKeyId": sent.get("KmsKeyId", ""),
    }


def _summary(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "CreationTime": endpoint.created_at,
        "LastModifiedTime": endpoint.modified_at,
        "EndpointStatus": endpoint.status,
    }
