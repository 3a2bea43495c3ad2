"""What JSON can spell and a database cannot hold."""

import json

import pytest

from consoleapp.accounts import storable


@pytest.mark.parametrize(
    "text",
    ['"\\ud83d\\ude00 \\n"', "1e308", "-0.0", "1" * 4000, '{"a": [null, true, {"b": "c"}]}', '""'],
)
def test_what_can_be_kept_has_no_problem(text: str) -> None:
    assert storable.problem_of(json.loads(text)) == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('"\\ud83d"', "character"),
        ('{"a": ["\\u0000"]}', "character"),
        ('{"a\\udc00": 1}', "character"),
        ('["fine", -1e999]', "number"),
        ("[" * 100 + "]" * 100, "deeply"),
    ],
)
def test_what_cannot_be_kept_is_told_wherever_it_is(text: str, why: str) -> None:
    assert why in storable.problem_of(json.loads(text))
