"""Rows of the recommender in AWS's member names."""

from typing import Any

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound
from endpoints import queries as endpoint_queries
from recommender import queries
from recommender.models import Job, JobStep, Recommendation
from recommender.queries import EndpointPerformance
from recommender.statuses import TERMINAL

#: The one variant of a benchmark's endpoint.
VARIANT = "AllTraffic"


def summary(job: Job) -> dict[str, Any]:
    """InferenceRecommendationsJob, as the list has it."""
    config = job.request["InputConfig"]
    container = config.get("ContainerConfig") or {}
    return {
        **_heading(job),
        "JobDescription": job.description,
        "ModelName": job.model_name or None,
        "ModelPackageVersionArn": job.model_package_arn or None,
        "SamplePayloadUrl": (container.get("PayloadConfig") or {}).get("SamplePayloadUrl"),
    }


def described(
    job: Job, recommendations: list[Recommendation], performances: list[EndpointPerformance]
) -> dict[str, Any]:
    return {
        **_heading(job),
        "JobDescription": job.description or None,
        "InputConfig": job.request["InputConfig"],
        "StoppingConditions": job.request.get("StoppingConditions"),
        "InferenceRecommendations": [recommendation(each) for each in recommendations] or None,
        "EndpointPerformances": [_performance(each) for each in performances] or None,
    }


def recommendation(row: Recommendation) -> dict[str, Any]:
    step = row.step
    return {
        "RecommendationId": row.recommendation_id,
        "InvocationStartTime": step.traffic_started_at,
        "InvocationEndTime": step.traffic_ended_at,
        "Metrics": _metrics(row),
        "EndpointConfiguration": _endpoint(step, row),
        "ModelConfiguration": _model(step),
    }


def step(row: JobStep) -> dict[str, Any]:
    """InferenceRecommendationsJobStep: AWS knows benchmarks only."""
    found: Recommendation | None = getattr(row, "recommendation", None)
    performance = queries.performance_of(row)
    return {
        "StepType": "BENCHMARK",
        "JobName": row.job.name,
        "Status": row.status,
        "InferenceBenchmark": {
            "Metrics": _metrics(found) if found else None,
            "EndpointMetrics": _endpoint_metrics(performance) if performance else None,
            "EndpointConfiguration": _endpoint(row, found),
            "ModelConfiguration": _model(row),
            "FailureReason": row.failure_reason or row.invalid_reason or None,
            "InvocationStartTime": row.traffic_started_at,
            "InvocationEndTime": row.traffic_ended_at,
        },
    }


def _heading(job: Job) -> dict[str, Any]:
    return {
        "JobName": job.name,
        "JobArn": job.arn,
        "JobType": job.type,
        "RoleArn": job.role_arn,
        "Status": job.status,
        "FailureReason": job.failure_reason or None,
        "CreationTime": job.created_at,
        "LastModifiedTime": job.modified_at,
        "CompletionTime": job.completed_at if job.status in TERMINAL else None,
    }


def _metrics(row: Recommendation) -> dict[str, Any]:
    return {
        "CostPerHour": row.cost_per_hour_usd,
        "CostPerInference": row.cost_per_inference_usd,
        "MaxInvocations": row.max_invocations,
        "ModelLatency": row.model_latency_us,
        "CpuUtilization": row.cpu_utilization_percent,
        "MemoryUtilization": row.memory_utilization_percent,
    }


def _endpoint(row: JobStep, found: Recommendation | None) -> dict[str, Any]:
    return {
        # A test that shares a measurement had no endpoint of its own.
        "EndpointName": row.source.endpoint_name,
        "VariantName": _variant_name(row) if row.existing_endpoint else VARIANT,
        "InstanceType": row.instance_type or None,
        # The metrics are those of so many.
        "InitialInstanceCount": found.instance_count if found else None,
    }


def _model(row: JobStep) -> dict[str, Any]:
    return {
        "InferenceSpecificationName": row.inference_specification_name or None,
        "EnvironmentParameters": [
            {"Key": key, "ValueType": "string", "Value": value}
            for key, value in sorted(row.environment.items())
        ]
        or None,
    }


def _performance(found: EndpointPerformance) -> dict[str, Any]:
    return {
        "Metrics": _endpoint_metrics(found),
        "EndpointInfo": {"EndpointName": found.endpoint_name},
    }


def _endpoint_metrics(found: EndpointPerformance) -> dict[str, Any]:
    return {"MaxInvocations": found.max_invocations, "ModelLatency": found.model_latency_us}


def _variant_name(row: JobStep) -> str:
    """Of the only variant of the endpoint that the job brought."""
    job = row.job
    try:
        endpoint = endpoint_queries.endpoint(Actor.system(job.team, job.region), row.endpoint_name)
    except NotFound:
        return VARIANT
    variant = endpoint_queries.variants(endpoint).first()
    return variant.name if variant else VARIANT
