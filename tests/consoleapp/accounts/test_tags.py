import pytest

from consoleapp.accounts import tags
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import Forbidden, LimitExceeded, NotFound

ARN = "arn:aws:sagemaker:us-east-1:123456789012:model/churn"


def told(actor: Actor) -> dict[str, str]:
    return {tag.key: tag.value for tag in tags.of(actor, ARN)}


def test_a_key_that_is_there_gets_the_new_value(actor: Actor) -> None:
    tags.add(actor, ARN, [{"Key": "stage", "Value": "test"}, {"Key": "owner", "Value": "alice"}])
    tags.add(actor, ARN, [{"Key": "stage", "Value": "live"}])
    assert told(actor) == {"stage": "live", "owner": "alice"}


def test_one_tag_too_many_leaves_the_others_as_they_were(actor: Actor) -> None:
    tags.add(actor, ARN, [{"Key": f"k{n}", "Value": ""} for n in range(50)])
    with pytest.raises(LimitExceeded):
        tags.add(actor, ARN, [{"Key": "one-more", "Value": ""}])
    assert "one-more" not in told(actor)
    assert len(told(actor)) == 50


def test_removing_a_key_that_is_not_there_changes_nothing(actor: Actor) -> None:
    tags.add(actor, ARN, [{"Key": "stage", "Value": "test"}])
    tags.remove(actor, ARN, ["owner"])
    assert told(actor) == {"stage": "test"}


def test_a_deleted_resource_leaves_no_tags_to_the_next_of_its_name(actor: Actor) -> None:
    tags.add(actor, ARN, [{"Key": "stage", "Value": "test"}])
    tags.forget(actor, ARN)
    assert told(actor) == {}


def test_a_viewer_cannot_tag(bob: Actor) -> None:
    with pytest.raises(Forbidden):
        tags.add(bob, ARN, [{"Key": "stage", "Value": "test"}])


def test_a_stranger_s_resource_does_not_exist(charlie: Actor) -> None:
    with pytest.raises(NotFound):
        tags.of(charlie, ARN)
