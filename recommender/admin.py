"""Admin of jobs: the state machine alone writes these rows."""

from django.contrib import admin

from consoleapp.accounts.read_only import ReadOnlyAdmin, register_others
from recommender.models import Job, JobEvent, JobStep, Recommendation, WizardDraft


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ["name", "team", "region", "type", "status", "created_at", "completed_at"]
    list_filter = ["status", "type", "team", "region"]
    list_select_related = ["team"]
    search_fields = ["name"]


@admin.register(JobStep)
class JobStepAdmin(ReadOnlyAdmin):
    list_display = ["job", "ordinal", "status", "phase", "instance_type", "attempt", "stop_reason"]
    list_filter = ["status", "phase"]
    list_select_related = ["job"]


@admin.register(Recommendation)
class RecommendationAdmin(ReadOnlyAdmin):
    list_display = ["recommendation_id", "instance_type", "max_invocations", "model_latency_us"]
    search_fields = ["recommendation_id"]


@admin.register(JobEvent)
class JobEventAdmin(ReadOnlyAdmin):
    list_display = ["job", "step", "at", "from_status", "to_status", "message"]
    list_select_related = ["job", "step__job"]


@admin.register(WizardDraft)
class WizardDraftAdmin(ReadOnlyAdmin):
    list_display = ["id", "team", "user", "modified_at"]
    list_select_related = ["team", "user"]


register_others("recommender")
