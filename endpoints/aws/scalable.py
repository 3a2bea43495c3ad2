"""What Application Auto Scaling's operations share: how a variant is named, and page sizes."""

import re
from typing import Any, Final, TypeVar

from django.db.models import Model, QuerySet

from consoleapp.accounts.errors import ValidationFailed
from endpoints.models import ScalableTarget

R = TypeVar("R", bound=Model)
NAMESPACE: Final = "sagemaker"
DIMENSION: Final = "sagemaker:variant:DesiredInstanceCount"
_RESOURCE: Final = re.compile(r"endpoint/([^/]+)/variant/([^/]+)")
_PAGE: Final = 50


def resource(params: dict[str, Any]) -> tuple[str, str]:
    """Endpoint and variant."""
    if params["ServiceNamespace"] != NAMESPACE:
        raise ValidationFailed(f"This console scales the service namespace {NAMESPACE} only.")
    if params["ScalableDimension"] != DIMENSION:
        raise ValidationFailed(f"This console scales {DIMENSION} only.")
    return parsed(params["ResourceId"])


def parsed(resource_id: str) -> tuple[str, str]:
    found = _RESOURCE.fullmatch(resource_id)
    if found is None:
        raise ValidationFailed(
            f"Unsupported resource ID '{resource_id}': it is endpoint/<name>/variant/<name>."
        )
    return found.group(1), found.group(2)


def narrowed(rows: QuerySet[R], params: dict[str, Any]) -> QuerySet[R]:
    """What a list asks for: nothing where it asks for what this console does not scale."""
    other = params.get("ScalableDimension", DIMENSION) != DIMENSION
    return rows.none() if params["ServiceNamespace"] != NAMESPACE or other else rows


def of_targets(rows: QuerySet[R], params: dict[str, Any]) -> QuerySet[R]:
    """The same for rows that belong to a target, which a ResourceId may name."""
    rows = narrowed(rows, params)
    if "ResourceId" not in params:
        return rows
    endpoint, variant = parsed(params["ResourceId"])
    return rows.filter(target__endpoint__name=endpoint, target__variant_name=variant)


def sized(params: dict[str, Any]) -> dict[str, Any]:
    size = params.get("MaxResults", _PAGE)
    if not 1 <= size <= _PAGE:
        raise ValidationFailed(f"MaxResults must be between 1 and {_PAGE}.")
    return {**params, "MaxResults": size}


def where(target: ScalableTarget) -> dict[str, Any]:
    return {
        "ServiceNamespace": NAMESPACE,
        "ResourceId": target.resource_id,
        "ScalableDimension": DIMENSION,
    }
