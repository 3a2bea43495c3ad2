"""SageMaker's GetScalingConfigurationRecommendation."""

from typing import Any

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound, ValidationFailed
from recommender import autoscaling, catalog, queries
from recommender.models import Job, Recommendation
from recommender.statuses import JobStatus

_ECHOED = ("RecommendationId", "EndpointName", "ScalingPolicyObjective")


def get_scaling_configuration_recommendation(
    actor: Actor, params: dict[str, Any]
) -> dict[str, Any]:
    job = queries.job(actor, params["InferenceRecommendationsJobName"])
    row = _recommendation(job, params)
    objective = params.get("ScalingPolicyObjective", {})
    cpu = params.get("TargetCpuUtilizationPerCore", autoscaling.DEFAULT_CPU_PERCENT)
    measured = _measured(row)
    policy = autoscaling.policy(
        measured,
        cpu_per_core_percent=cpu,
        least_per_minute=objective.get("MinInvocationsPerMinute"),
        most_per_minute=objective.get("MaxInvocationsPerMinute"),
    )
    return {
        **{name: params[name] for name in _ECHOED if name in params},
        "InferenceRecommendationsJobName": job.name,
        "TargetCpuUtilizationPerCore": cpu,
        "Metric": {
            "InvocationsPerInstance": int(measured.invocations_per_minute),
            "ModelLatency": measured.model_latency_us,
        },
        "DynamicScalingConfiguration": _configuration(policy),
    }


def _recommendation(job: Job, params: dict[str, Any]) -> Recommendation:
    wanted, endpoint = params.get("RecommendationId"), params.get("EndpointName")
    if bool(wanted) == bool(endpoint):
        raise ValidationFailed("Specify either RecommendationId or EndpointName.")
    if job.status != JobStatus.COMPLETED:
        raise ValidationFailed(f"The job {job.name} is {job.status}; it must be COMPLETED.")
    for row in queries.recommendations(job):
        if wanted == row.recommendation_id or (endpoint and endpoint == row.step.endpoint_name):
            return row
    raise NotFound(f"The job {job.name} has no recommendation {wanted or endpoint}.")


def _measured(row: Recommendation) -> autoscaling.Measured:
    return autoscaling.Measured(
        invocations_per_minute=row.max_invocations / row.instance_count,
        model_latency_us=row.model_latency_us,
        vcpus=catalog.vcpus_of(row.instance_type),
        cpu_percent=row.cpu_utilization_percent,
    )


def _configuration(policy: autoscaling.Policy) -> dict[str, Any]:
    invocations = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
    cpu = {
        "MetricName": "CPUUtilization",
        "Namespace": "/aws/sagemaker/Endpoints",
        "Statistic": "Average",
    }
    return {
        "MinCapacity": policy.min_capacity,
        "MaxCapacity": policy.max_capacity,
        "ScaleInCooldown": autoscaling.COOLDOWN_S,
        "ScaleOutCooldown": autoscaling.COOLDOWN_S,
        "ScalingPolicies": [
            _tracking({"Predefined": invocations}, policy.invocations_target),
            _tracking({"Customized": cpu}, policy.cpu_target_percent),
        ],
    }


def _tracking(metric: dict[str, Any], target: float) -> dict[str, Any]:
    return {"TargetTracking": {"MetricSpecification": metric, "TargetValue": target}}
