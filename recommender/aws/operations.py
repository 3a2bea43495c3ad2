"""The recommender's part of the AWS wire: operation -> function."""

from typing import Final

from consoleapp.aws.dispatch import Operation
from recommender.aws import jobs, models, scaling

OPERATIONS: Final[dict[str, dict[str, Operation]]] = {
    "sagemaker": {
        # In place of the endpoints app's own, which cannot know of recommendations.
        "DescribeModel": models.describe_model,
        "GetScalingConfigurationRecommendation": scaling.get_scaling_configuration_recommendation,
        "CreateInferenceRecommendationsJob": jobs.create,
        "DescribeInferenceRecommendationsJob": jobs.describe,
        "ListInferenceRecommendationsJobs": jobs.list_jobs,
        "StopInferenceRecommendationsJob": jobs.stop,
        "ListInferenceRecommendationsJobSteps": jobs.list_steps,
    }
}
