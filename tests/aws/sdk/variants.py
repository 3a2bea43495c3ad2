"""Runs in the SDK's environment: two production variants, as AWS's guide to A/B tests does it.

The lines are the guide's, but for the model archives, which are the console's samples.
"""

import json
import sys
import time
from datetime import UTC, datetime

import boto3
import console_sts  # noqa: F401
import sagemaker
from sagemaker.session import production_variant

model_url, model_url2, test_data = sys.argv[1:4]
sm_session = sagemaker.Session()
sm = boto3.Session().client("sagemaker")
sm_runtime = boto3.Session().client("sagemaker-runtime")
role = sagemaker.get_execution_role()

stamp = f"{datetime.now(UTC):%Y-%m-%d-%H-%M-%S}"
model_name = f"DEMO-xgb-churn-pred-{stamp}"
model_name2 = f"DEMO-xgb-churn-pred2-{stamp}"
image_uri = image_uri2 = "inference-console/xgboost:3.2"
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

bucket, _, key = test_data.removeprefix("s3://").partition("/")
rows = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode().splitlines()
# The first column is the label.
payloads = [row.split(",", 1)[1] for row in rows]


def send(count: int, **target: str) -> dict[str, int]:
    seen: dict[str, int] = {"Variant1": 0, "Variant2": 0}
    for number in range(count):
        answer = sm_runtime.invoke_endpoint(
            EndpointName=endpoint_name,
            ContentType="text/csv",
            Body=payloads[number % len(payloads)],
            **target,
        )
        answer["Body"].read()
        seen[answer["InvokedProductionVariant"]] += 1
    return seen


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


told = {"even": send(400), "targeted": send(50, TargetVariant="Variant1")}
shift(25, 75)
told["shifted"] = send(400)
shift(0, 1)
told["all"] = send(100)
sm_session.delete_endpoint(endpoint_name)
sm_session.delete_endpoint_config(endpoint_name)
sm_session.delete_model(model_name)
sm_session.delete_model(model_name2)
sm.get_waiter("endpoint_deleted").wait(
    EndpointName=endpoint_name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
)
# The SDK leaves its own progress without a line's end.
print()
print(json.dumps({"endpoint": endpoint_name, "role": role, **told}))
