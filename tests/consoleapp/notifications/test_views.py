"""What the addresses in a message lead to."""

import pytest
from django.test import Client

from consoleapp.accounts.actor import Actor
from consoleapp.notifications import services, signing
from consoleapp.notifications.models import Subscription

pytestmark = pytest.mark.django_db


@pytest.fixture
def subscription(actor: Actor) -> Subscription:
    topic = services.create_topic(actor, name="t")
    return Subscription.objects.create(topic=topic, protocol="https", endpoint="https://x.example/")


def link(subscription: Subscription, **more: str) -> dict[str, str]:
    return {"TopicArn": subscription.topic.arn, "Token": subscription.token, **more}


def test_the_token_confirms_and_a_wrong_one_does_not(
    client: Client, subscription: Subscription
) -> None:
    assert client.get("/notifications/confirm", {"TopicArn": "x", "Token": "y"}).status_code == 400
    answer = client.get("/notifications/confirm", link(subscription))
    assert f"<SubscriptionArn>{subscription.arn}<" in answer.content.decode()
    subscription.refresh_from_db()
    assert subscription.confirmed_at


def test_the_link_in_a_message_ends_the_subscription(
    client: Client, subscription: Subscription
) -> None:
    there = {"SubscriptionArn": subscription.arn}
    # Until it is confirmed, nobody can have got a message.
    assert client.get("/notifications/unsubscribe", there).status_code == 404
    client.get("/notifications/confirm", link(subscription))
    assert client.get("/notifications/unsubscribe", there).status_code == 200
    assert not Subscription.objects.exists()
    assert client.get("/notifications/unsubscribe", there).status_code == 404
    assert client.get("/notifications/unsubscribe").status_code == 404


def test_a_kept_subscription_is_not_ended_by_the_link(
    client: Client, subscription: Subscription
) -> None:
    client.get("/notifications/confirm", link(subscription, AuthenticateOnUnsubscribe="true"))
    answer = client.get("/notifications/unsubscribe", {"SubscriptionArn": subscription.arn})
    assert answer.status_code == 403
    assert Subscription.objects.exists()


def test_the_certificate_is_anybody_s_by_its_own_name(client: Client) -> None:
    answer = client.get(f"/notifications/{signing.certificate_name()}")
    assert answer.content == signing.certificate()
    other = client.get("/notifications/SimpleNotificationService-0123456789abcdef.pem")
    assert other.status_code == 404
