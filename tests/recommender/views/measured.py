"""Tests, results and metrics that the pages show: rows and samples, written as they are kept."""

from datetime import UTC, datetime
from typing import Any

from recommender.models import Job, JobStep, Recommendation
from tests.consoleapp.metrics.samples import make_sample, store

#: Recent enough to be kept by the second.
START = int(datetime.now(UTC).timestamp()) - 600
ENDPOINT = "sm-epc-test-1"


def moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def make_step(job: Job, ordinal: int = 1, **columns: Any) -> JobStep:
    given: dict[str, Any] = {"instance_type": "ml.c5.large", "endpoint_name": ENDPOINT, **columns}
    return JobStep.objects.create(job=job, ordinal=ordinal, **given)


def make_result(step: JobStep, **columns: Any) -> Recommendation:
    given: dict[str, Any] = {
        "recommendation_id": f"{step.job.name}/{step.ordinal:08d}",
        "instance_type": step.instance_type,
        "instance_count": 1,
        "max_invocations": 30_000,
        "model_latency_us": 20_000,
        "cost_per_hour_usd": 0.102,
        "cost_per_inference_usd": 0.102 / 1_800_000,
        "raw_max_invocations": 15_000.0,
        "projected": True,
        **columns,
    }
    return Recommendation.objects.create(job=step.job, step=step, **given)


def measure(job: Job, at: int, *, invocations: int, users: int, latency_us: float = 2000) -> None:
    """One second of a test, as gateway, load generator and sampler report it."""
    variant = {"EndpointName": ENDPOINT, "VariantName": "AllTraffic"}
    load = {"JobName": job.name, "EndpointName": ENDPOINT}
    told = (
        ("AWS/SageMaker", "Invocations", variant, [1.0] * invocations),
        ("AWS/SageMaker", "ModelLatency", variant, [latency_us] * invocations),
        ("AWS/SageMaker", "Invocation5XXErrors", variant, [1.0, 1.0]),
        ("/aws/sagemaker/Endpoints", "CPUUtilization", variant, [90.0]),
        ("/aws/sagemaker/InferenceRecommendationsJobs", "NumberOfUsers", load, [float(users)]),
    )
    store(
        *(
            make_sample(values, second=at, namespace=namespace, name=name, dimensions=dimensions)
            for namespace, name, dimensions, values in told
        )
    )
