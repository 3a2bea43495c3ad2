"""What every REST list has: the same filters, pages, and checked bodies."""

from typing import Any, Final, cast

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, DateTimeField

from consoleapp.accounts.errors import ValidationFailed
from endpoints.queries import Filters

_TEXTS: Final = ("name_contains", "status", "sort_by", "sort_order")
_TIMES: Final = ("created_after", "created_before")
FILTERS: Final = [
    OpenApiParameter("name_contains", OpenApiTypes.STR),
    OpenApiParameter("sort_by", OpenApiTypes.STR, enum=["Name", "CreationTime", "Status"]),
    OpenApiParameter("sort_order", OpenApiTypes.STR, enum=["Ascending", "Descending"]),
    *(OpenApiParameter(name, OpenApiTypes.DATETIME) for name in _TIMES),
]


class Pages(LimitOffsetPagination):
    #: However many are asked for: events and shifts of a year are no single answer.
    max_limit = 1000


def filters(request: Request) -> Filters:
    """Raises ValidationFailed for a time that is none."""
    found: dict[str, Any] = {name: request.query_params.get(name, "") for name in _TEXTS}
    for name in _TIMES:
        text = request.query_params.get(name)
        try:
            found[name] = DateTimeField().to_internal_value(text) if text else None
        except ValidationError:
            raise ValidationFailed(
                f"{name} must be a time such as 2026-01-31T12:00:00Z.", field=name
            ) from None
    return cast(Filters, {name: value for name, value in found.items() if value})


def listed(
    request: Request, rows: QuerySet[Any], serializer: type[BaseSerializer[Any]]
) -> Response:
    paginator = Pages()
    page = paginator.paginate_queryset(rows, request)
    return paginator.get_paginated_response(serializer(page, many=True).data)


def cleaned(request: Request, serializer: type[BaseSerializer[Any]]) -> dict[str, Any]:
    """The body's members as the serializer has them; raises DRF's ValidationError."""
    body = serializer(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)
