"""Topics and listeners that are there already: the same again is as once, another is refused."""

from typing import Any

import pytest

from consoleapp.accounts import tags
from consoleapp.accounts.actor import Actor
from consoleapp.notifications import services
from consoleapp.notifications.errors import InvalidParameter
from consoleapp.notifications.models import Subscription, Topic

pytestmark = pytest.mark.django_db

TAGS = [{"Key": "stage", "Value": "test"}]
FILTER = '{"stage": ["test"]}'


@pytest.fixture
def topic(actor: Actor) -> Topic:
    return services.create_topic(actor, name="t", tags=TAGS)


@pytest.fixture
def listen(actor: Actor, topic: Topic, settings: Any) -> Any:
    settings.ALLOW_PRIVATE_NOTIFICATION_ADDRESSES = True

    def subscribe(**attributes: str) -> Subscription:
        return services.subscribe(
            actor,
            topic_arn=topic.arn,
            protocol="http",
            endpoint="http://127.0.0.1:9/",
            attributes=attributes,
        )

    return subscribe


def test_a_topic_is_made_once_with_its_tags(actor: Actor, topic: Topic) -> None:
    assert services.create_topic(actor, name="t", tags=TAGS) == topic
    assert services.create_topic(actor, name="t") == topic
    assert [(tag.key, tag.value) for tag in tags.of(actor, topic.arn)] == [("stage", "test")]


@pytest.mark.parametrize(
    "other", [[{"Key": "stage", "Value": "live"}], [*TAGS, {"Key": "more", "Value": ""}]]
)
def test_a_topic_is_not_made_again_with_other_tags(
    actor: Actor, topic: Topic, other: list[dict[str, str]]
) -> None:
    with pytest.raises(InvalidParameter, match="Topic already exists with different tags"):
        services.create_topic(actor, name="t", tags=other)
    assert [(tag.key, tag.value) for tag in tags.of(actor, topic.arn)] == [("stage", "test")]


def test_a_listener_is_made_once(listen: Any) -> None:
    made = listen(FilterPolicy=FILTER)
    assert listen(FilterPolicy='{"stage":["test"]}', RawMessageDelivery="false") == made
    assert listen() == made


@pytest.mark.parametrize(
    "other",
    [{"FilterPolicy": '{"stage": ["live"]}'}, {"RawMessageDelivery": "true"}],
)
def test_a_listener_is_not_made_again_with_other_attributes(
    listen: Any, other: dict[str, str]
) -> None:
    """Who asks for it would wait for messages that are filtered still."""
    made = listen(FilterPolicy=FILTER)
    with pytest.raises(
        InvalidParameter, match="Subscription already exists with different attributes"
    ):
        listen(**other)
    made.refresh_from_db()
    assert made.attributes == {"FilterPolicy": FILTER}
