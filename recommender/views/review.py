"""The review step: every answer in words, per step, and what still stands in the way."""

from collections.abc import Mapping
from typing import Any

from recommender import validation
from recommender.rules.subject import Subject
from recommender.views import answers
from recommender.views.wizard_steps import ENTERED, Filled

Pair = dict[str, Any]
Cleaned = Mapping[str, Any]


def sections(given: Mapping[str, Cleaned], subject: Subject | None) -> list[dict[str, Any]]:
    """One block for each step: its containers of pairs, and where it keeps rows, a table."""
    model = given.get("model", {})
    advanced = model.get("job_type") == "Advanced"
    return [
        _section(0, [("Model", _model(model, subject)), *_model_extras(model, advanced)]),
        _section(1, _instances(given.get("instances", {}), advanced)),
        _section(2, [("Job", _job(given.get("parameters", {}), advanced))]),
    ]


def located(filled: Filled) -> list[dict[str, str]]:
    """Everything wrong with the whole draft, each with the step that can mend it."""
    found = []
    for step in ENTERED:
        for name, messages in filled.forms[step.slug].errors.items():
            label = "" if name == "__all__" else f"{filled.forms[step.slug][name].label}: "
            found += [{"step": step.slug, "message": f"{label}{text}"} for text in messages]
    if found:
        return found
    problems = validation.problems(filled.actor, filled.request())
    return [
        {"step": answers.field_of(p.field)[0] or ENTERED[0].slug, "message": p.message}
        for p in problems
    ]


def _section(index: int, containers: list[tuple[str, list[Pair]]]) -> dict[str, Any]:
    step = ENTERED[index]
    return {"step": step, "containers": [{"title": t, "pairs": p} for t, p in containers if p]}


def _pair(label: str, value: Any, **more: Any) -> Pair:
    return {"label": label, "value": value, **more}


def _model(model: Cleaned, subject: Subject | None) -> list[Pair]:
    payload, content_type = model.get("payload_url"), model.get("content_type")
    own = subject is not None
    return [
        _pair("Job type", model.get("job_type")),
        _pair("Model", answers.subject_name(model)),
        _pair("Existing endpoint", model.get("endpoint_name")),
        _pair("IAM role", model.get("role_arn")),
        _pair(
            "Sample payload",
            payload or (subject.payload_url if subject else ""),
            hint="" if payload or not own else "From the model package",
        ),
        _pair(
            "Payload content type",
            content_type or (subject.content_type if subject else ""),
            hint="" if content_type or not own else "From the model package",
        ),
    ]


def _model_extras(model: Cleaned, advanced: bool) -> list[tuple[str, list[Pair]]]:
    extras = []
    if advanced:
        extras.append(("Traffic pattern", _traffic(answers.traffic_pattern(model))))
    container = {
        "Domain": model.get("domain"),
        "Framework": model.get("framework"),
        "Framework version": model.get("framework_version"),
        "Nearest model name": model.get("nearest_model"),
        "Task": model.get("task"),
        "Data input configuration": model.get("data_input"),
    }
    if any(container.values()):
        pairs = [_pair(label, value) for label, value in container.items()]
        extras.append(("Container configuration", pairs))
    return extras


def _traffic(pattern: Mapping[str, Any]) -> list[Pair]:
    if pattern.get("TrafficType") == "STAIRS":
        stairs = pattern.get("Stairs") or {}
        text = (
            f"{stairs.get('NumberOfSteps')} steps over {stairs.get('DurationInSeconds')} s,"
            f" users added with each: {stairs.get('UsersPerStep')}"
        )
        return [_pair("Type", "Stairs"), _pair("Stairs", text)]
    phases = [
        _pair(
            f"Phase {number}",
            f"From {p.get('InitialNumberOfUsers')} at first, {p.get('SpawnRate')} more a minute,"
            f" for {p.get('DurationInSeconds')} s",
        )
        for number, p in enumerate(pattern.get("Phases") or [], start=1)
    ]
    return [_pair("Type", "Phases"), *phases]


def _instances(instances: Cleaned, advanced: bool) -> list[tuple[str, list[Pair]]]:
    if not advanced:
        chosen = "Chosen by the job: the model's supported types, else the general sizes"
        return [("Instances", [_pair("Instance types", chosen)])]
    types = ", ".join(instances.get("instance_types") or [])
    memory = instances.get("serverless_memory")
    serverless = f"{memory} MB, {instances.get('serverless_concurrency')} at once" if memory else ""
    pairs = [_pair("Instance types", types)]
    if serverless:
        pairs.append(_pair("Serverless configuration", serverless))
    environment = [
        _pair(row["Name"], ", ".join(row["Value"])) for row in instances.get("environment") or []
    ]
    return [("Instances", pairs), ("Environment parameter ranges", environment)]


def _job(job: Cleaned, advanced: bool) -> list[Pair]:
    pairs = [
        _pair("Job name", job.get("name"), hint="A timestamp is appended"),
        _pair("Description", job.get("description")),
        _pair("Encryption key", job.get("kms_key")),
        _pair("Client round trip", f"{job.get('round_trip_ms')} ms"),
    ]
    if not advanced:
        return pairs
    limit, latency = job.get("max_invocations"), job.get("latency_ms")
    return pairs + [
        _pair("Maximum tests", job.get("max_tests")),
        _pair("Maximum parallel tests", job.get("max_parallel")),
        _pair("Maximum test duration", f"{d} s" if (d := job.get("max_duration")) else ""),
        _pair("Maximum invocations per minute", limit, hint="" if limit else "Find the capacity"),
        _pair("P99 model latency threshold", f"{latency} ms" if latency else ""),
        _pair("When invocations flatten", job.get("flat")),
    ]
