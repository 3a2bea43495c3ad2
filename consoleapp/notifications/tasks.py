"""Sends messages, and finds those that were due and forgotten."""

from celery import shared_task

from consoleapp.notifications import delivery


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def deliver(pk: int) -> None:
    again_s = delivery.deliver(pk)
    if again_s is not None:
        deliver.apply_async(args=[pk], countdown=again_s)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def sweep() -> None:
    for pk in delivery.due():
        deliver.delay(pk)
    delivery.forget()
