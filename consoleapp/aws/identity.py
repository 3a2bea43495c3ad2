"""STS and the part of IAM that SageMaker's documented flows call."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from consoleapp.accounts import iam_policies, services, tags
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import InUse, LimitExceeded
from consoleapp.accounts.models import IamRole
from consoleapp.aws.paging import page


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
    document = params["AssumeRolePolicyDocument"]
    iam_policies.check_document(document)
    try:
        role = services.create_iam_role(
            actor,
            params["RoleName"],
            params.get("Description", ""),
            path=params.get("Path", "/"),
            assume_role_policy=document,
        )
    except InUse as taken:
        raise EntityAlreadyExists(taken.message) from None
    except LimitExceeded as full:
        raise iam_policies.TooMany(full.message) from None
    tags.add(actor, role.arn, params.get("Tags", ()))
    return {"Role": _with_tags(actor, role)}


def get_role(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    if params["RoleName"] == _own_role(actor):
        # It is nobody's row: whoever asks has it.
        return {"Role": _role(IamRole(pk=0, team=actor.team, name=_own_role(actor)))}
    return {"Role": _with_tags(actor, iam_policies.role(actor, params["RoleName"]))}


def list_roles(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    rows = IamRole.objects.filter(
        team=actor.team, path__startswith=params.get("PathPrefix", "/")
    ).order_by("name")
    wanted = {"MaxResults": params.get("MaxItems", 100), "NextToken": params.get("Marker")}
    answer = page(rows.select_related("team"), wanted, "Roles", _role)
    marker = answer.pop("NextToken", None)
    return {**answer, "IsTruncated": marker is not None, "Marker": marker}


def delete_role(actor: Actor, params: dict[str, Any]) -> None:
    iam_policies.delete_role(actor, name=params["RoleName"])


def tag_role(actor: Actor, params: dict[str, Any]) -> None:
    tags.add(actor, iam_policies.role(actor, params["RoleName"]).arn, params["Tags"])


def untag_role(actor: Actor, params: dict[str, Any]) -> None:
    tags.remove(actor, iam_policies.role(actor, params["RoleName"]).arn, params["TagKeys"])


def list_role_tags(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    found = _tags(actor, iam_policies.role(actor, params["RoleName"]))
    return {"Tags": found, "IsTruncated": False}


def _own_role(actor: Actor) -> str:
    return f"console-{actor.role}"


def _with_tags(actor: Actor, role: IamRole) -> dict[str, Any]:
    return {**_role(role), "Tags": _tags(actor, role)}


def _tags(actor: Actor, role: IamRole) -> list[dict[str, str]]:
    return [{"Key": tag.key, "Value": tag.value} for tag in tags.of(actor, role.arn)]


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
