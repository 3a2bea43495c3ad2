"""DescribeModel with what only the recommender knows: its DeploymentRecommendation."""

from typing import Any

from consoleapp.accounts.actor import Actor
from endpoints import queries
from endpoints.aws import models
from endpoints.models import Model
from recommender import prospects


def describe_model(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    model = queries.model(actor, params["ModelName"])
    return {**models.described(model), "DeploymentRecommendation": _recommendation(actor, model)}


def _recommendation(actor: Actor, model: Model) -> dict[str, Any]:
    found = prospects.of_model(actor, model)
    return {
        "RecommendationStatus": "COMPLETED" if found else "NOT_APPLICABLE",
        "RealTimeInferenceRecommendations": [
            {
                "RecommendationId": each.recommendation_id,
                "InstanceType": each.instance_type,
                "Environment": each.environment,
            }
            for each in found
        ],
    }
