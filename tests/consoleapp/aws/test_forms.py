"""The query protocol's forms become nested values; botocore's own serialiser writes them."""

from collections import UserDict
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from botocore import serialize

from consoleapp.aws import forms, services, values
from consoleapp.aws.faults import SerializationFailed


def sent(service: str, operation: str, params: dict[str, Any]) -> bytes:
    """The body that an SDK of the query protocol sends."""
    serializer = serialize.create_serializer("query", include_validation=False)
    model = services.operation(service, operation)
    assert model is not None
    body = serializer.serialize_to_request(params, model)["body"]
    return str(httpx.QueryParams(body)).encode()


def read(service: str, operation: str, body: bytes) -> dict[str, Any]:
    model = services.operation(service, operation)
    assert model is not None
    assert model.input_shape is not None
    nested = forms.nested(forms.parse(body), model.input_shape)
    return dict(values.read(nested, model.input_shape))


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("sts", "GetCallerIdentity", {}),
        ("iam", "ListRoles", {"PathPrefix": "/a b&c=d/", "MaxItems": 7}),
        (
            "sns",
            "Publish",
            {
                "TopicArn": "arn",
                "Message": "line\nline é",
                "MessageAttributes": {"a": {"DataType": "String", "StringValue": "x"}},
            },
        ),
        ("sns", "CreateTopic", {"Name": "t", "Attributes": {"DisplayName": "d", "Other": "o"}}),
        (
            "cloudwatch",
            "PutMetricData",
            {
                "Namespace": "n",
                "MetricData": [
                    {"MetricName": f"m{n}", "Value": n / 2, "Dimensions": []} for n in range(12)
                ],
            },
        ),
        (
            "cloudwatch",
            "GetMetricStatistics",
            {"Namespace": "n", "MetricName": "m", "Period": 60, "Statistics": ["Sum", "Maximum"]},
        ),
        ("cloudwatch", "PutMetricAlarm", {"AlarmName": "a", "ActionsEnabled": False}),
    ],
)
def test_what_an_sdk_sends_is_read_as_it_was_meant(
    service: str, operation: str, params: dict[str, Any]
) -> None:
    assert read(service, operation, sent(service, operation, params)) == params


def test_items_are_in_the_order_of_their_numbers_whatever_the_order_of_the_form() -> None:
    body = b"AlarmNames.member.10=c&AlarmNames.member.2=b&AlarmNames.member.1=a"
    assert read("cloudwatch", "DescribeAlarms", body) == {"AlarmNames": ["a", "b", "c"]}


def test_a_form_is_gone_through_once_however_many_lists_it_has() -> None:
    class Watched(UserDict[str, str]):
        times = 0

        def __iter__(self) -> Iterator[str]:
            self.times += 1
            return super().__iter__()

    model = services.operation("cloudwatch", "PutMetricData")
    assert model is not None
    assert model.input_shape is not None
    form = Watched({f"MetricData.member.{n}.MetricName": "m" for n in range(1, 50)})
    form.times = 0
    assert len(forms.nested(form, model.input_shape)["MetricData"]) == 49
    assert form.times == 1


@pytest.mark.parametrize(
    "body",
    [
        b"AlarmNames.member.x=a",
        b"AlarmNames.member=a",
        b"Unknown.member.1=a",
        b"AlarmNames.member." + b"9" * 5000 + b"=a",
        b"Action=DescribeAlarms&Version=2010-08-01",
        b"",
        b"&&=",
        b"." * 5000 + b"=a",
    ],
)
def test_what_names_no_member_is_passed_over(body: bytes) -> None:
    assert read("cloudwatch", "DescribeAlarms", body) == {}


@pytest.mark.parametrize(
    "body",
    [b"MaxRecords=many", b"MaxRecords=1.5", b"MaxRecords=" + b"9" * 5000],
)
def test_a_number_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(SerializationFailed):
        read("cloudwatch", "DescribeAlarms", body)


@pytest.mark.parametrize("threshold", [b"nan", b"inf", b"1e999", b"x"])
def test_a_threshold_that_is_no_number_is_refused(threshold: bytes) -> None:
    with pytest.raises(SerializationFailed):
        read("cloudwatch", "PutMetricAlarm", b"AlarmName=a&Threshold=" + threshold)


def test_a_switch_is_true_or_false() -> None:
    assert read("cloudwatch", "PutMetricAlarm", b"ActionsEnabled=true") == {"ActionsEnabled": True}
    with pytest.raises(SerializationFailed, match="not a boolean"):
        read("cloudwatch", "PutMetricAlarm", b"ActionsEnabled=perhaps")
