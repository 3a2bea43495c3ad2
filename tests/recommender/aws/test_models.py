"""DescribeModel's DeploymentRecommendation, as its shape has it."""

import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError
from recommender.aws.models import describe_model
from tests.recommender.asked import IMAGE, make_model

pytestmark = pytest.mark.usefixtures("two_cores")


def test_a_served_model_has_up_to_three_with_their_environment(actor: Actor) -> None:
    make_model(actor, "m")
    told = describe_model(actor, {"ModelName": "m"})
    assert told["PrimaryContainer"]["Image"] == IMAGE
    advice = told["DeploymentRecommendation"]
    assert advice["RecommendationStatus"] == "COMPLETED"
    rows = advice["RealTimeInferenceRecommendations"]
    assert [each["InstanceType"] for each in rows] == ["ml.c5.large", "ml.m5.large", "ml.r5.large"]
    # The SDK updates the model's own environment with it, so it is there even when empty.
    assert all(each["Environment"] == {} for each in rows)


def test_a_model_that_nothing_here_serves_has_none(actor: Actor) -> None:
    make_model(actor, "m", Image="example.com/mine:1")
    assert describe_model(actor, {"ModelName": "m"})["DeploymentRecommendation"] == {
        "RecommendationStatus": "NOT_APPLICABLE",
        "RealTimeInferenceRecommendations": [],
    }


def test_an_unknown_model_is_aws_s_validation_exception(actor: Actor) -> None:
    with pytest.raises(CallerError, match='Could not find model "arn:aws:sagemaker:') as caught:
        describe_model(actor, {"ModelName": "nothing"})
    assert caught.value.code == "ValidationException"
