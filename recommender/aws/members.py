"""Rows of the recommender in AWS's member names."""

from typing import Any

from recommender.models import Job, JobStep, Recommendation
from recommender.queries import EndpointPerformance
from recommender.statuses import TERMINAL

#: The one variant of a benchmark's endpoint, as at AWS.
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
        "EndpointConfiguration": {
            **_endpoint(step),
            "InitialInstanceCount": row.instance_count,
        },
        "ModelConfiguration": _model(step),
    }


def step(row: JobStep) -> dict[str, Any]:
    """InferenceRecommendationsJobStep: AWS knows benchmarks only."""
    found = getattr(row, "recommendation", None)
    return {
        "StepType": "BENCHMARK",
        "JobName": row.job.name,
        "Status": row.status,
        "InferenceBenchmark": {
            "Metrics": _metrics(found) if found else None,
            "EndpointConfiguration": _endpoint(row),
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


def _endpoint(row: JobStep) -> dict[str, Any]:
    return {
        # A test that shares a measurement had no endpoint of its own.
        "EndpointName": row.source.endpoint_name,
        "VariantName": VARIANT,
        "InstanceType": row.instance_type or None,
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
        "Metrics": {
            "MaxInvocations": found.max_invocations,
            "ModelLatency": found.model_latency_us,
        },
        "EndpointInfo": {"EndpointName": found.endpoint_name},
    }
