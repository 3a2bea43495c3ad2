"""The rows of the endpoints app, one module per AWS resource."""

from endpoints.models.config import EndpointConfig, ProductionVariant
from endpoints.models.deployment import Deployment, DeploymentStep
from endpoints.models.endpoint import Endpoint, EndpointEvent, Instance, Variant
from endpoints.models.evaluation import (
    Evaluation,
    EvaluationBatch,
    EvaluationEvent,
    EvaluationResult,
)
from endpoints.models.model import Model
from endpoints.models.registry import ModelPackage, ModelPackageGroup
from endpoints.models.scaling import ScalableTarget, ScalingActivity, ScalingPolicy, ScheduledAction

__all__ = [
    "Deployment",
    "DeploymentStep",
    "Endpoint",
    "EndpointConfig",
    "EndpointEvent",
    "Evaluation",
    "EvaluationBatch",
    "EvaluationEvent",
    "EvaluationResult",
    "Instance",
    "Model",
    "ModelPackage",
    "ModelPackageGroup",
    "ProductionVariant",
    "ScalableTarget",
    "ScalingActivity",
    "ScalingPolicy",
    "ScheduledAction",
    "Variant",
]
