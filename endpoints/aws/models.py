"""SageMaker's Model operations."""

from typing import Any

from consoleapp.accounts import tags
from consoleapp.accounts.actor import Actor
from consoleapp.aws.paging import filters, page
from endpoints import queries, services
from endpoints.models import Model


def create_model(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    other = ("VpcConfig", "EnableNetworkIsolation", "InferenceExecutionConfig")
    model = services.create_model(
        actor,
        name=params["ModelName"],
        primary_container=params.get("PrimaryContainer"),
        containers=params.get("Containers", ()),
        execution_role_arn=params.get("ExecutionRoleArn", ""),
        other={name: params[name] for name in other if name in params},
    )
    tags.add(actor, model.arn, params.get("Tags", ()))
    return {"ModelArn": model.arn}


def describe_model(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    return described(queries.model(actor, params["ModelName"]))


def described(model: Model) -> dict[str, Any]:
    """Without DeploymentRecommendation: the recommender adds it."""
    return {
        "ModelName": model.name,
        "PrimaryContainer": model.primary_container or None,
        "Containers": model.containers or None,
        "ExecutionRoleArn": model.execution_role_arn or None,
        "VpcConfig": model.vpc_config,
        "InferenceExecutionConfig": model.inference_execution_config,
        "EnableNetworkIsolation": model.enable_network_isolation,
        "CreationTime": model.created_at,
        "ModelArn": model.arn,
    }


def list_models(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    rows = queries.models(actor, **filters(params)).select_related(None)
    # A hundred rows without their containers and packages: a third of the time.
    told = rows.select_related("team").only("name", "region", "created_at", "team__account_id")
    return page(told, params, "Models", _summary)


def delete_model(actor: Actor, params: dict[str, Any]) -> None:
    services.delete_model(actor, name=params["ModelName"])


def _summary(model: Model) -> dict[str, Any]:
    return {
        "ModelName": model.name,
        "ModelArn": model.arn,
        "CreationTime": model.created_at,
    }
