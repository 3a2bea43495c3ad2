"""SageMaker's tag operations: on any resource that is there, by ARN."""

from collections.abc import Callable
from typing import Any, Final

from consoleapp.accounts import tags
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound
from consoleapp.accounts.models import Tag
from endpoints import queries as endpoint_queries
from recommender import queries

#: Each raises what describing the resource raises.
_FIND: Final[dict[str, Callable[[Actor, str], object]]] = {
    "model": endpoint_queries.model,
    "endpoint-config": endpoint_queries.endpoint_config,
    "endpoint": endpoint_queries.endpoint,
    "model-package-group": endpoint_queries.group,
    "model-package": endpoint_queries.package,
    "inference-recommendations-job": queries.job,
}


def add_tags(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    found = tags.add(actor, _arn(actor, params), params["Tags"])
    return {"Tags": [_member(tag) for tag in found]}


def list_tags(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    return {"Tags": [_member(tag) for tag in tags.of(actor, _arn(actor, params))]}


def delete_tags(actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
    tags.remove(actor, _arn(actor, params), params["TagKeys"])
    return {}


def _arn(actor: Actor, params: dict[str, Any]) -> str:
    """Of a resource that is there: tags of a deleted one would be those of the next of its name."""
    arn = str(params["ResourceArn"])
    kind, _, name = arn.rpartition(":")[2].partition("/")
    if arn != endpoint_queries.arn(actor, kind, name) or kind not in _FIND:
        raise NotFound(f"The resource {arn} does not exist.")
    _FIND[kind](actor, name)
    return arn


def _member(tag: Tag) -> dict[str, str]:
    return {"Key": tag.key, "Value": tag.value}
