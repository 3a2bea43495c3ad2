"""AWS's rules for names and members, with AWS's words when one is broken. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from consoleapp.accounts.errors import ValidationFailed
from consoleapp.storage.addresses import parse_uri
from endpoints import instance_types
from endpoints.specs import VariantSpec

_NAME: Final = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_MAX_NAME: Final = 63
_ENVIRONMENT_KEY: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_S3: Final = re.compile(r"^(https|s3)://([^/]+)/?(.*)$")
_CONTENT_TYPE: Final = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*/[a-zA-Z0-9](-*[a-zA-Z0-9.])*")
_MODES: Final = ("Input", "Output", "InputAndOutput")
_MOST_MODES: Final = 32
_MOST_TYPES: Final = 10
_MAX_TYPE: Final = 256
_MAX_DESTINATION: Final = 512
_MAX_KEY_ID: Final = 2048
MAX_ENVIRONMENT: Final = 100
MAX_VALUE: Final = 1024
_MAX_IMAGE: Final = 255
_MAX_URL: Final = 1024
_NOT_YET: Final = {
    "AsyncInferenceConfig": "asynchronous inference is",
    "ExplainerConfig": "explanations are",
}


def name(value: str, member: str) -> None:
    """Raises ValidationFailed as AWS words it when the name breaks its pattern."""
    # The pattern alone bounds no run of hyphens.
    if len(value) <= _MAX_NAME and _NAME.fullmatch(value):
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


def text(value: object, most: int, member: str) -> None:
    if isinstance(value, str) and len(value) <= most:
        return
    raise ValidationFailed(f"{member} must be a text of at most {most} characters.", field=member)


def container(definition: object, member: str) -> None:
    """A ContainerDefinition that names an image, and sane data and environment."""
    if not isinstance(definition, Mapping):
        raise ValidationFailed(f"{member} must hold container definitions.", field=member)
    text(definition.get("Image") or "", _MAX_IMAGE, f"{member}.Image")
    text(definition.get("ModelDataUrl") or "", _MAX_URL, f"{member}.ModelDataUrl")
    if not definition.get("Image"):
        raise ValidationFailed(f"{member} needs an Image.", field=f"{member}.Image")
    url = definition.get("ModelDataUrl") or ""
    if url and not _S3.match(url):
        raise ValidationFailed(
            f"ModelDataUrl must be an s3:// or https:// address; '{url}' was given.",
            field=f"{member}.ModelDataUrl",
        )
    environment(definition.get("Environment") or {}, f"{member}.Environment")


def environment(values: object, member: str) -> None:
    if not isinstance(values, Mapping):
        raise ValidationFailed(f"{member} must map names to texts.", field=member)
    if len(values) > MAX_ENVIRONMENT:
        raise ValidationFailed(
            f"{member} has {len(values)} entries; at most {MAX_ENVIRONMENT} are allowed.",
            field=member,
        )
    for key, value in values.items():
        if (
            not _ENVIRONMENT_KEY.fullmatch(key)
            or not isinstance(value, str)
            or len(value) > MAX_VALUE
        ):
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
    if not spec.instance_type:
        raise ValidationFailed(f"Variant {spec.name}: name an InstanceType.", field=where)
    refused = instance_types.refusal(spec.instance_type)
    if refused:
        raise ValidationFailed(f"Variant {spec.name}: {refused}", field=where)
    within(spec.instance_count, 1, 1000, "InitialInstanceCount")
    within(spec.health_check_timeout_s, 60, 3600, "ContainerStartupHealthCheckTimeoutInSeconds")
    within(spec.download_timeout_s, 60, 3600, "ModelDataDownloadTimeoutInSeconds")
    weight(spec.weight)
    environment(spec.environment, "Environment")


def offered(members: Mapping[str, Any]) -> None:
    """Refuses what CreateEndpointConfig would keep and tell, and no endpoint would do."""
    for member, what in _NOT_YET.items():
        if members.get(member):
            raise ValidationFailed(
                f"{member}: {what} not offered by this console yet.", field=member
            )


def one_container(model: str, containers: Sequence[Mapping[str, Any]]) -> None:
    """Refuses a model of which only a part would be served. Empty definitions do not count."""
    served = [container for container in containers if container]
    field = "ProductionVariants"
    if len(served) > 1:
        raise ValidationFailed(
            f"Model {model} is a pipeline of {len(served)} containers; this console serves models"
            " of one.",
            field=field,
        )
    if any(container.get("Mode") == "MultiModel" for container in served):
        raise ValidationFailed(
            f"Model {model} is for a multi-model endpoint, which is not offered by this console"
            " yet.",
            field=field,
        )


def data_capture(config: Mapping[str, Any] | None) -> None:
    """A DataCaptureConfig. Who owns its bucket shows when there is something to deliver."""
    if not config:
        return
    where = "DataCaptureConfig"
    percent = config.get("InitialSamplingPercentage")
    if not isinstance(percent, int) or isinstance(percent, bool):
        raise ValidationFailed("InitialSamplingPercentage is a whole number.", field=where)
    within(percent, 0, 100, "InitialSamplingPercentage")
    if not isinstance(config.get("EnableCapture", True), bool):
        raise ValidationFailed("EnableCapture is true or false.", field=where)
    text(config.get("KmsKeyId", ""), _MAX_KEY_ID, f"{where}.KmsKeyId")
    _destination(config.get("DestinationS3Uri", ""), f"{where}.DestinationS3Uri")
    _capture_modes(config.get("CaptureOptions"), where)
    types = config.get("CaptureContentTypeHeader", {})
    if not isinstance(types, Mapping):
        raise ValidationFailed("CaptureContentTypeHeader maps names to lists.", field=where)
    for name, listed in types.items():
        _content_types(listed, f"{where}.CaptureContentTypeHeader.{name}")


def _destination(uri: Any, member: str) -> None:
    text(uri, _MAX_DESTINATION, member)
    try:
        parse_uri(uri)
    except ValidationFailed as refused:
        raise ValidationFailed(refused.message, field=member) from None


def _capture_modes(options: object, member: str) -> None:
    told = options if isinstance(options, list) else []
    modes = [each.get("CaptureMode") if isinstance(each, Mapping) else None for each in told]
    if not 1 <= len(modes) <= _MOST_MODES or any(mode not in _MODES for mode in modes):
        raise ValidationFailed(
            "CaptureOptions names a CaptureMode: Input, Output or InputAndOutput.", field=member
        )


def _content_types(types: object, member: str) -> None:
    told = types if isinstance(types, list) else []
    if not 1 <= len(told) <= _MOST_TYPES or not all(map(_is_content_type, told)):
        raise ValidationFailed(
            f"{member} lists 1 to {_MOST_TYPES} content types such as text/csv, without"
            " parameters.",
            field=member,
        )


def _is_content_type(value: object) -> bool:
    fits = isinstance(value, str) and len(value) <= _MAX_TYPE
    return fits and _CONTENT_TYPE.fullmatch(str(value)) is not None


def weight(value: float) -> None:
    # NaN fails both comparisons, infinity the second.
    if not 0 <= value < float("inf"):
        raise ValidationFailed(
            f"A variant weight is a number of 0 or more; {value:g} was given.",
            field="InitialVariantWeight",
        )
