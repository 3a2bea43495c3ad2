"""Which endpoint configurations can be measured here, and why the others cannot."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from recommender import candidates
from recommender.catalog import type_refusal
from recommender.errors import FieldError
from recommender.request import JobRequest
from recommender.rules.subject import Subject
from recommender.rules.traffic import Limit

FIELD: Final = "InputConfig.EndpointConfigurations"
#: CreateModel's pattern for keys of Environment: a test's model would be refused later.
_VARIABLE: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_NO_VARIABLE: Final = (
    "is no environment variable: use letters, digits and underscores, and no digit first."
)
SERVERLESS_REFUSED: Final = (
    "Serverless endpoints are not available on this console yet, so a serverless configuration"
    " cannot be measured. Choose instance types instead."
)


def problems(request: JobRequest, subject: Subject | None, limit: Limit) -> Iterator[FieldError]:
    configurations = request.configurations
    if request.is_default:
        yield from _default(request, subject)
        return
    if not configurations and not request.endpoint_name:
        yield FieldError(FIELD, "Choose at least one instance type.")
    most = limit("recommender.endpoint_configurations.max")
    if len(configurations) > most:
        yield FieldError(
            FIELD, f"{most:g} endpoint configurations at most; {len(configurations)} were given."
        )
    for index, configuration in enumerate(configurations):
        yield from _configuration(configuration, f"{FIELD}.{index}", subject)
    yield from _twice(configurations)


def _default(request: JobRequest, subject: Subject | None) -> Iterator[FieldError]:
    if request.configurations:
        yield FieldError(
            FIELD,
            "A Default job chooses its instance types itself: EndpointConfigurations is for"
            " Advanced. To narrow its choice, use ContainerConfig.SupportedInstanceTypes.",
        )
    supported = subject.supported_types if subject else ()
    if supported and not candidates.default_instance_types(
        supported, refusal=type_refusal, price=lambda _: None
    ):
        reasons = "; ".join(f"{name}: {type_refusal(name)}" for name in supported)
        yield FieldError(
            "InputConfig.ContainerConfig.SupportedInstanceTypes",
            f"This console can measure none of the supported instance types. {reasons}",
        )


def _configuration(
    configuration: Mapping[str, Any], field: str, subject: Subject | None
) -> Iterator[FieldError]:
    name = configuration.get("InstanceType")
    if configuration.get("ServerlessConfig"):
        yield FieldError(f"{field}.ServerlessConfig", SERVERLESS_REFUSED)
        return
    if not name:
        yield FieldError(f"{field}.InstanceType", "InstanceType is required.")
        return
    reason = type_refusal(str(name)) or _unsupported(str(name), subject)
    if reason:
        yield FieldError(f"{field}.InstanceType", reason)
    yield from _environment(configuration, field)


def _unsupported(name: str, subject: Subject | None) -> str | None:
    supported = subject.supported_types if subject else ()
    if not supported or name in supported:
        return None
    return (
        f"{name} is not among the instance types that the model supports: {', '.join(supported)}."
    )


def _environment(configuration: Mapping[str, Any], field: str) -> Iterator[FieldError]:
    ranges = configuration.get("EnvironmentParameterRanges") or {}
    member = f"{field}.EnvironmentParameterRanges.CategoricalParameterRanges"
    seen: set[str] = set()
    for index, parameter in enumerate(ranges.get("CategoricalParameterRanges") or []):
        name, values = str(parameter.get("Name", "")), list(parameter.get("Value") or [])
        if not name:
            yield FieldError(f"{member}.{index}.Name", "Name the environment parameter.")
        elif not _VARIABLE.fullmatch(name):
            yield FieldError(f"{member}.{index}.Name", f"{name} {_NO_VARIABLE}")
        if name in seen:
            yield FieldError(f"{member}.{index}.Name", f"{name} is listed twice.")
        if len(set(values)) < len(values):
            yield FieldError(f"{member}.{index}.Value", f"{name} has the same value twice.")
        seen.add(name)


def _twice(configurations: list[Mapping[str, Any]]) -> Iterator[FieldError]:
    seen: set[candidates.Candidate] = set()
    for index, configuration in enumerate(configurations):
        wanted = set(candidates.expand([configuration]))
        if configuration.get("InstanceType") and wanted & seen:
            yield FieldError(
                f"{FIELD}.{index}.InstanceType",
                f"{configuration['InstanceType']} with the same environment is listed twice.",
            )
        seen |= wanted
