"""A message is written first, sent until it is taken, and given up in the end."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import Forbidden
from consoleapp.notifications import delivery, services
from consoleapp.notifications.errors import InvalidParameter, NoSuchTopic
from consoleapp.notifications.models import Delivery, Subscription, Topic
from consoleapp.notifications.post import post


def listening(answer: Callable[[BaseHTTPRequestHandler], None]) -> HTTPServer:
    """A listener that reads each message and then does this."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            answer(self)

        def log_message(self, *_: object) -> None:
            return

    return HTTPServer(("127.0.0.1", 0), Handler)


@contextmanager
def listened(
    actor: Actor, answer: Callable[[BaseHTTPRequestHandler], None]
) -> Iterator[Subscription]:
    """The subscription of such a listener."""
    topic = services.create_topic(actor, name="t")
    with listening(answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        yield Subscription.objects.create(
            topic=topic, protocol="http", endpoint=url, confirmed_at=timezone.now()
        )
        server.shutdown()


@pytest.fixture
def answers() -> Iterator[tuple[str, list[int], list[bytes]]]:
    """The listener's address, the statuses it answers with in turn, and what it got."""
    statuses: list[int] = []
    seen: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(statuses.pop(0) if statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", statuses, seen
        server.shutdown()


@pytest.fixture
def subscription(
    actor: Actor, answers: tuple[str, list[int], list[bytes]], settings: Any
) -> Subscription:
    settings.ALLOW_PRIVATE_NOTIFICATION_ADDRESSES = True
    topic = services.create_topic(actor, name="t")
    made = services.subscribe(actor, topic_arn=topic.arn, protocol="http", endpoint=answers[0])
    services.confirm(topic_arn=topic.arn, token=made.token)
    Delivery.objects.all().delete()
    return made


def published(actor: Actor, subscription: Subscription) -> Delivery:
    services.publish(actor, topic_arn=subscription.topic.arn, message="m")
    return Delivery.objects.get()


def test_a_taken_message_is_sent_once(
    actor: Actor, subscription: Subscription, answers: tuple[str, list[int], list[bytes]]
) -> None:
    row = published(actor, subscription)
    assert delivery.deliver(row.pk) is None
    assert delivery.deliver(row.pk) is None
    assert [json.loads(body)["Message"] for body in answers[2]] == ["m"]
    row.refresh_from_db()
    assert (row.status, row.attempts) == (Delivery.Status.DELIVERED, 1)


def test_a_refused_message_waits_longer_each_time_and_is_given_up(
    actor: Actor, subscription: Subscription, answers: tuple[str, list[int], list[bytes]]
) -> None:
    answers[1].extend([500] * 20)
    row = published(actor, subscription)
    waits = []
    for _ in range(len(delivery.RETRY_AFTER_S) + 1):
        waits.append(delivery.deliver(row.pk))
        Delivery.objects.filter(pk=row.pk).update(due_at=timezone.now())
    assert waits == [*delivery.RETRY_AFTER_S, None]
    row.refresh_from_db()
    assert (row.status, row.problem) == (Delivery.Status.FAILED, "HTTP status 500")
    assert delivery.deliver(row.pk) is None


def test_an_answer_without_an_end_is_not_waited_for(actor: Actor, settings: Any) -> None:
    settings.ALLOW_PRIVATE_NOTIFICATION_ADDRESSES = True
    hung_up = threading.Event()

    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        with suppress(OSError):
            while not hung_up.is_set():
                request.wfile.write(b"x" * 2**20)
        hung_up.set()

    with listened(actor, endless) as subscription:
        row = published(actor, subscription)
        attempt = threading.Thread(
            target=post, args=(subscription.endpoint, {}, row.body), daemon=True
        )
        attempt.start()
        attempt.join(20)
        ended = hung_up.wait(20) and not attempt.is_alive()
        hung_up.set()
    assert ended


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("status", [200, 500])
def test_a_listener_may_leave_while_it_is_told(actor: Actor, settings: Any, status: int) -> None:
    settings.ALLOW_PRIVATE_NOTIFICATION_ADDRESSES = True

    def leave(request: BaseHTTPRequestHandler) -> None:
        Subscription.objects.all().delete()
        connections.close_all()
        request.send_response(status)
        request.send_header("Content-Length", "0")
        request.end_headers()

    with listened(actor, leave) as subscription:
        assert delivery.deliver(published(actor, subscription).pk) is None
    assert not Delivery.objects.exists()


def test_a_claimed_message_is_nobody_else_s_until_the_claim_ends(
    actor: Actor, subscription: Subscription
) -> None:
    row = published(actor, subscription)
    Delivery.objects.filter(pk=row.pk).update(due_at=timezone.now() + timedelta(seconds=5))
    assert delivery.deliver(row.pk) is None
    assert delivery.due() == []
    Delivery.objects.filter(pk=row.pk).update(due_at=timezone.now())
    assert delivery.due() == [row.pk]


@pytest.mark.parametrize(
    "endpoint", ["http://[", "http://[::1", "https://x.example/", "http:x", "http", ""]
)
def test_what_is_no_address_of_the_protocol_is_refused(actor: Actor, endpoint: str) -> None:
    topic = services.create_topic(actor, name="t")
    with pytest.raises(InvalidParameter, match="Endpoint"):
        services.subscribe(actor, topic_arn=topic.arn, protocol="http", endpoint=endpoint)


def test_private_networks_need_the_setting(actor: Actor) -> None:
    topic = services.create_topic(actor, name="t")
    with pytest.raises(InvalidParameter, match="ALLOW_PRIVATE_NOTIFICATION_ADDRESSES"):
        services.subscribe(
            actor, topic_arn=topic.arn, protocol="http", endpoint="http://127.0.0.1:1/"
        )
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    "message",
    [
        "no json",
        "[]",
        '{"http": "x"}',
        "[" * 100_000,
        r'{"default": "half a pair: \ud800"}',
        r'{"default": "x", "https": "\u0000"}',
    ],
)
def test_a_structure_that_nobody_could_get_is_refused(
    actor: Actor, subscription: Subscription, message: str
) -> None:
    with pytest.raises(InvalidParameter, match="Message Structure"):
        services.publish(actor, topic_arn=subscription.topic.arn, message=message, structure="json")
    assert not Delivery.objects.exists()


def test_a_viewer_may_not_publish_and_a_stranger_finds_no_topic(
    actor: Actor, bob: Actor, charlie: Actor
) -> None:
    topic = services.create_topic(actor, name="t")
    with pytest.raises(Forbidden):
        services.publish(bob, topic_arn=topic.arn, message="m")
    for call in (
        services.topic,
        lambda who, arn: services.publish(who, topic_arn=arn, message="m"),
    ):
        with pytest.raises(NoSuchTopic):
            call(charlie, topic.arn)
    services.delete_topic(charlie, arn=topic.arn)
    assert Topic.objects.filter(pk=topic.pk).exists()
