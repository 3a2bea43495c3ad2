"""The recommender's part of the AWS wire: operation -> function."""

from typing import Final

from consoleapp.aws.dispatch import Operation
from recommender.aws import jobs, models, scaling, tagging

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
        # Here, where everything that has tags is known.
        "AddTags": tagging.add_tags,
        "ListTags": tagging.list_tags,
        "DeleteTags": tagging.delete_tags,
    }
}
