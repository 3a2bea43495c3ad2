"""How REST callers are known (token or session), and how errors answer them."""

from typing import Any, Final, cast

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from rest_framework import exceptions
from rest_framework.authentication import (
    BaseAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.request import Request
from rest_framework.response import Response

from consoleapp.accounts import tokens
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError, Forbidden
from consoleapp.accounts.models import ApiToken, Membership, User


def actor_of(request: Request) -> Actor:
    """The team and region a REST request acts in. Raises Forbidden for a person without a team."""
    actor: Actor | None = getattr(request._request, "actor", None)
    if actor is None:
        raise Forbidden("You belong to no team yet. Ask an admin of a team to add you.")
    return actor


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token x` or `Bearer x`; the region by `X-Console-Region`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() not in {b"token", b"bearer"}:
            return None
        if len(words) != 2:
            raise exceptions.AuthenticationFailed("Write it as: Authorization: Token <your token>")
        token = tokens.resolve(words[1].decode("latin-1"))
        if token is None:
            raise exceptions.AuthenticationFailed("This token is unknown or was revoked.")
        _set_actor(request._request, _actor_of_token(token, request))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Token"


class ConsoleSessionAuthentication(SessionAuthentication):
    """The page's own session: the middleware has already set its actor. CSRF is enforced."""


def _actor_of_token(token: ApiToken, request: Request) -> Actor:
    region = request.headers.get("X-Console-Region") or settings.DEFAULT_REGION
    if region not in settings.REGIONS:
        raise exceptions.AuthenticationFailed(f"There is no region {region} here.")
    role = Membership.objects.values_list("role", flat=True).get(team=token.team, user=token.user)
    return Actor(team=token.team, region=region, role=role, user=token.user)


def _set_actor(request: HttpRequest, actor: Actor) -> None:
    cast(Any, request).actor = actor


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal is `{"code", "message", "field"}`; None lets a bug become a 500.

    Written out rather than wrapped: DRF reads its views only after it has read this module.
    """
    if isinstance(error, CallerError):
        return _answer(error.code, error.message, error.status, field=error.field)
    if isinstance(error, Http404):
        return _answer("ResourceNotFound", str(error) or "Not found.", 404)
    if isinstance(error, PermissionDenied):
        return _answer("AccessDeniedException", str(error), 403)
    if isinstance(error, exceptions.APIException):
        return _answer_of_drf(error)
    return None


# DRF's classes and AWS's words for them; what is not listed is a ValidationException.
_CODES: Final = (
    (exceptions.NotAuthenticated, "MissingAuthenticationToken"),
    (exceptions.AuthenticationFailed, "UnrecognizedClientException"),
    (exceptions.PermissionDenied, "AccessDeniedException"),
    (exceptions.NotFound, "ResourceNotFound"),
    (exceptions.Throttled, "ThrottlingException"),
)


def _answer_of_drf(error: exceptions.APIException) -> Response:
    code = next((code for kind, code in _CODES if isinstance(error, kind)), "ValidationException")
    field, message = _first(error.detail)
    response = _answer(code, message, error.status_code, field=field)
    if challenge := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait))
    return response


def _answer(code: str, message: str, status: int, *, field: str = "") -> Response:
    return Response({"code": code, "message": message, "field": field}, status=status)


def _first(detail: Any, path: str = "") -> tuple[str, str]:
    """The first message of DRF's nested errors, with the dotted member it belongs to."""
    if isinstance(detail, dict):
        key, inner = next(iter(detail.items()))
        inside = path if key == "non_field_errors" else f"{path}.{key}".lstrip(".")
        return _first(inner, inside)
    if isinstance(detail, list):
        # A list of serializers' errors holds {} for the items that are fine.
        index, inner = next((i, item) for i, item in enumerate(detail) if item)
        return _first(inner, f"{path}[{index}]" if isinstance(inner, dict) else path)
    return path, str(detail)
