"""The platform's part of the AWS wire: operation -> function."""

from typing import Final

from consoleapp.aws import alarms, cloudwatch, identity, logs, metric_data, role_policies, sns
from consoleapp.aws.dispatch import Operation

OPERATIONS: Final[dict[str, dict[str, Operation]]] = {
    "cloudwatch": {
        "GetMetricData": metric_data.get_metric_data,
        "GetMetricStatistics": cloudwatch.get_metric_statistics,
        "ListMetrics": cloudwatch.list_metrics,
        "PutMetricData": cloudwatch.put_metric_data,
        "PutMetricAlarm": alarms.put_metric_alarm,
        "DescribeAlarms": alarms.describe_alarms,
        "DescribeAlarmsForMetric": alarms.describe_alarms_for_metric,
        "DescribeAlarmHistory": alarms.describe_alarm_history,
        "DeleteAlarms": alarms.delete_alarms,
        "SetAlarmState": alarms.set_alarm_state,
        "EnableAlarmActions": alarms.enable_alarm_actions,
        "DisableAlarmActions": alarms.disable_alarm_actions,
        "TagResource": alarms.tag_resource,
        "UntagResource": alarms.untag_resource,
        "ListTagsForResource": alarms.list_tags_for_resource,
    },
    "logs": {
        "DescribeLogGroups": logs.describe_log_groups,
        "DescribeLogStreams": logs.describe_log_streams,
        "GetLogEvents": logs.get_log_events,
        "FilterLogEvents": logs.filter_log_events,
    },
    "sns": {
        "CreateTopic": sns.create_topic,
        "ListTopics": sns.list_topics,
        "GetTopicAttributes": sns.get_topic_attributes,
        "SetTopicAttributes": sns.set_topic_attributes,
        "DeleteTopic": sns.delete_topic,
        "Subscribe": sns.subscribe,
        "ConfirmSubscription": sns.confirm_subscription,
        "Unsubscribe": sns.unsubscribe,
        "Publish": sns.publish,
        "PublishBatch": sns.publish_batch,
        "ListSubscriptions": sns.list_subscriptions,
        "ListSubscriptionsByTopic": sns.list_subscriptions_by_topic,
        "GetSubscriptionAttributes": sns.get_subscription_attributes,
        "SetSubscriptionAttributes": sns.set_subscription_attributes,
        "TagResource": sns.tag_resource,
        "UntagResource": sns.untag_resource,
        "ListTagsForResource": sns.list_tags_for_resource,
    },
    "sts": {"GetCallerIdentity": identity.get_caller_identity},
    "iam": {
        "CreateRole": identity.create_role,
        "GetRole": identity.get_role,
        "ListRoles": identity.list_roles,
        "DeleteRole": identity.delete_role,
        "UpdateAssumeRolePolicy": role_policies.update_assume_role_policy,
        "TagRole": identity.tag_role,
        "UntagRole": identity.untag_role,
        "ListRoleTags": identity.list_role_tags,
        "AttachRolePolicy": role_policies.attach_role_policy,
        "DetachRolePolicy": role_policies.detach_role_policy,
        "ListAttachedRolePolicies": role_policies.list_attached_role_policies,
        "PutRolePolicy": role_policies.put_role_policy,
        "GetRolePolicy": role_policies.get_role_policy,
        "ListRolePolicies": role_policies.list_role_policies,
        "DeleteRolePolicy": role_policies.delete_role_policy,
    },
}
