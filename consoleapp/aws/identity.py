"""STS and the part of IAM that SageMaker's documented flows call."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import quote

from consoleapp.accounts import services
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import InUse, NotFound, ValidationFailed
from consoleapp.accounts.models import IamRole
from consoleapp.aws.paging import page


class NoSuchEntity(NotFound):
    code = "NoSuchEntity"


class EntityAlreadyExists(InUse):
    code = "EntityAlreadyExists"


def get_caller_identity(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    """A member of a team acts by a role, as in SageMaker's own notebooks: the SDK's
    get_execution_role() reads it out of this ARN."""
    name = actor.user.get_username() if actor.user else "console"
    return {
        "UserId": f"AROA{name.upper():X<16.16}:{name}",
        "Account": actor.account_id,
        "Arn": f"arn:aws:sts::{actor.account_id}:assumed-role/{_own_role(actor)}/{name}",
    }


def create_role(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    name = params["RoleName"]
    _check_document(params["AssumeRolePolicyDocument"])
    if IamRole.objects.filter(team=actor.team, name=name).exists():
        raise EntityAlreadyExists(f"Role with name {name} already exists.")
    role = services.create_iam_role(actor, name, params.get("Description", ""))
    role.path = params.get("Path", "/")
    role.assume_role_policy = params["AssumeRolePolicyDocument"]
    role.save(update_fields=["path", "assume_role_policy"])
    return {"Role": _role(role)}


def get_role(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    if params["RoleName"] == _own_role(actor):
        # It is nobody's row: whoever asks has it.
        return {"Role": _role(IamRole(pk=0, team=actor.team, name=_own_role(actor)))}
    return {"Role": _role(_find(actor, params["RoleName"]))}


def list_roles(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    rows = IamRole.objects.filter(
        team=actor.team, path__startswith=params.get("PathPrefix", "/")
    ).order_by("name")
    wanted = {"MaxResults": params.get("MaxItems", 100), "NextToken": params.get("Marker")}
    answer = page(rows.select_related("team"), wanted, "Roles", _role)
    marker = answer.pop("NextToken", None)
    return {**answer, "IsTruncated": marker is not None, "Marker": marker}


def attach_role_policy(actor: Actor, params: dict[str, Any]) -> None:
    role = _find(actor, params["RoleName"])
    if params["PolicyArn"] not in role.attached_policies:
        role.attached_policies = [*role.attached_policies, params["PolicyArn"]]
        role.save(update_fields=["attached_policies"])


def list_attached_role_policies(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    attached = _find(actor, params["RoleName"]).attached_policies
    return {
        "AttachedPolicies": [
            {"PolicyArn": arn, "PolicyName": arn.rpartition("/")[2]} for arn in attached
        ],
        "IsTruncated": False,
    }


def _own_role(actor: Actor) -> str:
    return f"console-{actor.role}"


def _find(actor: Actor, name: str) -> IamRole:
    role = IamRole.objects.select_related("team").filter(team=actor.team, name=name).first()
    if role is None:
        raise NoSuchEntity(f"The role with name {name} cannot be found.")
    return role


def _check_document(document: str) -> None:
    try:
        json.loads(document)
    except ValueError:
        raise MalformedPolicy("AssumeRolePolicyDocument is not valid JSON.") from None


class MalformedPolicy(ValidationFailed):
    code = "MalformedPolicyDocument"


def _role(role: IamRole) -> dict[str, Any]:
    created: datetime = role.created_at
    return {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": f"AROA{role.pk:017d}",
        "Arn": role.arn,
        "CreateDate": created,
        "AssumeRolePolicyDocument": quote(role.assume_role_policy) or None,
        "Description": role.description or None,
    }
