"""Between the wizard's answers and AWS's request, both ways, and where a refusal belongs. Pure."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from recommender.request import JobRequest

Cleaned = Mapping[str, Any]
Raw = dict[str, list[str]]

_CONTAINER: Final = "InputConfig.ContainerConfig"
_TRAFFIC: Final = "InputConfig.TrafficPattern"
#: Members and the field that shows their problems, the more exact ones first.
_FIELDS: Final = (
    ("JobType", "model", "job_type"),
    ("RoleArn", "model", "role_arn"),
    ("InputConfig.ModelName", "model", "model_name"),
    ("InputConfig.ModelPackageVersionArn", "model", "package_version"),
    ("InputConfig.Endpoints", "model", "endpoint_name"),
    (f"{_CONTAINER}.PayloadConfig.SupportedContentTypes", "model", "content_type"),
    (f"{_CONTAINER}.PayloadConfig", "model", "payload_url"),
    (f"{_CONTAINER}.DataInputConfig", "model", "data_input"),
    (f"{_CONTAINER}.NearestModelName", "model", "nearest_model"),
    (f"{_CONTAINER}.FrameworkVersion", "model", "framework_version"),
    (f"{_CONTAINER}.Framework", "model", "framework"),
    (f"{_CONTAINER}.Domain", "model", "domain"),
    (f"{_CONTAINER}.Task", "model", "task"),
    (f"{_TRAFFIC}.Stairs.DurationInSeconds", "model", "stairs_seconds"),
    (f"{_TRAFFIC}.Stairs.NumberOfSteps", "model", "stairs_steps"),
    (f"{_TRAFFIC}.Stairs.UsersPerStep", "model", "stairs_users"),
    (f"{_TRAFFIC}.TrafficType", "model", "traffic_type"),
    ("InputConfig.EndpointConfigurations", "instances", "instance_types"),
    ("InputConfig.ResourceLimit.MaxNumberOfTests", "parameters", "max_tests"),
    ("InputConfig.ResourceLimit.MaxParallelOfTests", "parameters", "max_parallel"),
    ("InputConfig.JobDurationInSeconds", "parameters", "max_duration"),
    ("InputConfig.VolumeKmsKeyId", "parameters", "kms_key"),
    ("OutputConfig", "parameters", "kms_key"),
    ("StoppingConditions.MaxInvocations", "parameters", "max_invocations"),
    ("StoppingConditions.ModelLatencyThresholds", "parameters", "latency_ms"),
    ("StoppingConditions.FlatInvocations", "parameters", "flat"),
    ("JobName", "parameters", "name"),
    ("JobDescription", "parameters", "description"),
)
_PHASE: Final = re.compile(r"InputConfig\.TrafficPattern\.Phases\.(\d+)\.(\w+)")
_RANGE: Final = re.compile(r"\.CategoricalParameterRanges\.(\d+)(?:\.(\w+))?")
_TIMESTAMP: Final = re.compile(r"-\d{8}-\d{6}$")


def field_of(member: str) -> tuple[str, str, int | None, str]:
    """(step, form field, row, member of the row): where the page shows what is wrong."""
    if match := _PHASE.match(member):
        return "model", "", int(match[1]), match[2]
    if match := _RANGE.search(member):
        return "instances", "", int(match[1]), match[2] or "Name"
    if member.endswith(".CategoricalParameterRanges"):
        return "instances", "", None, ""
    if ".ServerlessConfig" in member:
        return "instances", "serverless_memory", None, ""
    for prefix, step, name in _FIELDS:
        if member == prefix or member.startswith(f"{prefix}."):
            return step, name, None, ""
    return "", "", None, ""


def as_request(answers: Mapping[str, Cleaned], now: datetime) -> dict[str, Any]:
    """CreateInferenceRecommendationsJob's members from what the forms cleaned so far."""
    model, job = answers.get("model", {}), answers.get("parameters", {})
    request = {
        "JobName": job_name(job.get("name") or subject_name(model), now),
        "JobType": model.get("job_type"),
        "RoleArn": model.get("role_arn"),
        "InputConfig": _input_config(model, answers.get("instances", {}), job),
        "JobDescription": job.get("description"),
        "StoppingConditions": _stopping(job) if _advanced(model) else None,
        "OutputConfig": {"KmsKeyId": job["kms_key"]} if job.get("kms_key") else None,
    }
    return _present(request)


