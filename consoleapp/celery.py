"""The Celery app: two kinds of workers, control (short steps) and loadtest (long tests)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "consoleapp.settings")

app = Celery("console")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()
app.conf.update(
    task_ignore_result=True,
    task_default_queue="control",
    task_routes={"recommender.tasks.run_load_test": {"queue": "loadtest"}},
    # Steps are idempotent and state is in the database, so a lost step is only a late one.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 600},
    timezone="UTC",
    beat_schedule={
        "endpoints-sweep": {"task": "endpoints.tasks.sweep", "schedule": 5.0},
        "alarms": {"task": "consoleapp.metrics.tasks.evaluate_alarms", "schedule": 10.0},
        "metrics-retention": {
            "task": "consoleapp.metrics.tasks.apply_retention",
            "schedule": 600.0,
        },
        "jobs-sweep": {"task": "recommender.tasks.sweep", "schedule": 3.0},
        "evaluations-sweep": {"task": "endpoints.evaluation.tasks.sweep", "schedule": 5.0},
    },
)
app.autodiscover_tasks()
app.autodiscover_tasks(["endpoints.evaluation"])
