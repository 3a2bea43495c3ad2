"""What listeners get through boto3: signed, filtered, in batches; and attributes and tags."""

import json
from base64 import b64decode
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.aws.conftest import ClientOf
from tests.aws.listening import Listener, subscribed
from tests.live import wait_for


def verify(message: dict[str, str], names: list[str]) -> None:
    """As a listener does, by the documented string to sign. Raises InvalidSignature."""
    answer = httpx.get(message["SigningCertURL"], trust_env=False)
    key = x509.load_pem_x509_certificate(answer.content).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    text = "".join(f"{name}\n{message[name]}\n" for name in names if name in message)
    algorithm = hashes.SHA256() if message["SignatureVersion"] == "2" else hashes.SHA1()
    key.verify(b64decode(message["Signature"]), text.encode(), padding.PKCS1v15(), algorithm)


NOTIFICATION = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
CONFIRMATION = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]


def messages(listener: Listener, count: int) -> list[str]:
    """The texts of that many notifications, once they are there."""
    found = wait_for(
        f"{count} messages",
        lambda: (seen := listener.of_kind("Notification")) and len(seen) >= count and seen,
    )
    return [json.loads(body)["Message"] for _, body in found]


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_listener_can_verify_what_it_gets(
    sns: Any, topic: str, listener: Listener, version: str
) -> None:
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="SignatureVersion", AttributeValue=version
    )
    subscribed(sns, topic, listener)
    (_, first) = listener.of_kind("SubscriptionConfirmation")[0]
    verify(json.loads(first), CONFIRMATION)
    sns.publish(TopicArn=topic, Message="dear\nlistener", Subject="news")
    messages(listener, 1)
    told = json.loads(listener.of_kind("Notification")[0][1])
    assert told["SignatureVersion"] == version
    verify(told, NOTIFICATION)
    answer = httpx.get(told["UnsubscribeURL"], trust_env=False)
    assert answer.status_code == 200
    assert not sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]


def test_a_filter_policy_keeps_out_what_is_not_wanted(
    sns: Any, topic: str, listener: Listener
) -> None:
    arn = subscribed(sns, topic, listener)
    policy = {"stage": ["test", {"prefix": "pre"}], "cost": [{"numeric": ["<", 5]}]}
    sns.set_subscription_attributes(
        SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue=json.dumps(policy)
    )
    told = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert json.loads(told["FilterPolicy"]) == policy
    assert told["FilterPolicyScope"] == "MessageAttributes"
    for stage, cost in (("test", "4.5"), ("live", "1"), ("preview", "1"), ("test", "7")):
        sns.publish(
            TopicArn=topic,
            Message=f"{stage} {cost}",
            MessageAttributes={
                "stage": {"DataType": "String", "StringValue": stage},
                "cost": {"DataType": "Number", "StringValue": cost},
            },
        )
    sns.publish(TopicArn=topic, Message="without attributes")
    sns.set_subscription_attributes(
        SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue="{}"
    )
    sns.publish(TopicArn=topic, Message="to all")
    assert sorted(messages(listener, 3)) == ["preview 1", "test 4.5", "to all"]


def test_a_listener_changes_to_raw_messages(sns: Any, topic: str, listener: Listener) -> None:
    arn = subscribed(sns, topic, listener)
    sns.set_subscription_attributes(
        SubscriptionArn=arn, AttributeName="RawMessageDelivery", AttributeValue="true"
    )
    sns.publish(TopicArn=topic, Message="bare")
    ((headers, body),) = wait_for("the message", lambda: listener.of_kind("Notification"))
    assert (headers["x-amz-sns-rawdelivery"], body) == ("true", "bare")


def test_a_batch_is_published_entry_by_entry(sns: Any, topic: str, listener: Listener) -> None:
    subscribed(sns, topic, listener)
    told = sns.publish_batch(
        TopicArn=topic,
        PublishBatchRequestEntries=[
            {"Id": "a", "Message": "first"},
            {"Id": "b", "Message": "second", "Subject": "x" * 101},
            {
                "Id": "c",
                "Message": "third",
                "MessageAttributes": {"raw": {"DataType": "Binary", "BinaryValue": b"\x00\x01"}},
            },
        ],
    )
    assert [each["Id"] for each in told["Successful"]] == ["a", "c"]
    (failed,) = told["Failed"]
    assert (failed["Id"], failed["Code"], failed["SenderFault"]) == ("b", "InvalidParameter", True)
    assert sorted(messages(listener, 2)) == ["first", "third"]
    attributes = [
        json.loads(b).get("MessageAttributes") for _, b in listener.of_kind("Notification")
    ]
    assert {"raw": {"Type": "Binary", "Value": "AAE="}} in attributes


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["a", "a"], "BatchEntryIdsNotDistinct"),
        (["a b"], "InvalidBatchEntryId"),
        ([str(n) for n in range(11)], "TooManyEntriesInBatchRequest"),
        ([], "EmptyBatchRequest"),
    ],
)
def test_a_batch_that_is_none_is_refused_whole(
    sns: Any, topic: str, names: list[str], code: str
) -> None:
    entries = [{"Id": name, "Message": "m"} for name in names]
    with pytest.raises(ClientError) as caught:
        sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
    assert caught.value.response["Error"]["Code"] == code


def test_a_topic_keeps_its_attributes_and_tags(sns: Any, topic: str) -> None:
    sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="News")
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["DisplayName"] == "News"
    sns.tag_resource(
        ResourceArn=topic, Tags=[{"Key": "team", "Value": "a"}, {"Key": "old", "Value": "b"}]
    )
    sns.untag_resource(ResourceArn=topic, TagKeys=["old"])
    told = sns.list_tags_for_resource(ResourceArn=topic)["Tags"]
    assert told == [{"Key": "team", "Value": "a"}]
    name = topic.rpartition(":")[2]
    assert sns.create_topic(Name=name, Attributes={"DisplayName": "News"})["TopicArn"] == topic
    with pytest.raises(ClientError, match="already exists with different attributes"):
        sns.create_topic(Name=name, Attributes={"DisplayName": "Other"})


def test_wrong_attributes_are_refused(sns: Any, topic: str, listener: Listener) -> None:
    arn = subscribed(sns, topic, listener)
    with pytest.raises(ClientError, match="Unrecognized match type like"):
        sns.set_subscription_attributes(
            SubscriptionArn=arn,
            AttributeName="FilterPolicy",
            AttributeValue=json.dumps({"a": [{"like": "x"}]}),
        )
    with pytest.raises(ClientError) as caught:
        sns.publish(
            TopicArn=topic,
            Message="m",
            MessageAttributes={"n": {"DataType": "Number", "StringValue": "many"}},
        )
    assert caught.value.response["Error"]["Code"] == "ParameterValueInvalid"
    with pytest.raises(ClientError) as caught:
        sns.list_tags_for_resource(ResourceArn=f"{topic}-missing")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFound"


def test_a_stranger_finds_neither_topic_nor_tags(strangers: ClientOf, topic: str) -> None:
    other = strangers("sns")
    for call in (
        lambda: other.set_topic_attributes(
            TopicArn=topic, AttributeName="DisplayName", AttributeValue="mine"
        ),
        lambda: other.list_tags_for_resource(ResourceArn=topic),
        lambda: other.publish_batch(
            TopicArn=topic, PublishBatchRequestEntries=[{"Id": "a", "Message": "m"}]
        ),
    ):
        with pytest.raises(ClientError) as caught:
            call()
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
