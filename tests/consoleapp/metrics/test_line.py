"""The line protocol: what is encoded comes back, and what is no sample is refused."""

import json

import pytest

from consoleapp.metrics.line import Sample
from tests.consoleapp.metrics.samples import make_sample


def test_a_sample_comes_back_from_its_line() -> None:
    sample = make_sample([1.5, 200.0, 3e6], second=1_700_000_000)
    again = Sample.decode(sample.encode())
    assert again.sketch.buckets == sample.sketch.buckets
    for field in ("account", "region", "namespace", "name", "dimensions", "second", "unit"):
        assert getattr(again, field) == getattr(sample, field)
    for field in ("count", "total", "minimum", "maximum"):
        assert getattr(again, field) == getattr(sample, field)


def test_a_sample_without_a_spread_comes_back_without_one() -> None:
    assert Sample.decode(make_sample([4.0], sketched=False).encode()).sketch is None


def test_a_line_is_one_line_whatever_the_names_hold() -> None:
    line = make_sample([1.0], dimensions={"EndpointName": "a\nb"}).encode()
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1


@pytest.mark.parametrize(
    "line",
    [b"", b"\xff", b"{}", b"[]", b"[1,2,3]", b"null", b'"text"'],
)
def test_what_is_no_list_of_fields_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text is the parser's
        Sample.decode(line)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (0, 123456789012),
        (0, "1234567890123"),
        (1, None),
        (2, ""),
        (3, "a\0b"),
        (3, "n" * 256),
        (4, [["EndpointName"]]),
        (4, [["EndpointName", 7]]),
        (4, 7),
        (5, "now"),
        (5, -1),
        (5, True),
        (6, 0),
        (6, 2**60),
        (7, float("nan")),
        (8, float("inf")),
        (9, "9"),
        (10, None),
        (11, [[1, 2, 3]]),
        (11, [[1, -1]]),
        (11, [["x", 1]]),
        (11, {"1": 1}),
        (11, [[1, 500]]),
    ],
)
def test_a_field_that_is_not_what_it_should_be_is_refused(field: int, value: object) -> None:
    fields = json.loads(make_sample([1.0, 2.0]).encode())
    fields[field] = value
    with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
        Sample.decode(json.dumps(fields).encode())
