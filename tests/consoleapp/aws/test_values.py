"""What comes over the wire becomes values of its shape, or is refused: it never breaks a call."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.model import Shape

from consoleapp.aws import services, values
from consoleapp.aws.faults import SerializationFailed


def shape(service: str, name: str) -> Shape:
    return services.model(service).shape_for(name)


def read(value: Any, name: str, service: str = "sagemaker") -> Any:
    return values.read(value, shape(service, name))


INTEGER, FLOAT, BOOLEAN = "InitialTaskCount", "VariantWeight", "Boolean"


def test_members_are_read_by_their_shapes_and_unknown_ones_ignored() -> None:
    sent = {
        "EndpointName": "e",
        "DesiredWeightsAndCapacities": [{"VariantName": "v", "DesiredWeight": 1, "New": True}],
        "Unknown": 1,
    }
    told = read(sent, "UpdateEndpointWeightsAndCapacitiesInput")
    assert told == {
        "EndpointName": "e",
        "DesiredWeightsAndCapacities": [{"VariantName": "v", "DesiredWeight": 1.0}],
    }
    assert isinstance(told["DesiredWeightsAndCapacities"][0]["DesiredWeight"], float)


def test_a_member_that_is_null_was_not_sent() -> None:
    assert read({"NextToken": None, "MaxResults": 3}, "ListModelsInput") == {"MaxResults": 3}


def test_a_map_keeps_its_keys() -> None:
    assert read({"A": "1"}, "EnvironmentMap") == {"A": "1"}


@pytest.mark.parametrize("sent", [3, 3.0])
def test_whole_numbers_are_integers_however_they_are_written(sent: float) -> None:
    told = read(sent, INTEGER)
    assert (told, type(told)) == (3, int)


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (3.5, INTEGER),
        ("3", INTEGER),
        (True, INTEGER),
        (math.inf, INTEGER),
        (math.nan, INTEGER),
        (-math.inf, INTEGER),
        ("1.0", FLOAT),
        (False, FLOAT),
        (math.inf, FLOAT),
        (math.nan, FLOAT),
        (10**400, FLOAT),
        (1, BOOLEAN),
        ("true", BOOLEAN),
        (1, "EndpointName"),
        (["e"], "EndpointName"),
        ({}, "ProductionVariantList"),
        ("v", "ProductionVariantList"),
        ([], "EnvironmentMap"),
        ([], "ListModelsInput"),
        ("yesterday", "CreationTime"),
        (True, "CreationTime"),
        (math.nan, "CreationTime"),
        (1e300, "CreationTime"),
        ([], "CreationTime"),
    ],
)
def test_a_value_of_another_type_is_refused(sent: Any, name: str) -> None:
    with pytest.raises(SerializationFailed, match="cannot be converted to"):
        read(sent, name)


@pytest.mark.parametrize(
    "sent",
    [
        1_700_000_000,
        1_700_000_000.0,
        "2023-11-14T22:13:20Z",
        "2023-11-14T22:13:20",
        "2023-11-14T23:13:20+01:00",
        datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        datetime(2023, 11, 14, 22, 13, 20),  # noqa: DTZ001 (CBOR may bring such a one)
    ],
)
def test_a_moment_has_its_zone_in_whatever_form_it_comes(sent: Any) -> None:
    told = read(sent, "CreationTime")
    assert told == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert told.tzinfo is not None


@pytest.mark.parametrize("sent", ["aGVsbG8=", b"hello"])
def test_bytes_come_as_base64_or_as_they_are(sent: Any) -> None:
    assert read(sent, "Binary", "sns") == b"hello"


@pytest.mark.parametrize("sent", ["not base64!", 5, ["a"]])
def test_other_bytes_are_refused(sent: Any) -> None:
    with pytest.raises(SerializationFailed, match="cannot be converted to Blob"):
        read(sent, "Binary", "sns")


def test_the_job_type_may_be_spelled_as_in_aws_s_own_sample() -> None:
    assert read("ADVANCED", "RecommendationJobType") == "Advanced"
    assert read("Default", "RecommendationJobType") == "Default"
    assert read("advanced", "RecommendationJobType") == "advanced"


@pytest.mark.parametrize("sent", ["\ud800", "a\udfffb", "a\0b"])
def test_text_that_no_database_takes_is_refused(sent: str) -> None:
    """Half a surrogate pair is in no encoding; PostgreSQL stores no NUL."""
    for value, name in ((sent, "EndpointName"), ({sent: "x"}, "EnvironmentMap")):
        with pytest.raises(SerializationFailed, match="cannot be converted to String"):
            read(value, name)


def test_text_beyond_sixteen_bits_is_kept() -> None:
    assert read("né 𝛴 \n", "EndpointName") == "né 𝛴 \n"


def test_endless_nesting_is_refused() -> None:
    # A filter of Search holds filters of its own.
    sent: dict[str, Any] = {}
    for _ in range(100):
        sent = {"SubExpressions": [sent]}
    with pytest.raises(SerializationFailed, match="too deeply"):
        read(sent, "SearchExpression")
