"""Filter patterns: the examples of AWS's documentation, and what is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleapp.metrics.patterns.errors import BadPattern
from consoleapp.metrics.patterns.pattern import compiled
from consoleapp.metrics.patterns.values import Budget

BOTH, ERROR, WARN = "ERROR WARN message", "ERROR message", "WARN message"


@pytest.mark.parametrize(
    ("pattern", "matching"),
    [
        ("", [BOTH, ERROR, WARN]),
        ("ERROR", [BOTH, ERROR]),
        ("ERROR WARN", [BOTH]),
        ("?ERROR ?WARN", [BOTH, ERROR, WARN]),
        ("ERROR -WARN", [ERROR]),
        ("-ERROR", [WARN]),
        ('"ERROR message"', [ERROR]),
        ('message -"ERROR message"', [BOTH, WARN]),
        ('?"ERROR WARN" ?"WARN message"', [BOTH, WARN]),
        # As documented: beside other terms the question mark is ignored.
        ("?ERROR ?WARN message", [BOTH]),
        ("error", []),
        (r"%^WARN|R\sW%", [BOTH, WARN]),
        ("[w1=ERROR, w2]", [ERROR]),
        ("[w1=ERROR || w1=WARN, w2]", [ERROR, WARN]),
        ("[w1!=ERROR && w1!=WARN, w2]", []),
        ("[w1, w2, w3]", [BOTH]),
        ("[w1, ...]", [BOTH, ERROR, WARN]),
        ("[..., w3=message]", [BOTH, ERROR, WARN]),
        ("[w1=ERROR, ..., last]", [BOTH, ERROR]),
    ],
)
def test_lines_are_found(pattern: str, matching: list[str]) -> None:
    matches = compiled(pattern)
    assert [line for line in (BOTH, ERROR, WARN) if matches(line)] == matching


ACCESS = [
    '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /apache_pb.gif HTTP/1.0" 200 1534',
    '127.0.0.1 - frank [10/Oct/2000:13:35:22 -0700] "GET /apache_pb.gif HTTP/1.0" 500 5324',
    '127.0.0.1 - frank [10/Oct/2000:13:50:35 -0700] "GET /index.html HTTP/1.0" 404 4355',
]


@pytest.mark.parametrize(
    ("pattern", "matching"),
    [
        ("[ip, user, username, timestamp, request, status_code, bytes]", [0, 1, 2]),
        ("[ip, user, username, timestamp, request, status_code, bytes > 2000]", [1, 2]),
        ("[ip, user, username, timestamp, request, status_code = 200, bytes]", [0]),
        ("[ip, user, username, timestamp, request, status_code = 4*, bytes]", [2]),
        ("[ip, user, username, timestamp, request = *html*, status_code = 4*, bytes]", [2]),
        ("[..., request=*.html*, status_code=4*,]", [2]),
        ("[ip, user, ..., status_code != 200, bytes]", [1, 2]),
        ("[..., status_code = 4* && status_code != 404, bytes]", []),
        ("[..., status_code = %5..% , bytes]", [1]),
        ('[..., request = "GET /index.html HTTP/1.0", status_code, bytes]', [2]),
        ("[ip = 10.*, ...]", []),
        ("[ip, user, bytes]", []),
    ],
)
def test_words_of_a_line_are_fields(pattern: str, matching: list[int]) -> None:
    matches = compiled(pattern)
    assert [n for n, line in enumerate(ACCESS) if matches(line)] == matching


TRAIL = {
    "eventType": "UpdateTrail",
    "sourceIPAddress": "111.111.111.111",
    "arrayKey": ["value", "another value"],
    "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
    "SomeObject": None,
    "ThisFlag": True,
    "latency": 501.5,
    "user": {"id": 1, "email": "John.Stiles@example.com"},
    "users": [{"id": 2, "email": "John.Doe@example.com"}],
    "actions": ["GET", "PUT", "DELETE"],
    "coordinates": [[0, 1, 2], [4, 5, 6]],
    "key-with_signs": "x",
}


@pytest.mark.parametrize(
    "pattern",
    [
        '{ $.eventType = "UpdateTrail" }',
        "{$.eventType=UpdateTrail}",
        "{ $.sourceIPAddress != 123.123.* }",
        '{ $.arrayKey[0] = "value" }',
        "{ $.objectList[1].id = 2 }",
        "{ $.SomeObject IS NULL }",
        "{ $.SomeOtherObject NOT EXISTS }",
        "{ $.ThisFlag IS TRUE }",
        "{ $.latency >= 500 }",
        "{ $.latency < 10e3 && $.latency > +10.5 }",
        "{ $.latency = * }",
        '{ $.eventType = "*Trail" || $.eventType = "Nothing" }',
        "{ $.eventType = %^Up.*l$% }",
        '{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }',
        '{ $.user.email = "John.Stiles@example.com" || $.latency = 1 && $.actions[2] = no }',
        "{ $.key-with_signs = x }",
        "{ $.coordinates[1][2] = 6 }",
    ],
)
def test_fields_of_json_are_found(pattern: str) -> None:
    assert compiled(pattern)(json.dumps(TRAIL))


@pytest.mark.parametrize(
    "pattern",
    [
        '{ $.eventType = "updatetrail" }',
        "{ $.eventType != UpdateTrail }",
        # Arrays and objects compare with nothing, and neither does what is not there.
        "{ $.users = 1 }",
        "{ $.users != 1 }",
        "{ $.nothing != 1 }",
        "{ $.nothing IS NULL }",
        "{ $.ThisFlag IS FALSE }",
        "{ $.ThisFlag NOT EXISTS }",
        "{ $.eventType > 3 }",
        "{ $.arrayKey[7] = value }",
        "{ $.eventType[0] = U }",
        '{ ($.user.id = 2 && $.users[0].email = "no") || $.actions[2] = "GET" }',
        '{ ($.user.email = "John.Stiles@example.com" || $.latency = 1) && $.actions[2] = no }',
        '{ $.eventType = "Ev*ent" }',
    ],
)
def test_fields_of_json_are_passed_over(pattern: str) -> None:
    assert not compiled(pattern)(json.dumps(TRAIL))


@pytest.mark.parametrize("line", ["no json", "[1]", "3", "[" * 100_000])
def test_lines_that_are_no_json_are_passed_over(line: str) -> None:
    assert not compiled("{ $.a NOT EXISTS }")(line)


@pytest.mark.parametrize(
    "pattern",
    [
        "{ $.a = 1",
        "{ }",
        "{ $.a }",
        "{ a = 1 }",
        "{ $.a = }",
        "{ $.a == 1 }",
        "{ $.a = 1 && }",
        "{ ($.a = 1 }",
        "{ $.a IS PERHAPS }",
        "{ $.a NOT THERE }",
        "{ $.a = 1 } x",
        "{ " + "(" * 400 + "$.a = 1" + ")" * 400 + " }",
        "[a = 1, b = ]",
        "[..., a, ...]",
        "[a = 1 && b = 2]",
        '[a = "x]',
        '"unclosed',
        "%(a|b)%",
        "{ $.a = %[% }",
    ],
)
def test_a_pattern_that_cannot_be_read_is_refused(pattern: str) -> None:
    with pytest.raises(BadPattern):
        compiled(pattern)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("{ $.a > 1 }", True), ("{ $.a < 1 }", False), ("{ $.a = 1 }", False), ("{ $.b < -1 }", True)],
)
def test_a_number_beyond_a_double_is_larger_than_any_other(pattern: str, found: bool) -> None:
    line = json.dumps({"a": 10**400, "b": -(10**400)})
    assert compiled(pattern)(line) is found


@pytest.mark.parametrize("pattern", ["%{}%", "{{ $.a = %{}% }}", "[..., w1 = %{}%]"])
def test_all_expressions_of_a_pattern_share_their_time(pattern: str) -> None:
    budget = Budget()
    text = "ab" * 5_000 + "z"
    matches = compiled(pattern.format("[ab]*[ab]*[ab]*[ab]*[ab]*[ab]*[xy]z"), budget)
    with pytest.raises(BadPattern, match="takes too long"):
        matches(json.dumps({"a": text}) if "$" in pattern else text)
    assert budget.left_s < 0.01


def test_a_bracket_that_is_never_closed_is_a_word() -> None:
    # Whoever looks behind each bracket for its end takes long for a line of brackets alone.
    assert compiled("[a, b, c = 2]")("1 [x [2]")
    assert compiled("[a, b]")("[x [y z]")


def test_a_regular_expression_that_never_ends_is_given_up() -> None:
    matches = compiled("%[ab]*[ab]*[ab]*[ab]*[ab]*[ab]*[xy]z%")
    with pytest.raises(BadPattern, match="takes too long"):
        matches("ab" * 5_000 + "z")


@given(
    st.text(alphabet='{}[]()$.ab=!<>&|"%*?- ,1', max_size=40),
    st.text(alphabet='{}[]"ab: ,1', max_size=40),
)
def test_any_pattern_is_read_or_refused(pattern: str, line: str) -> None:
    try:
        matches = compiled(pattern)
    except BadPattern:
        return
    assert matches(line) in (True, False)
