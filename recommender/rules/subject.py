"""What a job benchmarks: the model or package or endpoint that the request names, read once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError
from endpoints import queries as endpoint_queries
from endpoints.models import Endpoint, Model, ModelPackage
from recommender.errors import FieldError
from recommender.request import JobRequest


@dataclass(frozen=True, slots=True)
class Subject:
    model: Model | None = None
    package: ModelPackage | None = None
    endpoint: Endpoint | None = None
    container_config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def specification(self) -> Mapping[str, Any]:
        return (self.package.inference_specification if self.package else None) or {}

    @property
    def images(self) -> list[str]:
        containers: list[Mapping[str, Any]] = list(self.specification.get("Containers") or [])
        if self.model is not None:
            containers.append(self.model.container)
        return [str(c["Image"]) for c in containers if c.get("Image")]

    @property
    def supported_types(self) -> tuple[str, ...]:
        """Empty means: every type."""
        own = self.container_config.get("SupportedInstanceTypes")
        package = self.specification.get("SupportedRealtimeInferenceInstanceTypes")
        return tuple(own or package or ())

    @property
    def domain(self) -> str:
        return str(
            self.container_config.get("Domain") or (self.package.domain if self.package else "")
        )

    @property
    def framework(self) -> str:
        package = self.package.framework if self.package else ""
        return str(self.container_config.get("Framework") or package)

    @property
    def payload_url(self) -> str:
        package = self.package.sample_payload_url if self.package else ""
        return str(self._payload_config.get("SamplePayloadUrl") or package)

    @property
    def content_type(self) -> str:
        """The MIME type that is sent: the first supported one."""
        types = self._payload_config.get("SupportedContentTypes") or self.specification.get(
            "SupportedContentTypes"
        )
        return str(types[0]) if types else ""

    @property
    def accept(self) -> str:
        types = self.container_config.get("SupportedResponseMIMETypes") or self.specification.get(
            "SupportedResponseMIMETypes"
        )
        return str(types[0]) if types else ""

    @property
    def specification_names(self) -> list[str]:
        """The package's additional inference specifications, by name."""
        return [str(s.get("Name")) for s in additional_specifications(self.package)]

    @property
    def _payload_config(self) -> Mapping[str, Any]:
        return self.container_config.get("PayloadConfig") or {}


def additional_specifications(package: ModelPackage | None) -> list[Mapping[str, Any]]:
    other: Mapping[str, Any] = package.other if package else {}
    return list(other.get("AdditionalInferenceSpecifications") or [])


def resolve(actor: Actor, request: JobRequest) -> tuple[Subject | None, list[FieldError]]:
    """The subject, or None with what is missing or does not exist for this team."""
    wrong = list(_named(request))
    if wrong:
        return None, wrong
    try:
        return _fetch(actor, request), []
    except CallerError as missing:
        return None, [FieldError(_member(request, missing), missing.message, missing.code)]


def _named(request: JobRequest) -> Iterator[FieldError]:
    if request.model_name and request.package_arn:
        yield FieldError(
            "InputConfig.ModelName", "Give either ModelName or ModelPackageVersionArn, not both."
        )
    if not (request.model_name or request.package_arn or request.endpoint_name):
        yield FieldError(
            "InputConfig.ModelName", "Specify a ModelName or a ModelPackageVersionArn."
        )


def _fetch(actor: Actor, request: JobRequest) -> Subject:
    model = package = endpoint = None
    if request.package_arn:
        package = endpoint_queries.package(actor, request.package_arn)
    if request.model_name:
        model = endpoint_queries.model(actor, request.model_name)
    if request.endpoint_name:
        endpoint = endpoint_queries.endpoint(actor, request.endpoint_name)
        if model is None and package is None:
            model = _model_of(endpoint)
    return Subject(model, package, endpoint, request.container_config)


def _model_of(endpoint: Endpoint) -> Model | None:
    variant = endpoint_queries.variants(endpoint).first()
    return variant.model if variant else None


def _member(request: JobRequest, missing: CallerError) -> str:
    text = missing.message
    if request.endpoint_name and request.endpoint_name in text:
        return "InputConfig.Endpoints.0.EndpointName"
    if request.package_arn and (request.package_arn in text or not request.model_name):
        return "InputConfig.ModelPackageVersionArn"
    return "InputConfig.ModelName"
