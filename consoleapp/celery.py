"""The Celery app: two kinds of workers, control (short steps) and loadtest (long tests)."""

import os
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "consoleapp.settings")


def _every(task: str, seconds: float) -> dict[str, Any]:
    # Expired ones are dropped: sweeps must not pile up while a worker is away.
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


app = Celery("console")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()
app.conf.update(
    task_ignore_result=True,
    task_default_queue="control",
    task_routes={
        "recommender.tasks.run_load_test": {"queue": "loadtest"},
        "recommender.tasks.drive_share": {"queue": "loadtest"},
    },
    # Steps are idempotent and state is in the database, so a lost step is only a late one.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 600},
    timezone="UTC",
    beat_schedule={
        task: _every(task, seconds)
        for task, seconds in {
            "endpoints.tasks.sweep": 5.0,
            "endpoints.evaluation.tasks.sweep": 5.0,
            "endpoints.tasks.scale": 10.0,
            "endpoints.capture.tasks.ship": 5.0,
            "recommender.tasks.sweep": 3.0,
            "consoleapp.metrics.tasks.evaluate_alarms": 10.0,
            "consoleapp.metrics.tasks.apply_retention": 600.0,
            "consoleapp.notifications.tasks.sweep": 15.0,
        }.items()
    },
)
app.autodiscover_tasks()
app.autodiscover_tasks(["endpoints.evaluation", "endpoints.capture"])
