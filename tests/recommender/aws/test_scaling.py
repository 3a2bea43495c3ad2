"""GetScalingConfigurationRecommendation: which result is meant, and what is answered of it."""

from typing import Any

import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError
from consoleapp.aws import answers, services
from consoleapp.aws.answers import Protocol
from recommender.aws.scaling import get_scaling_configuration_recommendation
from recommender.models import Job, Recommendation
from recommender.statuses import JobStatus
from tests.recommender.asked import make_job
from tests.recommender.views.measured import ENDPOINT, make_result, make_step

pytestmark = pytest.mark.usefixtures("two_cores")


@pytest.fixture
def row(actor: Actor) -> Recommendation:
    """The result of a completed job: three instances give 18 000 invocations a minute."""
    job = make_job(actor, "ml.c5.large", name="load")
    found = make_result(
        make_step(job),
        instance_count=3,
        max_invocations=18_000,
        cpu_utilization_percent=200.0,
        model_latency_us=1500,
    )
    Job.objects.filter(pk=job.pk).update(status=JobStatus.COMPLETED)
    return found


def asked(actor: Actor, **params: Any) -> dict[str, Any]:
    given = {"InferenceRecommendationsJobName": "load", **params}
    return get_scaling_configuration_recommendation(actor, given)


def test_the_answer_is_of_one_instance_and_parses_as_aws_s(
    actor: Actor, row: Recommendation
) -> None:
    told = asked(
        actor,
        RecommendationId=row.recommendation_id,
        ScalingPolicyObjective={"MinInvocationsPerMinute": 100, "MaxInvocationsPerMinute": 9001},
    )
    assert told["Metric"] == {"InvocationsPerInstance": 6000, "ModelLatency": 1500}
    assert told["TargetCpuUtilizationPerCore"] == 50
    dynamic = told["DynamicScalingConfiguration"]
    assert (dynamic["MinCapacity"], dynamic["MaxCapacity"]) == (1, 4)
    assert (dynamic["ScaleInCooldown"], dynamic["ScaleOutCooldown"]) == (300, 300)
    invocations, cpu = (each["TargetTracking"] for each in dynamic["ScalingPolicies"])
    assert invocations == {
        "MetricSpecification": {
            "Predefined": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
        },
        "TargetValue": 3000.0,
    }
    assert cpu["TargetValue"] == 100.0
    assert cpu["MetricSpecification"]["Customized"]["MetricName"] == "CPUUtilization"
    operation = services.operation("sagemaker", "GetScalingConfigurationRecommendation")
    assert operation is not None
    assert answers.body(Protocol.JSON, operation, told, "request-1")


def test_an_endpoint_of_the_job_names_a_result_too(actor: Actor, row: Recommendation) -> None:
    told = asked(actor, EndpointName=ENDPOINT)
    assert told["EndpointName"] == ENDPOINT
    assert told["Metric"]["InvocationsPerInstance"] == 6000
    assert "RecommendationId" not in told


def test_an_unknown_cpu_is_no_reason_to_refuse(actor: Actor, row: Recommendation) -> None:
    Recommendation.objects.filter(pk=row.pk).update(cpu_utilization_percent=None)
    assert asked(actor, EndpointName=ENDPOINT)["DynamicScalingConfiguration"]["MinCapacity"] == 1


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "ValidationException"),
        ({"RecommendationId": "load/00000001", "EndpointName": ENDPOINT}, "ValidationException"),
        ({"RecommendationId": "load/ffffffff"}, "ResourceNotFound"),
        ({"EndpointName": "another"}, "ResourceNotFound"),
        (
            {"EndpointName": ENDPOINT, "InferenceRecommendationsJobName": "no-such-job"},
            "ResourceNotFound",
        ),
    ],
)
def test_a_result_that_is_not_named_or_not_there_is_refused(
    actor: Actor, row: Recommendation, params: dict[str, str], code: str
) -> None:
    with pytest.raises(CallerError) as caught:
        asked(actor, **params)
    assert caught.value.code == code


def test_an_unfinished_job_has_no_advice_yet(actor: Actor, row: Recommendation) -> None:
    Job.objects.update(status=JobStatus.IN_PROGRESS)
    with pytest.raises(CallerError, match="it must be COMPLETED"):
        asked(actor, EndpointName=ENDPOINT)


def test_a_stranger_s_job_is_not_there(charlie: Actor, row: Recommendation) -> None:
    with pytest.raises(CallerError) as caught:
        asked(charlie, EndpointName=ENDPOINT)
    assert caught.value.code == "ResourceNotFound"