def options(answers: Mapping[str, Cleaned]) -> dict[str, Any]:
    """What AWS's request has no word for."""
    round_trip = answers.get("parameters", {}).get("round_trip_ms")
    return {} if round_trip is None else {"round_trip_ms": round_trip}


def subject_name(model: Cleaned) -> str:
    """What is benchmarked, for people: the model, the group and version, or the endpoint."""
    if model.get("use_registry") and model.get("package_version"):
        return "-v".join(str(model["package_version"]).split("/")[-2:])
    return str(model.get("model_name") or model.get("endpoint_name") or "job")


def job_name(base: str, now: datetime) -> str:
    """The name with AWS's timestamp: at most 64 characters."""
    cut = re.sub(r"[^a-zA-Z0-9-]", "-", base)[:48].strip("-") or "job"
    return f"{cut}-{now:%Y%m%d-%H%M%S}"


def _present(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}


def _advanced(model: Cleaned) -> bool:
    return model.get("job_type") == "Advanced"


def _input_config(model: Cleaned, instances: Cleaned, job: Cleaned) -> dict[str, Any]:
    registry = bool(model.get("use_registry"))
    endpoint = model.get("endpoint_name")
    config = {
        "ModelPackageVersionArn": model.get("package_version") if registry else None,
        "ModelName": None if registry else model.get("model_name"),
        "ContainerConfig": _container(model, plain=not registry),
        "Endpoints": [{"EndpointName": endpoint}] if endpoint else None,
    }
    if _advanced(model):
        limits = {
            "MaxNumberOfTests": job.get("max_tests"),
            "MaxParallelOfTests": job.get("max_parallel"),
        }
        config |= {
            "JobDurationInSeconds": job.get("max_duration"),
            "TrafficPattern": traffic_pattern(model),
            "ResourceLimit": _present(limits),
            "EndpointConfigurations": _configurations(instances),
        }
    return _present(config)


def _container(model: Cleaned, *, plain: bool) -> dict[str, Any]:
    content_type = model.get("content_type")
    payload = {
        "SamplePayloadUrl": model.get("payload_url"),
        "SupportedContentTypes": [content_type] if content_type else None,
    }
    config: dict[str, Any] = {
        "PayloadConfig": _present(payload),
        "DataInputConfig": model.get("data_input"),
    }
    if plain:
        config |= {
            "Domain": model.get("domain"),
            "Framework": model.get("framework"),
            "FrameworkVersion": model.get("framework_version"),
            "NearestModelName": model.get("nearest_model"),
            "Task": model.get("task"),
        }
    return _present(config)


def traffic_pattern(model: Cleaned) -> dict[str, Any]:
    if model.get("traffic_type") == "STAIRS":
        stairs = {
            "DurationInSeconds": model.get("stairs_seconds"),
            "NumberOfSteps": model.get("stairs_steps"),
            "UsersPerStep": model.get("stairs_users"),
        }
        return {"TrafficType": "STAIRS", "Stairs": _present(stairs)}
    return {"TrafficType": "PHASES", "Phases": list(model.get("phases") or [])}


def _configurations(instances: Cleaned) -> list[dict[str, Any]]:
    environment = instances.get("environment") or []
    ranges = {"CategoricalParameterRanges": environment} if environment else None
    chosen = [
        _present({"InstanceType": name, "EnvironmentParameterRanges": ranges})
        for name in instances.get("instance_types") or []
    ]
    serverless = {
        "MemorySizeInMB": instances.get("serverless_memory"),
        "MaxConcurrency": instances.get("serverless_concurrency"),
    }
    if any(serverless.values()):
        chosen.append({"ServerlessConfig": _present(serverless)})
    return chosen


