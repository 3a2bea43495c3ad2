"""What beat does for the metrics: retention."""

from celery import shared_task

from consoleapp.metrics import retention


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def apply_retention() -> None:
    retention.apply()
