"""REST: who you are, your keys and tokens, the account's roles and quotas."""

from typing import Any, cast

from django.conf import settings
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from consoleapp.accounts import keys, quotas, services, tokens
from consoleapp.accounts.authentication import actor_of
from consoleapp.accounts.errors import NotFound
from consoleapp.accounts.models import AccessKey, ApiToken, IamRole, User


class WhoAmI(serializers.Serializer[Any]):
    user = serializers.CharField()
    team = serializers.CharField()
    account_id = serializers.CharField()
    role = serializers.CharField()
    region = serializers.CharField()
    regions = serializers.ListField(child=serializers.CharField())


class Described(serializers.Serializer[Any]):
    description = serializers.CharField(max_length=128, required=False, default="")


class KeyAnswer(serializers.ModelSerializer[AccessKey]):
    user = serializers.CharField(source="user.username")

    class Meta:
        model = AccessKey
        fields = ["key_id", "user", "description", "created_at", "revoked_at"]


class NewKeyAnswer(KeyAnswer):
    secret_access_key = serializers.CharField(help_text="Shown once")

    class Meta(KeyAnswer.Meta):
        fields = [*KeyAnswer.Meta.fields, "secret_access_key"]


class TokenAnswer(serializers.ModelSerializer[ApiToken]):
    user = serializers.CharField(source="user.username")

    class Meta:
        model = ApiToken
        fields = ["id", "prefix", "user", "description", "created_at", "revoked_at"]


class NewTokenAnswer(TokenAnswer):
    token = serializers.CharField(help_text="Shown once")

    class Meta(TokenAnswer.Meta):
        fields = [*TokenAnswer.Meta.fields, "token"]


class RoleRequest(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=64)
    description = serializers.CharField(
        max_length=1000, required=False, default="", allow_blank=True
    )


class RoleAnswer(serializers.ModelSerializer[IamRole]):
    arn = serializers.CharField()

    class Meta:
        model = IamRole
        fields = ["name", "arn", "path", "description", "created_at"]


class QuotaAnswer(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()
    default = serializers.FloatField()
    value = serializers.FloatField()


class QuotaRequest(serializers.Serializer[Any]):
    value = serializers.FloatField(allow_null=True, help_text="null: back to the default")


@extend_schema(operation_id="whoami", responses=WhoAmI)
@api_view(["GET"])
def whoami(request: Request) -> Response:
    actor = actor_of(request)
    return Response(
        {
            "user": actor.user.username if actor.user else "",
            "team": actor.team.name,
            "account_id": actor.account_id,
            "role": actor.role,
            "region": actor.region,
            "regions": settings.REGIONS,
        }
    )


@extend_schema(methods=["GET"], operation_id="access_keys_list", responses=KeyAnswer(many=True))
@extend_schema(methods=["POST"], request=Described, responses={201: NewKeyAnswer})
@never_cache
@api_view(["GET", "POST"])
def access_keys(request: Request) -> Response:
    """Your access keys (all of the team's for an admin). POST makes one and shows its secret."""
    actor = actor_of(request)
    if request.method == "GET":
        return Response(KeyAnswer(keys.visible(actor), many=True).data)
    key, secret = keys.create(actor, _user(request), _read(Described, request)["description"])
    return Response({**KeyAnswer(key).data, "secret_access_key": secret}, status=201)


@extend_schema(responses={204: None})
@api_view(["DELETE"])
def access_key(request: Request, key_id: str) -> Response:
    keys.revoke(actor_of(request), key_id)
    return Response(status=204)


@extend_schema(methods=["GET"], operation_id="api_tokens_list", responses=TokenAnswer(many=True))
@extend_schema(methods=["POST"], request=Described, responses={201: NewTokenAnswer})
@never_cache
@api_view(["GET", "POST"])
def api_tokens(request: Request) -> Response:
    """Your API tokens (all of the team's for an admin). POST makes one and shows it."""
    actor = actor_of(request)
    if request.method == "GET":
        return Response(TokenAnswer(tokens.visible(actor), many=True).data)
    token, text = tokens.create(actor, _user(request), _read(Described, request)["description"])
    return Response({**TokenAnswer(token).data, "token": text}, status=201)


@extend_schema(responses={204: None})
@api_view(["DELETE"])
def api_token(request: Request, token_id: int) -> Response:
    tokens.revoke(actor_of(request), token_id)
    return Response(status=204)


@extend_schema(methods=["GET"], operation_id="iam_roles_list", responses=RoleAnswer(many=True))
@extend_schema(methods=["POST"], request=RoleRequest, responses={201: RoleAnswer})
@api_view(["GET", "POST"])
def iam_roles(request: Request) -> Response:
    actor = actor_of(request)
    if request.method == "GET":
        return Response(RoleAnswer(services.iam_roles(actor), many=True).data)
    role = services.create_iam_role(actor, **_read(RoleRequest, request))
    return Response(RoleAnswer(role).data, status=201)


@extend_schema(operation_id="quotas_list", responses=QuotaAnswer(many=True))
@api_view(["GET"])
def quota_list(request: Request) -> Response:
    return Response(QuotaAnswer(quotas.effective(actor_of(request).team), many=True).data)


@extend_schema(methods=["PUT"], request=QuotaRequest)
@extend_schema(responses=QuotaAnswer)
@api_view(["GET", "PUT"])
def quota(request: Request, code: str) -> Response:
    """One quota. PUT sets it for the team: admins only."""
    actor = actor_of(request)
    if code not in quotas.DEFAULTS:
        raise NotFound(f"There is no quota '{code}'.")
    if request.method == "PUT":
        quotas.set_limit(actor, code=code, value=_read(QuotaRequest, request)["value"])
    found = next(each for each in quotas.effective(actor.team) if each.code == code)
    return Response(QuotaAnswer(found).data)


def _read(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    serializer = kind(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _user(request: Request) -> User:
    return cast(User, request.user)
