"""How jobs, tests and results look in REST. Units are in the names; null means unknown."""

from typing import Any

from rest_framework import serializers

from recommender import queries, scoring
from recommender.models import Job, JobStep, Recommendation
from recommender.statuses import PHASE_LABELS

LEVELS = [level.value for level in scoring.Level]


class CreateJob(serializers.Serializer[Any]):
    """CreateInferenceRecommendationsJob's members in AWS's names, and `options` of ours.

    The members are described by AWS's API reference; what is wrong with them is answered in
    AWS's words, with the dotted member as `field`.
    """

    JobName = serializers.CharField()
    JobType = serializers.CharField(help_text="Default or Advanced")
    RoleArn = serializers.CharField()
    JobDescription = serializers.CharField(required=False, allow_blank=True)
    InputConfig = serializers.JSONField()
    StoppingConditions = serializers.JSONField(required=False)
    OutputConfig = serializers.JSONField(required=False)
    Tags = serializers.JSONField(required=False)
    options = serializers.JSONField(
        required=False, help_text='{"round_trip_ms": 0..1000}: the client round trip, default 10'
    )


class CloneJob(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="The new job's name")


class JobSummary(serializers.ModelSerializer[Job]):
    arn = serializers.CharField(read_only=True)
    tests = serializers.IntegerField(read_only=True, required=False)
    finished_tests = serializers.IntegerField(read_only=True, required=False)
    best_cost_per_inference_usd = serializers.FloatField(
        source="best_cost_usd", read_only=True, allow_null=True, required=False
    )

    class Meta:
        model = Job
        fields: tuple[str, ...] = (
            *("name", "arn", "type", "description", "status", "progress", "failure_reason"),
            *("model_name", "model_package_arn", "scale", "tests", "finished_tests"),
            *("best_cost_per_inference_usd", "created_at", "started_at", "completed_at"),
            *("modified_at", "revision"),
        )


class JobDetail(JobSummary):
    request = serializers.SerializerMethodField(
        help_text="The whole CreateInferenceRecommendationsJob request; it can be sent again."
    )
    preflight = serializers.JSONField(read_only=True)

    class Meta(JobSummary.Meta):
        fields: tuple[str, ...] = (*JobSummary.Meta.fields, "role_arn", "request", "preflight")

    def get_request(self, job: Job) -> dict[str, Any]:
        return queries.request_of(job)


class Step(serializers.ModelSerializer[JobStep]):
    phase_label = serializers.SerializerMethodField()
    shares_test = serializers.IntegerField(
        source="shares.ordinal", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = JobStep
        fields = (
            *("ordinal", "status", "phase", "phase_label", "instance_type", "environment"),
            *("inference_specification_name", "endpoint_name", "existing_endpoint"),
            *("shares_test", "attempt", "live", "traffic_started_at", "traffic_ended_at"),
            *("stop_reason", "stop_detail", "reading", "measured", "invalid_reason"),
            *("failure_reason", "failure_detail"),
        )

    def get_phase_label(self, step: JobStep) -> str:
        return PHASE_LABELS[step.phase]


class RecommendationRow(serializers.ModelSerializer[Recommendation]):
    """One configuration; `projected` figures are raw ones x 1 / scale."""

    test = serializers.IntegerField(source="step.ordinal", read_only=True)
    endpoint_name = serializers.CharField(source="step.source.endpoint_name", read_only=True)
    shares_test = serializers.IntegerField(
        source="step.shares.ordinal", read_only=True, allow_null=True, default=None
    )
    reading = serializers.JSONField(source="step.reading", read_only=True)

    class Meta:
        model = Recommendation
        fields = (
            *("recommendation_id", "test", "instance_type", "instance_count", "environment"),
            *("max_invocations", "model_latency_us", "cost_per_hour_usd"),
            *("cost_per_inference_usd", "cpu_utilization_percent", "memory_utilization_percent"),
            *("raw_max_invocations", "projected", "endpoint_name", "shares_test", "reading"),
        )


class GainsRow(serializers.Serializer[scoring.Gains]):
    cost = serializers.FloatField(allow_null=True)
    latency = serializers.FloatField()
    throughput = serializers.FloatField()


class RankedRow(serializers.Serializer[scoring.Ranked[Recommendation]]):
    position = serializers.IntegerField(allow_null=True)
    score = serializers.FloatField(allow_null=True)
    on_front = serializers.BooleanField(help_text="Not beaten in all three by another")
    gains = GainsRow()
    recommendation = RecommendationRow(source="row")


class Performance(serializers.Serializer[Any]):
    endpoint_name = serializers.CharField()
    max_invocations = serializers.IntegerField()
    model_latency_us = serializers.IntegerField()


class Importance(serializers.Serializer[Any]):
    """Query parameters of a ranking."""

    cost = serializers.ChoiceField(choices=LEVELS, default="Moderate")
    latency = serializers.ChoiceField(choices=LEVELS, default="Moderate")
    throughput = serializers.ChoiceField(choices=LEVELS, default="Moderate")


class Recommendations(serializers.Serializer[Any]):
    formula = serializers.CharField()
    importance = Importance()
    scale = serializers.FloatField()
    latency_percentile = serializers.CharField(help_text="What each model_latency_us is: P99")
    ranking = RankedRow(many=True)
    endpoint_performances = Performance(many=True)


class EstimateRow(serializers.Serializer[Any]):
    tests = serializers.IntegerField()
    measured_tests = serializers.IntegerField()
    seconds_at_most = serializers.IntegerField()
    usd_at_aws = serializers.FloatField(allow_null=True)
    scale = serializers.FloatField()
    notes = serializers.ListField(child=serializers.CharField())


class InstanceTypeRow(serializers.Serializer[Any]):
    """`scale` is the share of its vCPUs granted here; `reason` says why it cannot be measured."""

    name = serializers.CharField(source="type.name")
    vcpus = serializers.FloatField(source="type.vcpus", allow_null=True)
    memory_gib = serializers.FloatField(source="type.memory_gib", allow_null=True)
    gpus = serializers.IntegerField(source="type.gpus", allow_null=True)
    price_usd_per_hour = serializers.FloatField(source="type.price_usd_per_hour", allow_null=True)
    price_as_of = serializers.CharField(source="type.price_as_of")
    price_source = serializers.CharField(source="type.price_source")
    scale = serializers.FloatField(allow_null=True)
    measurable = serializers.BooleanField()
    reason = serializers.CharField()
