"""REST: one invocation of an endpoint. The body goes to the model as it is, and its answer back."""

from typing import Final

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from consoleapp.accounts.authentication import actor_of
from endpoints import invoking
from endpoints.invoking import BODY_LIMIT, Answer, Invocation

_TARGET: Final = "X-Amzn-SageMaker-Target-Variant"
_INVOKED: Final = "X-Amzn-Invoked-Production-Variant"


@extend_schema(
    summary="Invoke an endpoint",
    description=(
        "The body is sent to the model with its Content-Type and Accept. The answer is the"
        f" model's own; the header {_INVOKED} names the variant that gave it. Programs that make"
        " many invocations call InvokeEndpoint with an AWS SDK instead: it is the quicker way."
    ),
    tags=["endpoints"],
    request={"*/*": OpenApiTypes.BINARY},
    parameters=[
        OpenApiParameter(
            _TARGET,
            OpenApiTypes.STR,
            OpenApiParameter.HEADER,
            description="The variant that is to answer, whatever the weights are",
        )
    ],
    responses={
        (200, "*/*"): OpenApiTypes.BINARY,
        424: OpenApiResponse(description="The model answered with an error"),
        503: OpenApiResponse(description="No instance can take it now"),
    },
)
@api_view(["POST"])
def invocations(request: Request, name: str) -> HttpResponse | Response:
    stream = request.stream
    invocation = Invocation(
        # One byte over is enough to be told that it is too long.
        body=stream.read(BODY_LIMIT + 1) if stream is not None else b"",
        content_type=request.content_type or "",
        accept=request.headers.get("Accept", ""),
        target_variant=request.headers.get(_TARGET, ""),
    )
    answer = invoking.invoke(actor_of(request), name=name, invocation=invocation)
    return _passed_on(answer) if answer.succeeded else _refused(answer)


def _passed_on(answer: Answer) -> HttpResponse:
    content_type = answer.content_type or "application/octet-stream"
    found = HttpResponse(answer.body, content_type=content_type)
    found[_INVOKED] = answer.variant
    return found


def _refused(answer: Answer) -> Response:
    members = {"code": answer.error, "message": answer.message, "field": ""}
    headers = {_INVOKED: answer.variant} if answer.variant else {}
    return Response(members, status=answer.status, headers=headers)
