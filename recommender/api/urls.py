"""Routes of the recommender below /api/v1/."""

from django.urls import path

from recommender.api import jobs, results

app_name = "recommender-api"
urlpatterns = [
    path("recommender/jobs", jobs.jobs, name="jobs"),
    path("recommender/jobs/<str:name>", jobs.job, name="job"),
    path("recommender/jobs/<str:name>/stop", jobs.stop, name="stop"),
    path("recommender/jobs/<str:name>/clone", jobs.clone, name="clone"),
    path("recommender/jobs/<str:name>/steps", jobs.steps, name="steps"),
    path("recommender/jobs/<str:name>/steps/<int:ordinal>", jobs.step, name="step"),
    path(
        "recommender/jobs/<str:name>/recommendations",
        results.recommendations,
        name="recommendations",
    ),
    path("recommender/jobs/<str:name>/results", results.download, name="results"),
    path("recommender/estimate", jobs.estimate, name="estimate"),
    path("recommender/instance-types", results.instance_types, name="instance-types"),
]
