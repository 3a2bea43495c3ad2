"""Runs in the SDK's environment: two production variants, as AWS's guide to A/B tests does it.

The lines are the guide's; only its pauses between two requests are left out.
"""

import json
import sys
import time
from datetime import UTC, datetime, timedelta

import boto3
import console_sts  # noqa: F401
import numpy as np
import sagemaker
from sagemaker.amazon.amazon_estimator import get_image_uri
from sagemaker.session import production_variant

path_to_model_1, path_to_model_2, test_data = sys.argv[1:4]
sm_session = sagemaker.Session()
sm = boto3.Session().client("sagemaker")
sm_runtime = boto3.Session().client("sagemaker-runtime")
cw = boto3.Session().client("cloudwatch")
role = sagemaker.get_execution_role()

model_url = f"s3://{path_to_model_1}"
model_url2 = f"s3://{path_to_model_2}"
stamp = f"{datetime.now(UTC):%Y-%m-%d-%H-%M-%S}"
model_name = f"DEMO-xgb-churn-pred-{stamp}"
model_name2 = f"DEMO-xgb-churn-pred2-{stamp}"
image_uri = get_image_uri(boto3.Session().region_name, "xgboost", "0.90-1")
image_uri2 = get_image_uri(boto3.Session().region_name, "xgboost", "0.90-2")
sm_session.create_model(
    name=model_name, role=role, container_defs={"Image": image_uri, "ModelDataUrl": model_url}
)
sm_session.create_model(
    name=model_name2, role=role, container_defs={"Image": image_uri2, "ModelDataUrl": model_url2}
)
variant1 = production_variant(
    model_name=model_name,
    instance_type="ml.m5.xlarge",
    initial_instance_count=1,
    variant_name="Variant1",
    initial_weight=1,
)
variant2 = production_variant(
    model_name=model_name2,
    instance_type="ml.m5.xlarge",
    initial_instance_count=1,
    variant_name="Variant2",
    initial_weight=1,
)
endpoint_name = f"DEMO-xgb-churn-pred-{stamp}"
print(f"EndpointName={endpoint_name}")
sm_session.endpoint_from_production_variants(
    name=endpoint_name, production_variants=[variant1, variant2]
)

bucket, _, key = test_data.partition("/")
rows = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode().splitlines()
# The first column is the label.
labels = np.array([int(float(row.split(",", 1)[0])) for row in rows])
payloads = [row.split(",", 1)[1] for row in rows]
sent = {"Variant1": 0, "Variant2": 0}


def invocations(variant: dict[str, object]) -> float:
    metrics = cw.get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName="Invocations",
        StartTime=datetime.now(UTC) - timedelta(minutes=60),
        EndTime=datetime.now(UTC),
        Period=60,
        Statistics=["Sum"],
        Dimensions=[
            {"Name": "EndpointName", "Value": endpoint_name},
            {"Name": "VariantName", "Value": variant["VariantName"]},
        ],
    )
    return sum(point["Sum"] for point in metrics["Datapoints"])


def in_cloudwatch() -> dict[str, float]:
    """What CloudWatch counts for each variant, once it has all that was sent."""
    deadline = time.monotonic() + 60
    while True:
        found = {v["VariantName"]: invocations(v) for v in (variant1, variant2)}
        if found == sent or time.monotonic() > deadline:
            return found
        time.sleep(0.5)


def send(count: int, **target: str) -> dict[str, object]:
    before = dict(sent)
    for number in range(count):
        answer = sm_runtime.invoke_endpoint(
            EndpointName=endpoint_name,
            ContentType="text/csv",
            Body=payloads[number % len(payloads)],
            **target,
        )
        answer["Body"].read()
        sent[answer["InvokedProductionVariant"]] += 1
    counted = in_cloudwatch()
    return {name: [sent[name] - before[name], counted[name] - before[name]] for name in sent}


def evaluate(variant: dict[str, object]) -> dict[str, object]:
    """The guide's step 3: every row by TargetVariant, then the figures of the predictions."""
    predictions = []
    for payload in payloads:
        response = sm_runtime.invoke_endpoint(
            EndpointName=endpoint_name,
            ContentType="text/csv",
            Body=payload,
            TargetVariant=variant["VariantName"],
        )
        predictions.append(float(response["Body"].read().decode()))
        sent[variant["VariantName"]] += 1
    preds = np.where(np.array(predictions) > 0.5, 1, 0)
    right = int(((preds == 1) & (labels == 1)).sum())
    precision, recall = right / int(preds.sum()), right / int(labels.sum())
    return {
        "scores": predictions,
        "accuracy": float((preds == labels).mean()),
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall),
    }


def shift(first: float, second: float) -> None:
    sm.update_endpoint_weights_and_capacities(
        EndpointName=endpoint_name,
        DesiredWeightsAndCapacities=[
            {"DesiredWeight": first, "VariantName": variant1["VariantName"]},
            {"DesiredWeight": second, "VariantName": variant2["VariantName"]},
        ],
    )
    sm.get_waiter("endpoint_in_service").wait(
        EndpointName=endpoint_name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    # The gateway hears of it within two seconds.
    time.sleep(2)


told: dict[str, object] = {"even": send(240), "targeted": send(120, TargetVariant="Variant1")}
told["Variant1"], told["Variant2"] = evaluate(variant1), evaluate(variant2)
in_cloudwatch()
shift(25, 75)
told["shifted"] = send(240)
shift(0, 1)
told["all"] = send(100)
described = sm.describe_endpoint(EndpointName=endpoint_name)
told["weights"] = {v["VariantName"]: v["CurrentWeight"] for v in described["ProductionVariants"]}
sm_session.delete_endpoint(endpoint_name)
sm_session.delete_endpoint_config(endpoint_name)
sm_session.delete_model(model_name)
sm_session.delete_model(model_name2)
sm.get_waiter("endpoint_deleted").wait(
    EndpointName=endpoint_name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
)
# The SDK leaves its own progress without a line's end.
print()
print(
    json.dumps(
        {
            "endpoint": endpoint_name,
            "role": role,
            "images": [image_uri, image_uri2],
            "labels": labels.tolist(),
            **told,
        }
    )
)
