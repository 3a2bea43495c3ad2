"""The demo's job: one Advanced job on three instance types, within AWS's documented limits."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from consoleapp.demo.client import Console, DemoFailed

INSTANCE_TYPES: Final = ("ml.c5.large", "ml.m5.large", "ml.c5.xlarge")
GROUP: Final = "breast-cancer"
#: The larger XGBoost model: one core saturates within the two minutes of traffic.
VERSION: Final = 2
_ENDED: Final = {"COMPLETED", "FAILED", "STOPPED"}


def request(account_id: str, region: str) -> dict[str, Any]:
    """CreateInferenceRecommendationsJob's members, as boto3 would send them."""
    return {
        "JobName": f"demo-{time.strftime('%Y-%m-%d-%H-%M-%S', time.gmtime())}",
        "JobType": "Advanced",
        "RoleArn": f"arn:aws:iam::{account_id}:role/demo",
        "InputConfig": {
            "ModelPackageVersionArn": (
                f"arn:aws:sagemaker:{region}:{account_id}:model-package/{GROUP}/{VERSION}"
            ),
            "JobDurationInSeconds": 1800,
            "TrafficPattern": {
                "TrafficType": "PHASES",
                "Phases": [{"InitialNumberOfUsers": 1, "SpawnRate": 60, "DurationInSeconds": 120}],
            },
            "ResourceLimit": {"MaxNumberOfTests": 3, "MaxParallelOfTests": 3},
            "EndpointConfigurations": [{"InstanceType": each} for each in INSTANCE_TYPES],
        },
        "StoppingConditions": {
            "ModelLatencyThresholds": [{"Percentile": "P95", "ValueInMilliseconds": 100}],
            "FlatInvocations": "Stop",
        },
    }


def follow(
    console: Console,
    name: str,
    show: Callable[[list[Mapping[str, Any]]], None],
    *,
    every_s: float = 1.0,
) -> Mapping[str, Any]:
    """Until the job ends; answers the job. Raises DemoFailed with its reason when it failed."""
    while True:
        job = console.get(f"/recommender/jobs/{name}")
        show(console.get(f"/recommender/jobs/{name}/steps"))
        if job["status"] in _ENDED:
            break
        time.sleep(every_s)
    if job["status"] != "COMPLETED":
        raise DemoFailed(f"the job {name} ended {job['status']}: {job['failure_reason']}")
    return dict(job)
