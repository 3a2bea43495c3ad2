"""SNS through boto3: topics, a listener that confirms, messages delivered and delivered again."""

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws.conftest import ClientOf
from tests.aws.listening import Listener, subscribed
from tests.live import wait_for


def test_a_topic_is_made_once_listed_and_deleted(sns: Any) -> None:
    name = f"t-{uuid.uuid4().hex[:10]}"
    arn = sns.create_topic(Name=name)["TopicArn"]
    assert arn == f"arn:aws:sns:us-east-1:123456789012:{name}"
    assert sns.create_topic(Name=name)["TopicArn"] == arn
    pages = sns.get_paginator("list_topics").paginate()
    assert {"TopicArn": arn} in [each for page in pages for each in page["Topics"]]
    sns.delete_topic(TopicArn=arn)
    sns.delete_topic(TopicArn=arn)
    with pytest.raises(ClientError) as caught:
        sns.get_topic_attributes(TopicArn=arn)
    assert caught.value.response["Error"]["Code"] == "NotFound"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_a_confirmed_listener_gets_what_is_published(
    sns: Any, topic: str, listener: Listener
) -> None:
    arn = subscribed(sns, topic, listener)
    message_id = sns.publish(
        TopicArn=topic,
        Message="it is done",
        Subject="news",
        MessageAttributes={"stage": {"DataType": "String", "StringValue": "test"}},
    )["MessageId"]
    headers, body = wait_for("the message", lambda: listener.of_kind("Notification"))[0]
    told = json.loads(body)
    assert (told["Message"], told["Subject"]) == ("it is done", "news")
    assert told["MessageId"] == headers["x-amz-sns-message-id"] == message_id
    assert told["MessageAttributes"] == {"stage": {"Type": "String", "Value": "test"}}
    assert headers["x-amz-sns-subscription-arn"] == arn
    sns.unsubscribe(SubscriptionArn=arn)
    assert not sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]


def test_an_unconfirmed_listener_gets_nothing(sns: Any, topic: str, listener: Listener) -> None:
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=listener.url)
    wait_for("the confirmation", lambda: listener.of_kind("SubscriptionConfirmation"))
    (found,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert found["SubscriptionArn"] == "PendingConfirmation"
    sns.publish(TopicArn=topic, Message="before")
    listener.confirm()
    sns.publish(TopicArn=topic, Message="after")
    wait_for("the message", lambda: listener.of_kind("Notification"))
    assert [json.loads(b)["Message"] for _, b in listener.of_kind("Notification")] == ["after"]


def test_a_refused_message_is_sent_again(sns: Any, topic: str, listener: Listener) -> None:
    subscribed(sns, topic, listener)
    listener.refuse = 2
    sns.publish(TopicArn=topic, Message="persistent")
    wait_for("the third attempt", lambda: listener.of_kind("Notification"), timeout_s=60)
    assert listener.refuse == 0
    assert len(listener.of_kind("Notification")) == 1


def test_a_raw_listener_gets_the_message_alone(sns: Any, topic: str, listener: Listener) -> None:
    subscribed(sns, topic, listener, RawMessageDelivery="true")
    message = json.dumps({"default": "for all", "http": "for you"})
    sns.publish(TopicArn=topic, Message=message, MessageStructure="json")
    headers, body = wait_for("the message", lambda: listener.of_kind("Notification"))[0]
    assert body == "for you"
    assert headers["x-amz-sns-rawdelivery"] == "true"


def test_an_alarm_tells_its_topic(aws: ClientOf, sns: Any, topic: str, listener: Listener) -> None:
    subscribed(sns, topic, listener)
    cloudwatch, name = aws("cloudwatch"), f"a-{uuid.uuid4().hex[:8]}"
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="Nowhere",
        MetricName="Nothing",
        Statistic="Sum",
        Period=3600,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic],
    )
    (put,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert put["AlarmActions"] == [topic]
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a rehearsal")
    _, body = wait_for("the message", lambda: listener.of_kind("Notification"))[0]
    told = json.loads(json.loads(body)["Message"])
    assert (told["AlarmName"], told["NewStateValue"]) == (name, "ALARM")
    cloudwatch.delete_alarms(AlarmNames=[name])


@pytest.mark.parametrize(
    ("protocol", "endpoint"),
    [("email", "a@example.com"), ("http", "https://example.com/"), ("http", "http://a b/")],
)
def test_what_cannot_be_delivered_to_is_refused(
    sns: Any, topic: str, protocol: str, endpoint: str
) -> None:
    with pytest.raises(ClientError) as caught:
        sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
    assert caught.value.response["Error"]["Code"] == "InvalidParameter"
    assert not sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]


@pytest.mark.parametrize(
    "changes", [{"Message": ""}, {"Subject": "x" * 101}, {"Message": "x" * 262145}]
)
def test_a_message_out_of_bounds_is_refused(sns: Any, topic: str, changes: dict[str, str]) -> None:
    with pytest.raises(ClientError) as caught:
        sns.publish(**{"TopicArn": topic, "Message": "m", **changes})
    assert caught.value.response["Error"]["Code"] == "InvalidParameter"
