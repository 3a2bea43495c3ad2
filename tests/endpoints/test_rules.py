"""What names, variants and a DataCaptureConfig may be, in words when they may not."""

from typing import Any

import pytest

from consoleapp.accounts.errors import ValidationFailed
from endpoints import rules
from endpoints.specs import VariantSpec
from tests.endpoints.capture.test_plan import config


@pytest.mark.parametrize("fine", ["a", "A-1", "a--b", "n" * 63, "a" + "-" * 61 + "b"])
def test_a_name_of_letters_digits_and_hyphens_is_taken(fine: str) -> None:
    rules.name(fine, "ModelName")


@pytest.mark.parametrize("wrong", ["", "-a", "a-", "a_b", "a\n", "n" * 64, "a" + "-" * 62 + "b"])
def test_a_name_that_no_column_holds_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationFailed, match="'modelName' failed to satisfy") as refused:
        rules.name(wrong, "ModelName")
    assert refused.value.field == "ModelName"


def test_a_variant_without_an_instance_type_is_asked_for_one() -> None:
    spec = VariantSpec(name="v1", model_name="m")
    with pytest.raises(ValidationFailed, match="Variant v1: name an InstanceType") as refused:
        rules.variants([spec], most=10, most_instances=20)
    assert refused.value.field == "ProductionVariants"


@pytest.mark.parametrize("member", ["AsyncInferenceConfig", "ExplainerConfig"])
def test_what_would_be_told_and_not_done_is_refused(member: str) -> None:
    with pytest.raises(ValidationFailed, match="not offered by this console yet") as refused:
        rules.offered({member: {"OutputConfig": {}}})
    assert refused.value.field == member
    rules.offered({member: None, "KmsKeyId": "k"})


def test_a_model_of_one_container_and_one_archive_is_served() -> None:
    rules.one_container("m", [{}, {"Image": "i", "Mode": "SingleModel"}])
    with pytest.raises(ValidationFailed, match="Model m is a pipeline of 2 containers"):
        rules.one_container("m", [{"Image": "i"}, {"Image": "j"}])
    with pytest.raises(ValidationFailed, match="Model m is for a multi-model endpoint"):
        rules.one_container("m", [{"Image": "i", "Mode": "MultiModel"}])


def types(**lists: list[str]) -> dict[str, Any]:
    return config(CaptureContentTypeHeader=lists)


@pytest.mark.parametrize(
    "fine",
    [
        None,
        {},
        config(),
        config(InitialSamplingPercentage=0),
        config(DestinationS3Uri="s3://bucket"),
        types(CsvContentTypes=["text/csv"], JsonContentTypes=["application/x.json"]),
    ],
)
def test_what_aws_takes_is_taken(fine: dict[str, Any] | None) -> None:
    rules.data_capture(fine)


@pytest.mark.parametrize(
    ("wrong", "member", "words"),
    [
        (config(InitialSamplingPercentage=101), "InitialSamplingPercentage", "between 0 and 100"),
        (config(InitialSamplingPercentage="20"), "DataCaptureConfig", "a whole number"),
        (
            config(DestinationS3Uri="https://host/x"),
            "DataCaptureConfig.DestinationS3Uri",
            "begins with s3://",
        ),
        (config(CaptureOptions=[]), "DataCaptureConfig", "CaptureOptions"),
        (config(CaptureOptions=[{"CaptureMode": "Both"}]), "DataCaptureConfig", "InputAndOutput"),
        (
            types(CsvContentTypes=["text/csv; charset=utf-8"]),
            "DataCaptureConfig.CaptureContentTypeHeader.CsvContentTypes",
            "without parameters",
        ),
        (
            types(JsonContentTypes=["a/b"] * 11),
            "DataCaptureConfig.CaptureContentTypeHeader.JsonContentTypes",
            "1 to 10",
        ),
    ],
)
def test_what_aws_refuses_is_refused_at_its_member(
    wrong: dict[str, Any], member: str, words: str
) -> None:
    with pytest.raises(ValidationFailed, match=words) as refused:
        rules.data_capture(wrong)
    assert refused.value.field == member


@pytest.mark.parametrize(
    "change",
    [
        {"InitialSamplingPercentage": True},
        {"EnableCapture": "no"},
        {"KmsKeyId": 5},
        {"DestinationS3Uri": 5},
        {"DestinationS3Uri": "s3://bucket/" + "/".join(["d" * 100] * 6)},
        {"CaptureOptions": 5},
        {"CaptureOptions": "Input"},
        {"CaptureOptions": {"CaptureMode": "Input"}},
        {"CaptureOptions": ["Input"]},
        {"CaptureOptions": [{"CaptureMode": ["Input"]}]},
        {"CaptureContentTypeHeader": ["text/csv"]},
        {"CaptureContentTypeHeader": []},
        {"CaptureContentTypeHeader": {"CsvContentTypes": None}},
        {"CaptureContentTypeHeader": {"CsvContentTypes": "text/csv"}},
        {"CaptureContentTypeHeader": {"CsvContentTypes": [5]}},
        {"CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv\n"]}},
        {"CaptureContentTypeHeader": {"CsvContentTypes": ["text/" + "c" * 252]}},
    ],
)
def test_a_member_of_the_wrong_type_or_length_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed) as refused:
        rules.data_capture(config(**change))
    assert refused.value.field.startswith("DataCaptureConfig")
