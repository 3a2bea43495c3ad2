"""IAM's operations on the policies of a role."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from consoleapp.accounts import iam_policies
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import ValidationFailed
from consoleapp.aws.paging import offset


def attach_role_policy(actor: Actor, params: dict[str, Any]) -> None:
    iam_policies.attach(actor, name=params["RoleName"], arn=params["PolicyArn"])


def detach_role_policy(actor: Actor, params: dict[str, Any]) -> None:
    iam_policies.detach(actor, name=params["RoleName"], arn=params["PolicyArn"])


def list_attached_role_policies(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    attached = iam_policies.role(actor, params["RoleName"]).attached_policies
    shown, rest = _page(attached, params)
    return {
        "AttachedPolicies": [
            {"PolicyArn": arn, "PolicyName": arn.rpartition("/")[2]} for arn in shown
        ],
        **rest,
    }


def put_role_policy(actor: Actor, params: dict[str, Any]) -> None:
    iam_policies.put(
        actor,
        name=params["RoleName"],
        policy=params["PolicyName"],
        document=params["PolicyDocument"],
    )


def get_role_policy(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    name, policy = params["RoleName"], params["PolicyName"]
    document = iam_policies.inline(actor, name=name, policy=policy)
    return {"RoleName": name, "PolicyName": policy, "PolicyDocument": quote(document)}


def list_role_policies(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    shown, rest = _page(
        sorted(iam_policies.role(actor, params["RoleName"]).inline_policies), params
    )
    return {"PolicyNames": shown, **rest}


def delete_role_policy(actor: Actor, params: dict[str, Any]) -> None:
    iam_policies.delete_inline(actor, name=params["RoleName"], policy=params["PolicyName"])


def update_assume_role_policy(actor: Actor, params: dict[str, Any]) -> None:
    iam_policies.trust(actor, name=params["RoleName"], document=params["PolicyDocument"])


def _page(found: Sequence[str], params: dict[str, Any]) -> tuple[Sequence[str], dict[str, Any]]:
    start, size = offset(params.get("Marker", "0")), params.get("MaxItems", 100)
    if start is None:
        raise ValidationFailed("The Marker is not one that this list gave out.")
    end = start + size
    more = end < len(found)
    return found[start:end], {"IsTruncated": more, "Marker": str(end) if more else None}
