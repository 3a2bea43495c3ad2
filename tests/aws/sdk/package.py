"""Runs in the SDK's environment: registers a version, deploys it, updates and deletes it."""

import json
import sys
import uuid

import console_sts  # noqa: F401
import sagemaker
from sagemaker.model import Model, ModelPackage
from sagemaker.model_monitor import DataCaptureConfig
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer

image_uri, model_data, payload, row = sys.argv[1:5]
session = sagemaker.Session()
sm = session.sagemaker_client
role = sagemaker.get_execution_role()
stamp = uuid.uuid4().hex[:8]
capture_uri = f"s3://{session.default_bucket()}/capture"


group = f"sdk-{stamp}"
sm.create_model_package_group(ModelPackageGroupName=group)
registered = Model(
    image_uri=image_uri, model_data=model_data, role=role, sagemaker_session=session
).register(
    content_types=["text/csv"],
    response_types=["text/csv"],
    inference_instances=["ml.c5.large", "ml.m5.large"],
    transform_instances=["ml.m5.large"],
    model_package_group_name=group,
    approval_status="PendingManualApproval",
    domain="MACHINE_LEARNING",
    task="CLASSIFICATION",
    sample_payload_url=payload,
    framework="XGBOOST",
    framework_version="3.2",
    nearest_model_name="xgboost",
)
arn = registered.model_package_arn

# The SDK approves what it deploys. With data capture, then moved to another type and two instances.
package = ModelPackage(role=role, model_package_arn=arn, sagemaker_session=session)
package.predictor_cls = Predictor
endpoint = f"package-{stamp}"
predictor = package.deploy(
    1,
    "ml.c5.large",
    endpoint_name=endpoint,
    serializer=CSVSerializer(),
    data_capture_config=DataCaptureConfig(
        enable_capture=True,
        sampling_percentage=20,
        destination_s3_uri=capture_uri,
        sagemaker_session=session,
    ),
    wait=False,
)
session.wait_for_endpoint(endpoint, poll=1)
before = predictor.predict(row).decode()
config = sm.describe_endpoint_config(EndpointConfigName=endpoint)
predictor.update_endpoint(initial_instance_count=2, instance_type="ml.m5.large", wait=False)
described = session.wait_for_endpoint(endpoint, poll=1)
new_config = sm.describe_endpoint_config(EndpointConfigName=described["EndpointConfigName"])
(variant,) = described["ProductionVariants"]
told = {
    "arn": arn,
    "approval": sm.describe_model_package(ModelPackageName=arn)["ModelApprovalStatus"],
    "capture": config["DataCaptureConfig"],
    "capture_uri": capture_uri,
    "kept_capture": new_config["DataCaptureConfig"] == config["DataCaptureConfig"],
    "answers": [before, predictor.predict(row).decode()],
    "count": variant["CurrentInstanceCount"],
    "type": new_config["ProductionVariants"][0]["InstanceType"],
    "renamed": described["EndpointConfigName"] != endpoint,
}
predictor.delete_model()
predictor.delete_endpoint()
sm.get_waiter("endpoint_deleted").wait(
    EndpointName=endpoint, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
)
left = sm.list_endpoint_configs(NameContains=stamp)["EndpointConfigs"]
told["left"] = [each["EndpointConfigName"] for each in left]
sm.delete_model_package(ModelPackageName=arn)
sm.delete_model_package_group(ModelPackageGroupName=group)
# The SDK leaves its own progress without a line's end.
print()
print(json.dumps(told))
