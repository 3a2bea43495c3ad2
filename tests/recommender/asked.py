"""Requests and rows that the recommender's tests begin with."""

from collections.abc import Mapping, Sequence
from typing import Any

from consoleapp.accounts.actor import Actor
from endpoints import services as endpoint_services
from endpoints.models import Model, ModelPackage
from recommender import services
from recommender.models import Job

IMAGE = "inference-console/xgboost:3.2"
ROLE = "arn:aws:iam::123456789012:role/recommender"
PAYLOADS = "https://payloads.example.com/rows.tar.gz"
PHASE = {"InitialNumberOfUsers": 1, "SpawnRate": 60, "DurationInSeconds": 120}


def phases(*given: Mapping[str, int]) -> dict[str, Any]:
    return {"TrafficType": "PHASES", "Phases": [dict(phase) for phase in given or (PHASE,)]}


def stairs(seconds: int = 240, steps: int = 2, users: int = 2) -> dict[str, Any]:
    inner = {"DurationInSeconds": seconds, "NumberOfSteps": steps, "UsersPerStep": users}
    return {"TrafficType": "STAIRS", "Stairs": inner}


def make_package(actor: Actor, *, group: str = "churn", **members: Any) -> ModelPackage:
    specification = members.pop("specification", {})
    environment = members.pop("environment", {})
    given = {
        "Domain": "MACHINE_LEARNING",
        "SamplePayloadUrl": PAYLOADS,
        "ModelApprovalStatus": "Approved",
        **members,
    }
    if not endpoint_services.queries.groups(actor).filter(name=group).exists():
        endpoint_services.create_package_group(actor, name=group)
    return endpoint_services.create_package(
        actor,
        group_name=group,
        inference_specification={
            "Containers": [{"Image": IMAGE, "Framework": "XGBOOST", "Environment": environment}],
            "SupportedContentTypes": ["text/csv"],
            **specification,
        },
        members={name: value for name, value in given.items() if value},
    )


def make_model(actor: Actor, name: str = "plain", **container: Any) -> Model:
    return endpoint_services.create_model(
        actor, name=name, primary_container={"Image": IMAGE, **container}
    )


def container_config(**members: Any) -> dict[str, Any]:
    return {
        "Domain": "MACHINE_LEARNING",
        "Framework": "XGBOOST",
        "PayloadConfig": {"SamplePayloadUrl": PAYLOADS, "SupportedContentTypes": ["text/csv"]},
        **members,
    }


def advanced(
    subject: ModelPackage | Model,
    *types: str,
    name: str = "job-1",
    traffic: Mapping[str, Any] | None = None,
    stopping: Mapping[str, Any] | None = None,
    **config: Any,
) -> dict[str, Any]:
    """An Advanced job's request with these instance types."""
    request: dict[str, Any] = {
        "JobName": name,
        "JobType": "Advanced",
        "RoleArn": ROLE,
        "InputConfig": {
            **_subject(subject),
            "TrafficPattern": dict(traffic or phases()),
            "EndpointConfigurations": configurations(types or ("ml.c5.large",)),
            **config,
        },
    }
    if stopping is not None:
        request["StoppingConditions"] = dict(stopping)
    return request


def default(subject: ModelPackage | Model, *, name: str = "job-1", **config: Any) -> dict[str, Any]:
    return {
        "JobName": name,
        "JobType": "Default",
        "RoleArn": ROLE,
        "InputConfig": {**_subject(subject), **config},
    }


def configurations(types: Sequence[str]) -> list[dict[str, Any]]:
    return [{"InstanceType": name} for name in types]


def ranges(**values: Sequence[str]) -> dict[str, Any]:
    named = [{"Name": name, "Value": list(each)} for name, each in values.items()]
    return {"EnvironmentParameterRanges": {"CategoricalParameterRanges": named}}


def make_job(actor: Actor, *types: str, **members: Any) -> Job:
    """A job of a package, created as every door creates it."""
    package = members.pop("package", None) or make_package(actor)
    return services.create_from_request(actor, advanced(package, *types, **members))


def _subject(subject: ModelPackage | Model) -> dict[str, Any]:
    if isinstance(subject, ModelPackage):
        return {"ModelPackageVersionArn": subject.arn}
    return {"ModelName": subject.name, "ContainerConfig": container_config()}
