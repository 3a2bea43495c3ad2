"""Which messages a subscription wants: SNS's filter policies on message attributes. Pure.

https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
"""

import ipaddress
import json
import operator
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

Value = str | float | bool | None
Policy = Mapping[str, Any]

_MOST_KEYS: Final = 5
_MOST_COMBINATIONS: Final = 150
_DEEPEST: Final = 5
_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OF_TEXTS: Final = ("prefix", "suffix", "equals-ignore-case", "wildcard", "cidr")


class BadPolicy(ValueError):
    """str() says why."""


def parse(text: str) -> Policy:
    """Raises BadPolicy for what SNS would not take."""
    try:
        policy = json.loads(text)
    except (ValueError, RecursionError):
        raise BadPolicy("failed to parse JSON.") from None
    if not isinstance(policy, dict):
        raise BadPolicy("Filter policy must be a JSON object.")
    combinations = _check(policy)
    if len(policy) > _MOST_KEYS:
        raise BadPolicy(f"Filter policy can not have more than {_MOST_KEYS} keys")
    if combinations > _MOST_COMBINATIONS:
        raise BadPolicy("Filter policy is too complex")
    return policy


def accepts(policy: Policy, attributes: Mapping[str, Mapping[str, Any]]) -> bool:
    """`attributes`: MessageAttributes as published. A policy without keys takes everything."""
    seen = {name: _values(each) for name, each in attributes.items()}
    return _all(policy, {name: values for name, values in seen.items() if values is not None})


def _all(policy: Policy, seen: Mapping[str, Sequence[Value]]) -> bool:
    return all(
        any(_all(either, seen) for either in wanted)
        if name == "$or"
        else any(_condition(each, seen.get(name)) for each in wanted)
        for name, wanted in policy.items()
    )


def _condition(wanted: Any, values: Sequence[Value] | None) -> bool:
    if isinstance(wanted, Mapping) and "exists" in wanted:
        return wanted["exists"] is (values is not None)
    return values is not None and any(_matches(wanted, value) for value in values)


def _matches(wanted: Any, value: Value) -> bool:
    if not isinstance(wanted, Mapping):
        return _same(wanted, value)
    ((kind, told),) = wanted.items()
    if kind == "anything-but":
        return not any(_matches(each, value) for each in (told if _listed(told) else [told]))
    if kind == "numeric":
        return _number(value) and _in_range(told, value)
    return isinstance(value, str) and _text_matches(kind, told, value)


def _text_matches(kind: str, told: str, value: str) -> bool:
    if kind == "prefix":
        return value.startswith(told)
    if kind == "suffix":
        return value.endswith(told)
    if kind == "equals-ignore-case":
        return value.casefold() == told.casefold()
    if kind == "wildcard":
        return _wild(told.split("*"), value)
    return _in_network(told, value)


def _wild(parts: Sequence[str], value: str) -> bool:
    """Part by part: what is between two of them is whatever it is. No pattern takes long."""
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return value == first
    if len(value) < len(first) + len(last):
        return False
    at, end = len(first), len(value) - len(last)
    if not (value.startswith(first) and value.endswith(last)):
        return False
    for part in parts[1:-1]:
        found = value.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _in_network(network: str, value: str) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _in_range(told: Sequence[Any], value: Any) -> bool:
    pairs = zip(told[::2], told[1::2], strict=True)
    return all(_COMPARISONS[sign](value, limit) for sign, limit in pairs)


def _same(wanted: Any, value: Value) -> bool:
    # True is no 1, and "1" is no 1 either.
    if _number(wanted) and _number(value):
        return bool(wanted == value)
    return type(wanted) is type(value) and wanted == value


def _values(attribute: Mapping[str, Any]) -> Sequence[Value] | None:
    """What an attribute holds; None for one that is not looked at, as binary ones."""
    kind, text = str(attribute.get("DataType", "")), str(attribute.get("StringValue", ""))
    if kind.startswith("String.Array"):
        return _array(text)
    if kind.startswith("String"):
        return [text]
    if kind.startswith("Number"):
        return [float(text)]
    return None


def _array(text: str) -> Sequence[Value] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    scalar = (str, int, float, bool, type(None))
    if not isinstance(found, list) or not all(isinstance(each, scalar) for each in found):
        return None
    return found


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _finite(value: Any) -> bool:
    # JSON spells whole numbers beyond a double too.
    return _number(value) and -sys.float_info.max <= value <= sys.float_info.max


def _listed(value: Any) -> bool:
    return isinstance(value, list)


def _check(policy: Policy, depth: int = 0) -> int:
    """Answers the product of the numbers of conditions, which SNS limits."""
    product = 1
    if depth > _DEEPEST:
        raise BadPolicy("Filter policy is too complex")
    for name, wanted in policy.items():
        if not _listed(wanted) or not wanted:
            raise BadPolicy(f'"{name}" must be an object or an array')
        if name == "$or":
            if len(wanted) < 2 or not all(isinstance(each, dict) for each in wanted):
                raise BadPolicy('"$or" must be an array of at least two objects')
            product *= sum(_check(each, depth + 1) for each in wanted)
            continue
        for each in wanted:
            _check_condition(each)
        product *= len(wanted)
    return product


def _check_condition(wanted: Any) -> None:
    if not isinstance(wanted, dict):
        if _listed(wanted):
            raise BadPolicy("Match value must be String, number, true, false, or null")
        return
    if len(wanted) != 1:
        raise BadPolicy("Only one key allowed in match expression")
    ((kind, told),) = wanted.items()
    if kind in _OF_TEXTS:
        _check_text(kind, told)
    elif kind == "exists":
        if not isinstance(told, bool):
            raise BadPolicy("exists match pattern must be either true or false.")
    elif kind == "numeric":
        _check_range(told)
    elif kind == "anything-but":
        _check_others(told)
    else:
        raise BadPolicy(f"Unrecognized match type {kind}")


def _check_others(told: Any) -> None:
    for each in told if _listed(told) and told else [told]:
        if _listed(each) or (isinstance(each, dict) and not set(each) <= set(_OF_TEXTS)):
            raise BadPolicy("Value of anything-but must be an array or single string value.")
        _check_condition(each)


def _check_text(kind: str, told: Any) -> None:
    if not isinstance(told, str) or (kind != "equals-ignore-case" and not told):
        raise BadPolicy(f"{kind} match pattern must be a string")
    if kind == "cidr":
        try:
            ipaddress.ip_network(told, strict=False)
        except ValueError:
            raise BadPolicy(f"Malformed CIDR, {told}") from None


def _check_range(told: Any) -> None:
    if not _listed(told) or not told:
        raise BadPolicy("Value of numeric must be an array.")
    signs, limits = told[::2], told[1::2]
    if any(sign not in _COMPARISONS for sign in signs if isinstance(sign, str)) or not all(
        isinstance(sign, str) for sign in signs
    ):
        raise BadPolicy(f"Unrecognized numeric range operator: {signs[0]}")
    if len(limits) != len(signs) or not all(_finite(n) for n in limits):
        raise BadPolicy("Value of a numeric range must be numeric")
    if len(signs) > 2:
        raise BadPolicy("Too many elements in numeric expression")
