"""Messages on their way: written first, then sent by tasks, again and again until taken."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import uuid4

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from consoleapp.notifications import filters, messages
from consoleapp.notifications.errors import invalid
from consoleapp.notifications.models import Delivery, Subscription, Topic
from consoleapp.notifications.post import NotDelivered, post

log = logging.getLogger(__name__)

#: Seconds to wait after the first, second, ... refusal; after the last one it is given up.
RETRY_AFTER_S: Final = (1, 5, 20, 20, 60, 300)
#: Longer than a post may take: meanwhile nobody else sends it.
_CLAIMED_S: Final = 60
_MOST_BYTES: Final = 256 * 1024
_LONGEST_SUBJECT: Final = 100


def check(message: str, subject: str, structure: str) -> None:
    """Raises InvalidParameter, as Publish does."""
    if not message:
        raise invalid("Message", "Empty message")
    if len(message.encode()) > _MOST_BYTES:
        raise invalid("Message", "Message too long")
    if subject and (len(subject) > _LONGEST_SUBJECT or not subject.isprintable()):
        raise invalid("Subject", "At most 100 printable characters.")
    if structure not in ("", "json"):
        raise invalid("MessageStructure", "The only structure is json.")
    if structure:
        try:
            for protocol in ("http", "https"):
                messages.for_protocol(message, protocol)
        except ValueError:
            raise invalid("Message Structure", "No default entry in JSON message body") from None


def publish(
    topic: Topic,
    message: str,
    subject: str,
    structure: str,
    attributes: Mapping[str, Mapping[str, Any]],
) -> str:
    message_id, now, sender = uuid4(), timezone.now(), _sender(topic)
    for each in topic.subscriptions.select_related("topic__team").filter(
        confirmed_at__isnull=False
    ):
        if each.filter_policy and not filters.accepts(
            filters.parse(each.filter_policy), attributes
        ):
            continue
        text = messages.for_protocol(message, each.protocol) if structure else message
        body = text
        if not each.raw:
            body = messages.notification(
                sender,
                message=text,
                subject=subject,
                attributes=attributes,
                message_id=str(message_id),
                at=now,
                arn=each.arn,
            )
        _send_soon(
            Delivery.objects.create(
                subscription=each, kind=messages.NOTIFICATION, message_id=message_id, body=body
            )
        )
    return str(message_id)


def ask_to_confirm(subscription: Subscription) -> None:
    message_id = uuid4()
    body = messages.confirmation(
        _sender(subscription.topic),
        token=subscription.token,
        message_id=str(message_id),
        at=timezone.now(),
    )
    _send_soon(
        Delivery.objects.create(
            subscription=subscription,
            kind=messages.CONFIRMATION,
            message_id=message_id,
            body=body,
        )
    )


def deliver(pk: int) -> float | None:
    """One attempt. Answers after how many seconds to try again; None when there is no more to do.

    Whoever moves `due_at` on first has the attempt to itself; it comes back if that one dies.
    """
    now = timezone.now()
    due = Delivery.objects.filter(pk=pk, status=Delivery.Status.WAITING, due_at__lte=now)
    if not due.update(due_at=now + timedelta(seconds=_CLAIMED_S)):
        return None
    row = Delivery.objects.select_related("subscription__topic__team").filter(pk=pk).first()
    if row is None:
        return None
    try:
        post(row.subscription.endpoint, _headers(row), row.body)
    except NotDelivered as refused:
        return _refused(row, str(refused))
    _note(row, status=Delivery.Status.DELIVERED, problem="")
    return None


def due() -> list[int]:
    """Messages whose time has come and whose task was lost, say."""
    waiting = Delivery.objects.filter(status=Delivery.Status.WAITING, due_at__lte=timezone.now())
    return list(waiting.order_by("due_at").values_list("pk", flat=True)[:500])


def forget(older_than: timedelta = timedelta(days=7)) -> None:
    done = Delivery.objects.exclude(status=Delivery.Status.WAITING)
    done.filter(created_at__lt=timezone.now() - older_than).delete()


def _sender(topic: Topic) -> messages.Sender:
    return messages.Sender(
        topic_arn=topic.arn,
        signature_version=str(topic.attributes.get("SignatureVersion", "1")),
        url=f"{settings.PUBLIC_URL}/notifications",
    )


def _refused(row: Delivery, problem: str) -> float | None:
    told = {"problem": problem[:255]}
    if row.attempts >= len(RETRY_AFTER_S):
        _note(row, **told, status=Delivery.Status.FAILED)
        return None
    again_s = RETRY_AFTER_S[row.attempts]
    due_at = timezone.now() + timedelta(seconds=again_s)
    return again_s if _note(row, **told, due_at=due_at) else None


def _note(row: Delivery, **columns: Any) -> bool:
    """One attempt more. False when its listener left meanwhile, and the message with it."""
    found = Delivery.objects.filter(pk=row.pk)
    return bool(found.update(attempts=row.attempts + 1, **columns))


def _headers(row: Delivery) -> dict[str, str]:
    subscription = row.subscription
    return messages.headers(
        kind=row.kind,
        message_id=str(row.message_id),
        topic_arn=subscription.topic.arn,
        arn=subscription.arn,
        raw=subscription.raw and row.kind == messages.NOTIFICATION,
    )


def _send_soon(row: Delivery) -> None:
    transaction.on_commit(partial(_ask, row.pk))


def _ask(pk: int) -> None:
    # A broker that is down makes it late: the sweep finds what is due.
    try:
        current_app.send_task(
            "consoleapp.notifications.tasks.deliver", args=[pk], retry=False, ignore_result=True
        )
    except OperationalError as problem:
        log.warning("Message %s is not sent now: %s", pk, problem)
