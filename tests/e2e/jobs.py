"""Jobs of a few seconds on the seeded models, and waiting for them."""

import uuid
from typing import Any

from tests.live import Console, wait_for

ENDED = {"COMPLETED", "FAILED", "STOPPED"}
PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/breast-cancer/{version}"


def request(
    *types: str, seconds: int = 20, version: int = 1, users: int = 5, **stopping: Any
) -> dict[str, Any]:
    """A CreateInferenceRecommendationsJob request whose traffic lasts `seconds`."""
    wanted = types or ("ml.c5.large",)
    return {
        "JobName": f"e2e-{uuid.uuid4().hex[:10]}",
        "JobType": "Advanced",
        "RoleArn": "arn:aws:iam::123456789012:role/e2e",
        "InputConfig": {
            "ModelPackageVersionArn": PACKAGE.format(version=version),
            "JobDurationInSeconds": 1200,
            "TrafficPattern": {
                "TrafficType": "PHASES",
                "Phases": [
                    {
                        "InitialNumberOfUsers": users,
                        "SpawnRate": 30,
                        "DurationInSeconds": seconds,
                    }
                ],
            },
            "ResourceLimit": {"MaxNumberOfTests": 10, "MaxParallelOfTests": 2},
            "EndpointConfigurations": [{"InstanceType": each} for each in wanted],
        },
        "StoppingConditions": {"FlatInvocations": "Stop", **stopping},
    }


def start(console: Console, wanted: dict[str, Any]) -> str:
    console.post("/recommender/jobs", wanted)
    return str(wanted["JobName"])


def job(console: Console, name: str) -> dict[str, Any]:
    return dict(console.get(f"/recommender/jobs/{name}"))


def steps(console: Console, name: str) -> list[dict[str, Any]]:
    return list(console.get(f"/recommender/jobs/{name}/steps"))


def running_step(console: Console, name: str) -> dict[str, Any] | None:
    """A test whose traffic flows: users are there and invocations are counted."""
    for step in steps(console, name):
        live = step["live"] or {}
        if step["phase"] == "running" and live.get("invocations_per_minute"):
            return step
    return None


def wait_running(console: Console, name: str, *, timeout_s: float = 120) -> dict[str, Any]:
    return wait_for(f"traffic of {name}", lambda: running_step(console, name), timeout_s=timeout_s)


def ended(console: Console, name: str, *, timeout_s: float = 240) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = job(console, name)
        return found if found["status"] in ENDED else None

    return wait_for(f"the end of {name}", look, timeout_s=timeout_s)


def completed(console: Console, name: str, *, timeout_s: float = 240) -> dict[str, Any]:
    found = ended(console, name, timeout_s=timeout_s)
    assert found["status"] == "COMPLETED", (found["failure_reason"], steps(console, name))
    return found
