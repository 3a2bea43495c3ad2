"""Text becomes a tree, or says where it cannot be read."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleapp.metrics.expressions.errors import BadExpression
from consoleapp.metrics.expressions.syntax import (
    Array,
    Call,
    Chain,
    Name,
    Negative,
    Number,
    Text,
    parse,
)


def test_products_bind_closer_than_sums_and_powers_closest() -> None:
    product = Chain(Number(2.0), (("*", Chain(Name("b"), (("^", Number(3.0)),))),))
    assert parse("a + 2*b^3") == Chain(Name("a"), (("+", product),))


def test_parentheses_come_first() -> None:
    assert parse("(a+b)*2") == Chain(Chain(Name("a"), (("+", Name("b")),)), (("*", Number(2.0)),))


def test_operations_of_a_level_go_from_left_to_right() -> None:
    assert parse("a-b+c") == Chain(Name("a"), (("-", Name("b")), ("+", Name("c"))))


def test_a_minus_before_a_power_applies_to_the_power() -> None:
    assert parse("-a^-2") == Negative(Chain(Name("a"), (("^", Negative(Number(2.0))),)))


@pytest.mark.parametrize("text", ["a>1 AND b<2 OR c", "a>1 && b<2 || c"])
def test_words_and_signs_mean_the_same(text: str) -> None:
    more, less = Chain(Name("a"), ((">", Number(1.0)),)), Chain(Name("b"), (("<", Number(2.0)),))
    assert parse(text) == Chain(Chain(more, (("&&", less),)), (("||", Name("c")),))


def test_calls_arrays_and_texts_are_read() -> None:
    assert parse('SUM([METRICS("4xx"), m1])') == Call(
        "SUM", (Array((Call("METRICS", (Text("4xx"),)), Name("m1"))),)
    )


@pytest.mark.parametrize("text", ["1", "1.", ".5", "1e3", "2.5E-1"])
def test_numbers_have_a_fraction_and_an_exponent(text: str) -> None:
    assert parse(text) == Number(float(text))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "end of the expression"),
        ("m1 +", "end of the expression"),
        ("m1 m2", "'m2'"),
        ("SUM(m1", "end of the expression"),
        ("m1)", r"'\)'"),
        ("m1 % 2", "'%'"),
        ("[m1,]", "']'"),
        ('METRICS("a)', "'\"'"),
        ("m1 = 2", "'='"),
        ("m1 +* 2", r"'\*'"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, told: str) -> None:
    with pytest.raises(BadExpression, match=told):
        parse(text)


@pytest.mark.parametrize("text", ["(" * 1000, "-" * 1000, "1^" * 1000 + "1", "ABS(" * 500])
def test_depth_has_an_end(text: str) -> None:
    with pytest.raises(BadExpression, match="deeply"):
        parse(text)


def test_a_long_sum_is_no_deep_one() -> None:
    found = parse("+".join(["m1"] * 1000))
    assert isinstance(found, Chain)
    assert len(found.rest) == 999


@given(st.text(alphabet="m1(),[]+-*/^<>=!&|\"' .eAND_OR", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BadExpression):
        parse(text)