def _stopping(job: Cleaned) -> dict[str, Any]:
    latency = job.get("latency_ms")
    threshold = [{"Percentile": "P99", "ValueInMilliseconds": latency}]
    return _present(
        {
            "MaxInvocations": job.get("max_invocations"),
            "ModelLatencyThresholds": None if latency is None else threshold,
            "FlatInvocations": job.get("flat"),
        }
    )


def from_request(request: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Raw]:
    """The answers that would make this job again, for Clone."""
    asked = JobRequest(request)
    config, container = asked.input_config, asked.container_config
    payload = container.get("PayloadConfig") or {}
    model: dict[str, Any] = {
        "job_type": asked.job_type,
        "use_registry": "on" if asked.package_arn else None,
        "package_version": asked.package_arn,
        "package_group": asked.package_arn.split("/")[-2] if asked.package_arn else None,
        "model_name": asked.model_name,
        "endpoint_name": asked.endpoint_name,
        "role_arn": request.get("RoleArn"),
        "payload_url": payload.get("SamplePayloadUrl"),
        "content_type": next(iter(payload.get("SupportedContentTypes") or ()), None),
        "domain": container.get("Domain"),
        "framework": container.get("Framework"),
        "framework_version": container.get("FrameworkVersion"),
        "nearest_model": container.get("NearestModelName"),
        "task": container.get("Task"),
        "data_input": container.get("DataInputConfig"),
        **_traffic_answers(asked.traffic),
    }
    job: dict[str, Any] = {
        "name": _TIMESTAMP.sub("", asked.job_name)[:48],
        "description": request.get("JobDescription"),
        "kms_key": (request.get("OutputConfig") or {}).get("KmsKeyId"),
        "max_tests": asked.max_tests,
        "max_parallel": asked.max_parallel,
        "max_duration": config.get("JobDurationInSeconds"),
        "max_invocations": asked.max_invocations,
        "latency_ms": asked.latency_threshold[1] if asked.latency_threshold else None,
        "flat": asked.flat_invocations,
        "round_trip_ms": options.get("round_trip_ms"),
    }
    return {"model": _raw(model), "instances": _instance_answers(asked), "parameters": _raw(job)}


def not_carried(request: Mapping[str, Any], again: Mapping[str, Any]) -> list[str]:
    """Members of a request, dotted, that the request made of its answers has not or otherwise."""
    found = []
    for name, value in request.items():
        other = again.get(name)
        if isinstance(value, Mapping) and isinstance(other, Mapping):
            found += [f"{name}.{inner}" for inner in not_carried(value, other)]
        elif value != other and name != "JobName":
            found.append(name)
    return found


def _raw(values: Mapping[str, Any]) -> Raw:
    return {
        name: [str(item) for item in (value if isinstance(value, list) else [value])]
        for name, value in values.items()
        if value not in (None, "")
    }


def _traffic_answers(traffic: Mapping[str, Any]) -> dict[str, Any]:
    stairs, phases = traffic.get("Stairs") or {}, traffic.get("Phases") or []
    return {
        "traffic_type": traffic.get("TrafficType"),
        "stairs_seconds": stairs.get("DurationInSeconds"),
        "stairs_steps": stairs.get("NumberOfSteps"),
        "stairs_users": stairs.get("UsersPerStep"),
        "phase_users": [phase.get("InitialNumberOfUsers", "") for phase in phases],
        "phase_spawn": [phase.get("SpawnRate", "") for phase in phases],
        "phase_seconds": [phase.get("DurationInSeconds", "") for phase in phases],
    }


def _instance_answers(asked: JobRequest) -> Raw:
    ranges: dict[str, str] = {}
    for configuration in asked.configurations:
        parameters = configuration.get("EnvironmentParameterRanges") or {}
        for one in parameters.get("CategoricalParameterRanges") or []:
            ranges[one["Name"]] = ", ".join(one["Value"])
    types = [c["InstanceType"] for c in asked.configurations if c.get("InstanceType")]
    answers = {"instance_types": types, "env_key": list(ranges), "env_values": [*ranges.values()]}
    return _raw(answers)
