"""Filter policies on message attributes, as SNS's documentation shows them."""

import json
from typing import Any

import pytest

from consoleapp.notifications.filters import BadPolicy, accepts, parse

#: The documentation's own example of a message's attributes.
MESSAGE = {
    "store": {"DataType": "String", "StringValue": "example_corp"},
    "event": {"DataType": "String", "StringValue": "order_placed"},
    "price_usd": {"DataType": "Number", "StringValue": "210.75"},
    "interests": {"DataType": "String.Array", "StringValue": '["soccer", "rugby", "hockey"]'},
    "address": {"DataType": "String", "StringValue": "10.0.0.7"},
    "blob": {"DataType": "Binary", "BinaryValue": b"x"},
}


def accepted(policy: Any, attributes: Any = MESSAGE) -> bool:
    return accepts(parse(json.dumps(policy)), attributes)


@pytest.mark.parametrize(
    "policy",
    [
        {},
        {"store": ["example_corp"]},
        {"store": ["other", "example_corp"], "event": [{"anything-but": "order_cancelled"}]},
        {"interests": ["rugby", "football", "baseball"]},
        {"price_usd": [{"numeric": [">=", 100]}]},
        {"price_usd": [{"numeric": [">", 0, "<=", 210.75]}]},
        {"price_usd": [210.75]},
        {"price_usd": [{"numeric": ["=", 210.750]}]},
        {"event": [{"prefix": "order"}]},
        {"event": [{"suffix": "placed"}]},
        {"event": [{"equals-ignore-case": "ORDER_Placed"}]},
        {"event": [{"wildcard": "or*_pl*d"}]},
        {"event": [{"wildcard": "*"}]},
        {"address": [{"cidr": "10.0.0.0/24"}]},
        {"store": [{"exists": True}], "missing": [{"exists": False}]},
        {"event": [{"anything-but": {"prefix": "return"}}]},
        {"event": [{"anything-but": ["order_cancelled", "order_returned"]}]},
        {"interests": [{"anything-but": ["rugby", "tennis"]}]},
        {"$or": [{"store": ["nobody"]}, {"price_usd": [{"numeric": ["<", 300]}]}]},
    ],
)
def test_a_message_that_meets_the_policy_is_wanted(policy: Any) -> None:
    assert accepted(policy)


@pytest.mark.parametrize(
    "policy",
    [
        {"store": ["other"]},
        {"missing": ["x"]},
        {"missing": [{"anything-but": "x"}]},
        {"store": ["example_corp"], "event": ["order_cancelled"]},
        {"price_usd": [{"numeric": [">", 300]}]},
        {"price_usd": ["210.75"]},
        {"store": [{"numeric": ["=", 1]}]},
        {"event": [{"anything-but": "order_placed"}]},
        {"event": [{"anything-but": {"prefix": "order"}}]},
        {"event": [{"wildcard": "or*x*d"}]},
        {"event": [{"wildcard": "order_placedorder*placed"}]},
        {"event": [{"wildcard": "order_placed*r"}]},
        {"event": [{"wildcard": "order_placed*order_placed"}]},
        {"address": [{"cidr": "10.0.1.0/24"}]},
        {"store": [{"cidr": "10.0.0.0/24"}]},
        {"store": [{"exists": False}]},
        {"blob": [{"exists": True}]},
        {"$or": [{"store": ["nobody"]}, {"event": ["nothing"]}]},
    ],
)
def test_a_message_that_misses_the_policy_is_not_wanted(policy: Any) -> None:
    assert not accepted(policy)


def test_truth_is_no_number_and_no_text() -> None:
    flags = {"flags": {"DataType": "String.Array", "StringValue": "[true, null]"}}
    assert accepted({"flags": [True]}, flags)
    assert accepted({"flags": [None]}, flags)
    assert not accepted({"flags": [1]}, flags)
    assert not accepted({"flags": ["true"]}, flags)


def test_an_array_that_is_none_is_not_looked_at() -> None:
    for text in ("no json", '{"a": 1}', "[[1]]", "[" * 100_000):
        broken = {"a": {"DataType": "String.Array", "StringValue": text}}
        assert not accepted({"a": [{"exists": True}]}, broken)


def test_a_wildcard_is_quick_whatever_it_is_given() -> None:
    long = {"a": {"DataType": "String", "StringValue": "a" * 200_000}}
    assert not accepted({"a": [{"wildcard": "a*" * 50 + "b"}]}, long)


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ("no json", "failed to parse JSON"),
        ("[]", "must be a JSON object"),
        ('{"a": "x"}', "must be an object or an array"),
        ('{"a": []}', "must be an object or an array"),
        ('{"a": [["x"]]}', "Match value must be"),
        ('{"a": [{"like": "x"}]}', "Unrecognized match type like"),
        ('{"a": [{"prefix": "x", "suffix": "y"}]}', "Only one key"),
        ('{"a": [{"prefix": 1}]}', "prefix match pattern must be a string"),
        ('{"a": [{"exists": "yes"}]}', "either true or false"),
        ('{"a": [{"numeric": ["~", 1]}]}', "range operator"),
        ('{"a": [{"numeric": [">"]}]}', "must be numeric"),
        ('{"a": [{"numeric": [">", "1"]}]}', "must be numeric"),
        ('{"a": [{"numeric": [">", 1, "<", 2, "<", 3]}]}', "Too many"),
        ('{"a": [{"numeric": 1}]}', "must be an array"),
        ('{"a": [{"numeric": ["<", 1' + "0" * 400 + "]}]}", "must be numeric"),
        ('{"a": [{"cidr": "10.0.0"}]}', "Malformed CIDR"),
        ('{"a": [{"anything-but": {"numeric": ["=", 1]}}]}', "anything-but"),
        ('{"$or": [{"a": ["x"]}]}', "at least two"),
        (json.dumps({f"a{n}": ["x"] for n in range(6)}), "more than 5 keys"),
        (json.dumps({name: list(range(13)) for name in "ab"}), "too complex"),
        ("[" * 100_000, "failed to parse JSON"),
        ('{"$or": [{"a": [1]},' * 50 + '{"a": [1]}' + "]}" * 50, "too complex"),
    ],
)
def test_a_policy_that_sns_would_not_take_is_refused(policy: str, told: str) -> None:
    with pytest.raises(BadPolicy, match=told.replace("(", r"\(")):
        parse(policy)
