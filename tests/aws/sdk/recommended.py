"""Runs in the SDK's environment: deploys by the id of a recommendation, in each form it has."""

import json
import sys
import uuid

import console_sts  # noqa: F401
import sagemaker
from sagemaker.model import Model
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer

image_uri, model_data, package_arn, payload, row, seconds = sys.argv[1:7]
session = sagemaker.Session()
sm = session.sagemaker_client
role = sagemaker.get_execution_role()
stamp = uuid.uuid4().hex[:8]


def new_model(name: str) -> Model:
    return Model(
        image_uri=image_uri,
        model_data=model_data,
        role=role,
        name=name,
        sagemaker_session=session,
        predictor_cls=Predictor,
    )


def load_test(name: str, **subject: str) -> dict[str, object]:
    """By Session itself: right_size() looks once a minute."""
    session.create_inference_recommendations_job(
        role=role,
        job_name=name,
        job_type="Advanced",
        job_duration_in_seconds=600,
        sample_payload_url=payload,
        supported_content_types=["text/csv"],
        framework="XGBOOST",
        framework_version="3.2",
        endpoint_configurations=[
            {
                "InstanceType": "ml.c5.large",
                "EnvironmentParameterRanges": {
                    "CategoricalParameterRanges": [{"Name": "OMP_NUM_THREADS", "Value": ["1"]}]
                },
            }
        ],
        traffic_pattern={
            "TrafficType": "PHASES",
            "Phases": [
                {"InitialNumberOfUsers": 2, "SpawnRate": 60, "DurationInSeconds": int(seconds)}
            ],
        },
        resource_limit={"MaxNumberOfTests": 1, "MaxParallelOfTests": 1},
        **subject,
    )
    return session.wait_for_inference_recommendations_job(name, poll=1, log_level="Quiet")


def served(model: Model, **how: object) -> dict[str, object]:
    """Deploys, asks, takes down again; what was deployed."""
    endpoint = f"{model.name}-{uuid.uuid4().hex[:4]}"
    predictor = model.deploy(endpoint_name=endpoint, serializer=CSVSerializer(), wait=False, **how)
    session.wait_for_endpoint(endpoint, poll=1)
    answer = predictor.predict(row, target_variant="AllTraffic", inference_id="i-1").decode()
    (variant,) = sm.describe_endpoint_config(EndpointConfigName=endpoint)["ProductionVariants"]
    predictor.delete_model()
    predictor.delete_endpoint()
    return {"answer": answer, "type": variant["InstanceType"], "environment": model.env}


told: dict[str, object] = {}

# Before any job: an instance type to try, and its id.
sm.create_model(
    ModelName=f"tried-{stamp}",
    ExecutionRoleArn=role,
    PrimaryContainer={"Image": image_uri, "ModelDataUrl": model_data},
)
tries = sm.describe_model(ModelName=f"tried-{stamp}")["DeploymentRecommendation"]
first = tries["RealTimeInferenceRecommendations"][0]
told["prospect"] = {
    "wanted": first["InstanceType"],
    **served(
        new_model(f"of-model-{stamp}"),
        inference_recommendation_id=first["RecommendationId"],
        initial_instance_count=1,
    ),
}

# A job of the model, and one of the version.
for kind, subject in (
    ("model", {"model_name": f"tried-{stamp}"}),
    ("version", {"model_package_version_arn": package_arn}),
):
    job = load_test(f"{kind}-{stamp}", **subject)
    best = job["InferenceRecommendations"][-1]
    told[kind] = {
        "status": job["Status"],
        "wanted": best["EndpointConfiguration"]["InstanceType"],
        **served(
            new_model(f"of-{kind}-{stamp}"),
            inference_recommendation_id=best["RecommendationId"],
        ),
    }
after = sm.describe_model(ModelName=f"tried-{stamp}")["DeploymentRecommendation"]
told["measured"] = [
    each["RecommendationId"].split("/")[0] == f"model-{stamp}"
    for each in after["RealTimeInferenceRecommendations"]
]

sm.delete_model(ModelName=f"tried-{stamp}")
# The SDK leaves its own progress without a line's end.
print()
print(json.dumps(told))
