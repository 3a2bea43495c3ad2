"""What must be known of the model before it can be benchmarked: metadata, image, payload."""

import ipaddress
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError
from consoleapp.storage import patience, s3
from consoleapp.storage.public_addresses import checked_addresses
from endpoints import queries as endpoint_queries
from endpoints.models import Endpoint
from endpoints.stacks import table
from endpoints.statuses import EndpointStatus
from recommender.errors import FieldError
from recommender.request import JobRequest
from recommender.rules.instances import SERVERLESS_REFUSED
from recommender.rules.subject import Subject

_GZIP: Final = b"\x1f\x8b"
_CONTAINER: Final = "InputConfig.ContainerConfig"
_PAYLOAD: Final = f"{_CONTAINER}.PayloadConfig"
_ENDPOINT: Final = "InputConfig.Endpoints.0.EndpointName"


def problems(actor: Actor, request: JobRequest, subject: Subject) -> Iterator[FieldError]:
    yield from _metadata(request, subject)
    yield from _image(request, subject)
    yield from _payload(actor, subject)
    if subject.container_config.get("SupportedEndpointType") == "Serverless":
        yield FieldError(f"{_CONTAINER}.SupportedEndpointType", SERVERLESS_REFUSED)
    for index, configuration in enumerate(request.configurations):
        yield from _specification(configuration.get("InferenceSpecificationName"), index, subject)
    if subject.endpoint is not None:
        yield from _endpoint(subject.endpoint)


def _metadata(request: JobRequest, subject: Subject) -> Iterator[FieldError]:
    if subject.package is not None:
        where = f"the Model Package version {subject.package.version}"
    elif request.is_default and subject.endpoint is None:
        where = "the ContainerConfig"
    else:
        return
    for name, value in (("Domain", subject.domain), ("Framework", subject.framework)):
        if not value:
            yield FieldError(
                f"{_CONTAINER}.{name}",
                f"Specify {name} in {where}. {name} is a mandatory parameter for the job.",
            )


def _image(request: JobRequest, subject: Subject) -> Iterator[FieldError]:
    member = "ModelPackageVersionArn" if request.package_arn else "ModelName"
    for image in subject.images:
        reason = table.refusal(image)
        if reason:
            yield FieldError(f"InputConfig.{member}", reason)


def _payload(actor: Actor, subject: Subject) -> Iterator[FieldError]:
    url = subject.payload_url
    if not subject.content_type:
        yield FieldError(
            f"{_PAYLOAD}.SupportedContentTypes", "Specify the content type of the sample payload."
        )
    if not url:
        yield FieldError(
            f"{_PAYLOAD}.SamplePayloadUrl",
            "Specify SamplePayloadUrl: the address of a .tar.gz archive of sample payloads.",
        )
    elif not url.startswith(("s3://", "https://", "http://")):
        yield FieldError(
            f"{_PAYLOAD}.SamplePayloadUrl", f"{url} is neither an s3:// nor an https:// address."
        )
    elif url.startswith("s3://"):
        yield from _object(actor, url)
    else:
        yield from _address(url)


def _object(actor: Actor, url: str) -> Iterator[FieldError]:
    try:
        opened = s3.open_object(actor, url)
        begins = next(opened.pieces, b"")
        opened.close()
        if not begins.startswith(_GZIP):
            yield FieldError(
                f"{_PAYLOAD}.SamplePayloadUrl",
                f"{url} is not a .tar.gz archive: its content is not compressed with gzip.",
            )
    except CallerError as refused:
        yield FieldError(f"{_PAYLOAD}.SamplePayloadUrl", refused.message, refused.code)
    except patience.FAULTS:
        yield FieldError(f"{_PAYLOAD}.SamplePayloadUrl", patience.AWAY)


def _address(url: str) -> Iterator[FieldError]:
    """An address that is written as a number. A name is looked up when the archive is fetched."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
        if host != "localhost":
            ipaddress.ip_address(host)
    except ValueError:
        return
    try:
        checked_addresses(host, port)
    except CallerError as refused:
        yield FieldError(f"{_PAYLOAD}.SamplePayloadUrl", refused.message, refused.code)


def _specification(name: str | None, index: int, subject: Subject) -> Iterator[FieldError]:
    if name and name not in subject.specification_names:
        known = ", ".join(subject.specification_names) or "none"
        yield FieldError(
            f"InputConfig.EndpointConfigurations.{index}.InferenceSpecificationName",
            f"The model package has no inference specification named {name}. It has: {known}.",
        )


def _endpoint(endpoint: Endpoint) -> Iterator[FieldError]:
    """AWS's restrictions on benchmarking an existing endpoint."""
    name = endpoint.name
    variants = list(endpoint_queries.variants(endpoint))
    if endpoint.status != EndpointStatus.IN_SERVICE:
        yield FieldError(_ENDPOINT, f"Endpoint {name} is {endpoint.status}; it must be InService.")
    if len(variants) != 1:
        yield FieldError(
            _ENDPOINT,
            f"Endpoint {name} has {len(variants)} variants; only an endpoint with exactly one"
            " production variant can be benchmarked.",
        )
    if endpoint.config.async_inference_config or any(not v.instance_type for v in variants):
        yield FieldError(_ENDPOINT, f"Endpoint {name} is not real-time; only those are supported.")
    if any(v.model.container.get("Mode") == "MultiModel" for v in variants):
        yield FieldError(_ENDPOINT, f"Endpoint {name} is multi-model, which is not supported.")
