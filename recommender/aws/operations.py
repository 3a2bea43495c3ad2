"""The recommender's part of the AWS wire: operation -> function."""

from typing import Final

from consoleapp.aws.dispatch import Operation
from recommender.aws import jobs

OPERATIONS: Final[dict[str, dict[str, Operation]]] = {
    "sagemaker": {
        "CreateInferenceRecommendationsJob": jobs.create,
        "DescribeInferenceRecommendationsJob": jobs.describe,
        "ListInferenceRecommendationsJobs": jobs.list_jobs,
        "StopInferenceRecommendationsJob": jobs.stop,
        "ListInferenceRecommendationsJobSteps": jobs.list_steps,
    }
}
