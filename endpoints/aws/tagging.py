"""SageMaker's tag operations: on any resource, by ARN."""

from typing import Any

from consoleapp.accounts import tags
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import Tag


def add_tags(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    found = tags.add(actor, params["ResourceArn"], params["Tags"])
    return {"Tags": [_member(tag) for tag in found]}


def list_tags(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    return {"Tags": [_member(tag) for tag in tags.of(actor, params["ResourceArn"])]}


def delete_tags(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    tags.remove(actor, params["ResourceArn"], params["TagKeys"])
    return {}


def _member(tag: Tag) -> dict[str, str]:
    return {"Key": tag.key, "Value": tag.value}
