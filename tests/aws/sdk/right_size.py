"""Runs in the SDK's environment: a load test by Model.right_size, then deploy of what it found."""

import json
import sys

import console_sts  # noqa: F401
import sagemaker
from sagemaker.inference_recommender.inference_recommender_mixin import (
    ModelLatencyThreshold,
    Phase,
)
from sagemaker.model import Model
from sagemaker.parameter import CategoricalParameter
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer

model_data, payload, row, seconds = sys.argv[1:5]
session = sagemaker.Session()
model = Model(
    image_uri="inference-console/xgboost:3.2",
    model_data=model_data,
    role=sagemaker.get_execution_role(),
    sagemaker_session=session,
    predictor_cls=Predictor,
)
model.right_size(
    sample_payload_url=payload,
    supported_content_types=["text/csv"],
    framework="XGBOOST",
    job_duration_in_seconds=600,
    hyperparameter_ranges=[
        {
            "instance_types": CategoricalParameter(["ml.c5.large"]),
            "OMP_NUM_THREADS": CategoricalParameter(["1"]),
        }
    ],
    phases=[Phase(duration_in_seconds=int(seconds), initial_number_of_users=2, spawn_rate=60)],
    traffic_type="PHASES",
    model_latency_thresholds=[ModelLatencyThreshold(percentile="P95", value_in_milliseconds=500)],
    max_tests=2,
    max_parallel_tests=1,
)
found = model.inference_recommendations
predictor = model.deploy(serializer=CSVSerializer())
answer = predictor.predict(row)
predictor.delete_endpoint()
model.delete_model()
# The SDK leaves its own progress without a line's end.
print()
print(
    json.dumps(
        {
            "status": model.inference_recommender_job_results["Status"],
            "job": model.inference_recommender_job_results["JobName"],
            "bucket": session.default_bucket(),
            "instance_type": found[-1]["EndpointConfiguration"]["InstanceType"],
            "max_invocations": found[-1]["Metrics"]["MaxInvocations"],
            "answer": answer.decode(),
        }
    )
)
