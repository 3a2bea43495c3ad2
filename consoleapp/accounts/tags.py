"""Tags on any resource of a team, by ARN."""

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.db.models import QuerySet

from consoleapp.accounts import audit
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import LimitExceeded, NotFound
from consoleapp.accounts.models import Role, Tag

_MOST_PER_RESOURCE = 50


def of(actor: Actor, arn: str) -> QuerySet[Tag]:
    """Raises NotFound when the ARN is another account's."""
    _own(actor, arn)
    return Tag.objects.filter(team=actor.team, resource_arn=arn).order_by("key")


def add(actor: Actor, arn: str, tags: Iterable[Mapping[str, str]]) -> list[Tag]:
    """Sets each {"Key", "Value"}; a key that is there gets the new value. Answers all tags.

    Most resources come without: then nothing is asked of the database.
    """
    wanted = list(tags)
    return _add(actor, arn, wanted) if wanted else []


@transaction.atomic
def _add(actor: Actor, arn: str, tags: Sequence[Mapping[str, str]]) -> list[Tag]:
    actor.must(Role.OPERATOR)
    _own(actor, arn)
    for tag in tags:
        Tag.objects.update_or_create(
            team=actor.team,
            resource_arn=arn,
            key=tag["Key"],
            defaults={"value": tag.get("Value", "")},
        )
    found = list(of(actor, arn))
    if len(found) > _MOST_PER_RESOURCE:
        raise LimitExceeded(f"A resource has at most {_MOST_PER_RESOURCE} tags.")
    audit.record(actor, "AddTags", arn)
    return found


@transaction.atomic
def remove(actor: Actor, arn: str, keys: Iterable[str]) -> None:
    """Keys that are not there are passed over, as at AWS."""
    actor.must(Role.OPERATOR)
    _own(actor, arn)
    Tag.objects.filter(team=actor.team, resource_arn=arn, key__in=list(keys)).delete()
    audit.record(actor, "DeleteTags", arn)


def forget(actor: Actor, arn: str) -> None:
    """All of a resource that is deleted: the next one of its name starts without."""
    Tag.objects.filter(team=actor.team, resource_arn=arn).delete()


def _own(actor: Actor, arn: str) -> None:
    if f":{actor.account_id}:" not in arn:
        raise NotFound(f"The resource {arn} does not exist.")
