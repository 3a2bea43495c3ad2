"""What beat does for the metrics: alarms and retention."""

from celery import shared_task

from consoleapp.metrics import evaluation, retention


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def apply_retention() -> None:
    retention.apply()


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def evaluate_alarms() -> None:
    evaluation.evaluate_all()
