"""Validates a whole CreateInferenceRecommendationsJob request, or the part a wizard step holds.

Shape first (botocore's model), then the team's quotas and what this console can do: the same
answer at all three doors.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from consoleapp.accounts import quotas
from consoleapp.accounts.actor import Actor
from recommender.errors import FieldError
from recommender.request import JobRequest
from recommender.rules import instances, model, parameters, shape, traffic
from recommender.rules.subject import resolve

__all__ = ["ALL", "FieldError", "normalised", "problems", "section_of"]

ALL: Final = ("model", "traffic", "instances", "parameters")

#: Members by prefix, longest first; whatever is not named here belongs to "parameters".
_SECTIONS: Final = (
    ("InputConfig.TrafficPattern", "traffic"),
    ("InputConfig.EndpointConfigurations", "instances"),
    ("InputConfig.ContainerConfig.SupportedInstanceTypes", "model"),
    ("InputConfig.ContainerConfig", "model"),
    ("InputConfig.ModelName", "model"),
    ("InputConfig.ModelPackageVersionArn", "model"),
    ("InputConfig.Endpoints", "model"),
    ("InputConfig.VpcConfig", "model"),
    ("JobType", "model"),
    ("RoleArn", "model"),
)


def problems(
    actor: Actor, request: Mapping[str, Any], *, sections: tuple[str, ...] = ALL
) -> list[FieldError]:
    """What is wrong with these sections of the request (AWS's member names), in their order.

    A section whose shape is wrong is not looked at further.
    """
    whole = normalised(request)
    broken = shape.problems(whole)
    at_fault = {section_of(error.field) for error in broken}
    shown = [error for error in broken if section_of(error.field) in sections]
    if not isinstance(whole.get("InputConfig", {}), dict):
        return shown
    sound = tuple(section for section in sections if section not in at_fault)
    readable = JobRequest(_without(whole, at_fault))
    found = shown + list(_rules(actor, readable, sound))
    return sorted(_unique(found), key=lambda error: ALL.index(section_of(error.field)))


def normalised(request: Mapping[str, Any]) -> dict[str, Any]:
    """The request as it is stored: AWS's own CLI sample writes JobType in capitals."""
    job_type = request.get("JobType")
    if isinstance(job_type, str) and job_type.capitalize() in ("Default", "Advanced"):
        return {**request, "JobType": job_type.capitalize()}
    return dict(request)


def section_of(field: str) -> str:
    for prefix, section in _SECTIONS:
        if field == prefix or field.startswith(f"{prefix}."):
            return section
    return "parameters"


def _without(request: Mapping[str, Any], at_fault: set[str]) -> dict[str, Any]:
    """The request less the members of broken sections, so that no rule reads a wrong type."""
    members = {
        k: v for k, v in request.items() if section_of(k) not in at_fault or k == "InputConfig"
    }
    config: Mapping[str, Any] = request.get("InputConfig") or {}
    members["InputConfig"] = {
        k: v for k, v in config.items() if section_of(f"InputConfig.{k}") not in at_fault
    }
    return members


def _rules(actor: Actor, request: JobRequest, sections: tuple[str, ...]) -> Iterator[FieldError]:
    limits = quotas.limits(actor.team)
    subject = None
    if "model" in sections or "instances" in sections:
        subject, missing = resolve(actor, request)
        if "model" in sections:
            yield from missing
    if "model" in sections and subject is not None:
        yield from model.problems(actor, request, subject)
    if "traffic" in sections:
        yield from traffic.problems(request, limits.__getitem__)
    if "instances" in sections:
        yield from instances.problems(request, subject, limits.__getitem__)
    if "parameters" in sections:
        yield from parameters.problems(request, limits.__getitem__)


def _unique(found: list[FieldError]) -> list[FieldError]:
    return list(dict.fromkeys(found))
