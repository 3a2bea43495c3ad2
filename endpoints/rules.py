"""AWS's rules for names and members, with AWS's words when one is broken. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from consoleapp.accounts.errors import ValidationFailed
from endpoints import instance_types
from endpoints.specs import VariantSpec

_NAME: Final = re.compile(r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$")
_ENVIRONMENT_KEY: Final = re.compile(r"^[a-zA-Z_][a-zA-Z0-9_]*$")
_S3: Final = re.compile(r"^(https|s3)://([^/]+)/?(.*)$")
MAX_ENVIRONMENT: Final = 100
MAX_VALUE: Final = 1024


def name(value: str, member: str) -> None:
    """Raises ValidationFailed as AWS words it when the name breaks its pattern."""
    if _NAME.match(value):
        return
    where = member[:1].lower() + member[1:]
    raise ValidationFailed(
        f"1 validation error detected: Value '{value}' at '{where}' failed to satisfy constraint:"
        " Member must satisfy regular expression pattern:"
        " ^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$",
        field=member,
    )


def within(value: float, low: float, high: float, member: str) -> None:
    if low <= value <= high:
        return
    raise ValidationFailed(
        f"{member} must be between {low:g} and {high:g}; {value:g} was given.", field=member
    )


def container(definition: Mapping[str, Any], member: str) -> None:
    """A ContainerDefinition that names an image, and sane data and environment."""
    if not definition.get("Image"):
        raise ValidationFailed(f"{member} needs an Image.", field=f"{member}.Image")
    url = definition.get("ModelDataUrl") or ""
    if url and not _S3.match(url):
        raise ValidationFailed(
            f"ModelDataUrl must be an s3:// or https:// address; '{url}' was given.",
            field=f"{member}.ModelDataUrl",
        )
    environment(definition.get("Environment") or {}, f"{member}.Environment")


def environment(values: Mapping[str, Any], member: str) -> None:
    if len(values) > MAX_ENVIRONMENT:
        raise ValidationFailed(
            f"{member} has {len(values)} entries; at most {MAX_ENVIRONMENT} are allowed.",
            field=member,
        )
    for key, value in values.items():
        if not _ENVIRONMENT_KEY.match(key) or not isinstance(value, str) or len(value) > MAX_VALUE:
            raise ValidationFailed(
                f"{member}: '{key}' must be a name of letters, digits and underscores with a text"
                f" of at most {MAX_VALUE} characters.",
                field=member,
            )


def variants(specs: Sequence[VariantSpec], *, most: float, most_instances: float) -> None:
    """All variants of one configuration. Raises ValidationFailed at the first that is wrong."""
    production = [spec for spec in specs if not spec.shadow]
    if not 1 <= len(production) <= most:
        raise ValidationFailed(
            f"An endpoint configuration has 1 to {most:g} production variants;"
            f" {len(production)} were given.",
            field="ProductionVariants",
        )
    names = [spec.name for spec in specs]
    if len(set(names)) < len(names):
        raise ValidationFailed(
            "Each production variant needs a name of its own.", field="ProductionVariants"
        )
    for spec in specs:
        _variant(spec)
    wanted = sum(spec.instance_count for spec in specs)
    if wanted > most_instances:
        raise ValidationFailed(
            f"{wanted} instances are asked for; at most {most_instances:g} are allowed for one"
            " endpoint.",
            field="ProductionVariants",
        )


def _variant(spec: VariantSpec) -> None:
    where = "ProductionVariants"
    name(spec.name, "VariantName")
    if spec.serverless_config is not None:
        raise ValidationFailed(
            f"Variant {spec.name}: serverless endpoints are not offered by this console yet;"
            " name an InstanceType.",
            field=where,
        )
    refused = instance_types.refusal(spec.instance_type)
    if refused:
        raise ValidationFailed(f"Variant {spec.name}: {refused}", field=where)
    within(spec.instance_count, 1, 1000, "InitialInstanceCount")
    within(spec.health_check_timeout_s, 60, 3600, "ContainerStartupHealthCheckTimeoutInSeconds")
    within(spec.download_timeout_s, 60, 3600, "ModelDataDownloadTimeoutInSeconds")
    weight(spec.weight)
    environment(spec.environment, "Environment")


def weight(value: float) -> None:
    # NaN fails both comparisons, infinity the second.
    if not 0 <= value < float("inf"):
        raise ValidationFailed(
            f"A variant weight is a number of 0 or more; {value:g} was given.",
            field="InitialVariantWeight",
        )
