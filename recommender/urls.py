"""The recommender's pages."""

from django.urls import path

from recommender.views import (
    job,
    job_actions,
    job_charts,
    job_logs,
    jobs,
    wizard,
    wizard_dialogs,
)

app_name = "recommender"
_JOBS = "recommender/jobs"
# Beside the jobs, not among them: a job may be named create.
_CREATE = "recommender/create-job"

urlpatterns = [
    path(_JOBS, jobs.jobs, name="jobs"),
    path(_CREATE, wizard.create, name="create"),
    path(f"{_CREATE}/model-fields", wizard_dialogs.model_fields, name="model-fields"),
    path(f"{_CREATE}/preview.json", wizard_dialogs.preview, name="preview"),
    path(f"{_CREATE}/payloads", wizard_dialogs.browse_payload, name="payloads"),
    path(f"{_CREATE}/<uuid:draft>/discard", wizard.discard, name="discard"),
    path(f"{_CREATE}/<uuid:draft>/<slug:step>", wizard.wizard, name="wizard"),
    path(f"{_JOBS}/<slug:name>", job.job, name="job"),
    path(f"{_JOBS}/<slug:name>/progress", job.progress, name="progress"),
    path(f"{_JOBS}/<slug:name>/recommendations", job.recommendations, name="recommendations"),
    path(f"{_JOBS}/<slug:name>/test", job.test, name="test"),
    path(f"{_JOBS}/<slug:name>/stop", job_actions.stop, name="stop"),
    path(f"{_JOBS}/<slug:name>/clone", job_actions.clone, name="clone"),
    path(f"{_JOBS}/<slug:name>/delete", job_actions.delete, name="delete"),
    path(f"{_JOBS}/<slug:name>/logs", job_logs.page, name="logs"),
    path(f"{_JOBS}/<slug:name>/logs/lines", job_logs.lines, name="log-lines"),
    path(f"{_JOBS}/<slug:name>/trade-off.json", job_charts.trade_off, name="trade-off"),
    path(
        f"{_JOBS}/<slug:name>/tests/<int:ordinal>/<slug:metric>.json",
        job_charts.chart,
        name="chart",
    ),
]
