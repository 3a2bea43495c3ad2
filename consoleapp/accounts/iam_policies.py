"""What an IAM role may do and who may take it: kept and read back, as the embedded hosts have no
IAM that would go by it."""

import json
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from consoleapp.accounts import audit, tags
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import InUse, LimitExceeded, NotFound, ValidationFailed
from consoleapp.accounts.models import IamRole, Role

#: IAM's quotas: managed policies of a role, and characters of all its inline policies together.
_MOST_ATTACHED: Final = 20
_MOST_INLINE: Final = 10_240


class NoSuchEntity(NotFound):
    code = "NoSuchEntity"


class DeleteConflict(InUse):
    """Something still hangs on it."""

    code = "DeleteConflict"


class TooMany(LimitExceeded):
    code = "LimitExceeded"
    status = 409


class MalformedPolicy(ValidationFailed):
    code = "MalformedPolicyDocument"


class InvalidArn(ValidationFailed):
    code = "InvalidInput"


def role(actor: Actor, name: str) -> IamRole:
    """Raises NoSuchEntity in IAM's words."""
    return _one(IamRole.objects.all(), actor, name)


def _one(rows: QuerySet[IamRole], actor: Actor, name: str) -> IamRole:
    found = rows.select_related("team").filter(team=actor.team, name=name).first()
    if found is None:
        raise NoSuchEntity(f"The role with name {name} cannot be found.")
    return found


def check_document(document: str) -> None:
    """Raises MalformedPolicy unless it is a JSON object."""
    try:
        found = json.loads(document)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise MalformedPolicy("This policy contains invalid Json")


@transaction.atomic
def attach(actor: Actor, *, name: str, arn: str) -> None:
    """Twice is as once."""
    found = _changed(actor, name)
    if not (arn.startswith("arn:aws:iam::") and ":policy/" in arn):
        raise InvalidArn(f"ARN {arn} is not valid.")
    if arn in found.attached_policies:
        return
    if len(found.attached_policies) >= _MOST_ATTACHED:
        raise TooMany(f"Cannot exceed quota for PoliciesPerRole: {_MOST_ATTACHED}")
    found.attached_policies = [*found.attached_policies, arn]
    found.save(update_fields=["attached_policies"])
    audit.record(actor, "AttachRolePolicy", found.arn, policy=arn)


@transaction.atomic
def detach(actor: Actor, *, name: str, arn: str) -> None:
    found = _changed(actor, name)
    if arn not in found.attached_policies:
        raise NoSuchEntity(f"Policy {arn} was not found.")
    found.attached_policies = [each for each in found.attached_policies if each != arn]
    found.save(update_fields=["attached_policies"])
    audit.record(actor, "DetachRolePolicy", found.arn, policy=arn)


@transaction.atomic
def put(actor: Actor, *, name: str, policy: str, document: str) -> None:
    """An inline policy; one of this name is replaced."""
    found = _changed(actor, name)
    check_document(document)
    policies: dict[str, Any] = {**found.inline_policies, policy: document}
    if sum(len("".join(text.split())) for text in policies.values()) > _MOST_INLINE:
        raise TooMany(f"Maximum policy size of {_MOST_INLINE} bytes exceeded for role {name}")
    found.inline_policies = policies
    found.save(update_fields=["inline_policies"])
    audit.record(actor, "PutRolePolicy", found.arn, policy=policy)


def inline(actor: Actor, *, name: str, policy: str) -> str:
    """The document of an inline policy. Raises NoSuchEntity."""
    found: str | None = role(actor, name).inline_policies.get(policy)
    if found is None:
        raise _no_inline(policy)
    return found


@transaction.atomic
def delete_inline(actor: Actor, *, name: str, policy: str) -> None:
    found = _changed(actor, name)
    if policy not in found.inline_policies:
        raise _no_inline(policy)
    found.inline_policies = {n: text for n, text in found.inline_policies.items() if n != policy}
    found.save(update_fields=["inline_policies"])
    audit.record(actor, "DeleteRolePolicy", found.arn, policy=policy)


@transaction.atomic
def trust(actor: Actor, *, name: str, document: str) -> None:
    """Who may take the role."""
    found = _changed(actor, name)
    check_document(document)
    found.assume_role_policy = document
    found.save(update_fields=["assume_role_policy"])
    audit.record(actor, "UpdateAssumeRolePolicy", found.arn)


@transaction.atomic
def delete_role(actor: Actor, *, name: str) -> None:
    """Raises DeleteConflict while a policy hangs on it, as at IAM."""
    found = _changed(actor, name)
    if found.attached_policies:
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")
    if found.inline_policies:
        raise DeleteConflict("Cannot delete entity, must delete policies first.")
    tags.forget(actor, found.arn)
    audit.record(actor, "DeleteRole", found.arn)
    found.delete()


def _changed(actor: Actor, name: str) -> IamRole:
    """The role, for who may change it, and for nobody else meanwhile: its policies are read,
    changed and written back."""
    actor.must(Role.OPERATOR)
    return _one(IamRole.objects.select_for_update(of=("self",)), actor, name)


def _no_inline(policy: str) -> NoSuchEntity:
    return NoSuchEntity(f"The role policy with name {policy} cannot be found.")
