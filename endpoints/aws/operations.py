"""The endpoints app's part of the AWS wire: operation -> function."""

from typing import Final

from consoleapp.aws.dispatch import Operation
from endpoints.aws import autoscaling, configs, endpoints, models, registry, scheduling

OPERATIONS: Final[dict[str, dict[str, Operation]]] = {
    "sagemaker": {
        "CreateModel": models.create_model,
        "DescribeModel": models.describe_model,
        "ListModels": models.list_models,
        "DeleteModel": models.delete_model,
        "CreateEndpointConfig": configs.create_endpoint_config,
        "DescribeEndpointConfig": configs.describe_endpoint_config,
        "ListEndpointConfigs": configs.list_endpoint_configs,
        "DeleteEndpointConfig": configs.delete_endpoint_config,
        "CreateEndpoint": endpoints.create_endpoint,
        "UpdateEndpoint": endpoints.update_endpoint,
        "UpdateEndpointWeightsAndCapacities": endpoints.update_endpoint_weights_and_capacities,
        "DescribeEndpoint": endpoints.describe_endpoint,
        "ListEndpoints": endpoints.list_endpoints,
        "DeleteEndpoint": endpoints.delete_endpoint,
        "CreateModelPackageGroup": registry.create_model_package_group,
        "DescribeModelPackageGroup": registry.describe_model_package_group,
        "ListModelPackageGroups": registry.list_model_package_groups,
        "DeleteModelPackageGroup": registry.delete_model_package_group,
        "CreateModelPackage": registry.create_model_package,
        "DescribeModelPackage": registry.describe_model_package,
        "ListModelPackages": registry.list_model_packages,
        "UpdateModelPackage": registry.update_model_package,
        "DeleteModelPackage": registry.delete_model_package,
    },
    "application-autoscaling": {
        "RegisterScalableTarget": autoscaling.register_scalable_target,
        "DescribeScalableTargets": autoscaling.describe_scalable_targets,
        "DeregisterScalableTarget": autoscaling.deregister_scalable_target,
        "PutScalingPolicy": autoscaling.put_scaling_policy,
        "DescribeScalingPolicies": autoscaling.describe_scaling_policies,
        "DeleteScalingPolicy": autoscaling.delete_scaling_policy,
        "DescribeScalingActivities": autoscaling.describe_scaling_activities,
        "PutScheduledAction": scheduling.put_scheduled_action,
        "DescribeScheduledActions": scheduling.describe_scheduled_actions,
        "DeleteScheduledAction": scheduling.delete_scheduled_action,
    },
}
