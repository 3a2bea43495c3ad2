"""CloudWatch Logs' filter patterns: text becomes a function of an event's message. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from consoleapp.metrics.patterns.conditions import MISSING, Conditions
from consoleapp.metrics.patterns.errors import BadPattern
from consoleapp.metrics.patterns.values import Budget, Expression

Matches = Callable[[str], bool]

_TERM: Final = re.compile(r"\s*([-?]?)(?:\"((?:[^\"\\]|\\.)*)\"|%([^%]*)%|([^\s\"]+))")
_PROPERTY: Final = re.compile(r"\$(?:\.[A-Za-z0-9_-]+|\[\d+\])+")
_STEP: Final = re.compile(r"\.([A-Za-z0-9_-]+)|\[(\d+)\]")
_FIELD: Final = re.compile(r"\$?[A-Za-z_][A-Za-z0-9_]*")
#: The words of a line; what is in brackets or quotes is one of them.
_WORDS: Final = re.compile(r"\[([^\[\]]*)\]|\"([^\"]*)\"|(\S+)")
#: A comma between fields, not one inside quotes or a regular expression.
_FIELDS: Final = re.compile(r"((?:\"[^\"]*\"|%[^%]*%|[^,\"%])*)(?:,|$)")
_ANY: Final = "..."


def compiled(text: str, budget: Budget | None = None) -> Matches:
    """Raises BadPattern. No text matches everything. `budget`: for its regular expressions."""
    plain, budget = text.strip(), budget or Budget()
    if plain.startswith("{") and plain.endswith("}"):
        return _of_json(plain[1:-1], budget)
    if plain.startswith("[") and plain.endswith("]"):
        return _of_words(plain[1:-1], budget)
    if plain.startswith(("{", "[")):
        raise BadPattern(f"Invalid filter pattern '{text}'")
    return _of_terms(plain, budget)


def _of_terms(text: str, budget: Budget) -> Matches:
    terms: dict[str, list[Matches]] = {"": [], "-": [], "?": []}
    at = 0
    while at < len(text):
        match = _TERM.match(text, at)
        if match is None:
            raise BadPattern(f"Invalid term at '{text[at:].strip()}'")
        terms[match.group(1)].append(_term(match, budget))
        at = match.end()
    wanted, banned, either = terms[""], terms["-"], terms["?"]
    if wanted or banned:
        # As documented: beside other terms the question mark is ignored.
        wanted, either = [*wanted, *either], []
    return lambda message: (
        all(each(message) for each in wanted)
        and not any(each(message) for each in banned)
        and (not either or any(each(message) for each in either))
    )


def _term(match: re.Match[str], budget: Budget) -> Matches:
    quoted, expression, word = match.group(2), match.group(3), match.group(4)
    if expression is not None:
        return Expression(expression, budget).found_in
    text = word if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    return lambda message: text in message


def _of_json(text: str, budget: Budget) -> Matches:
    condition = Conditions(text, _PROPERTY, budget).read()

    def matches(message: str) -> bool:
        try:
            event = json.loads(message)
        except (ValueError, RecursionError):
            return False
        return isinstance(event, dict) and condition(lambda selector: _selected(event, selector))

    return matches


def _selected(event: Any, selector: str) -> Any:
    for name, index in _STEP.findall(selector):
        if name:
            event = event.get(name, MISSING) if isinstance(event, dict) else MISSING
        else:
            there = isinstance(event, list) and int(index) < len(event)
            event = event[int(index)] if there else MISSING
        if event is MISSING:
            break
    return event


def _of_words(text: str, budget: Budget) -> Matches:
    """`[ip, ..., status = 4*, bytes]`: a field for each word of the line."""
    fields = _fields(text)
    if fields.count(_ANY) > 1:
        raise BadPattern("A pattern has at most one ellipsis")
    before, after = fields, None
    if _ANY in fields:
        at = fields.index(_ANY)
        before, after = fields[:at], fields[at + 1 :]
    head, tail = _readers(before, budget), _readers(after or [], budget)

    def matches(message: str) -> bool:
        words = [a or b or c for a, b, c in _WORDS.findall(message)]
        least = len(head) + len(tail)
        if len(words) < least or (after is None and len(words) != least):
            return False
        pairs = [*zip(head, words, strict=False)]
        pairs += zip(tail, words[len(words) - len(tail) :], strict=True)
        return all(reads(word) for reads, word in pairs)

    return matches


def _fields(text: str) -> list[str]:
    found: list[str] = []
    at, more = 0, True
    while more:
        match = _FIELDS.match(text, at)
        if match is None:
            raise BadPattern(f"Invalid field at '{text[at:].strip()}'")
        found.append(match.group(1).strip())
        more, at = match.end() > match.end(1), match.end()
    return found


def _readers(fields: Sequence[str], budget: Budget) -> list[Matches]:
    return [_reader(field, budget) for field in fields]


def _reader(field: str, budget: Budget) -> Matches:
    """Of one word. A field that is only named, or not even that, takes any."""
    if not field or _FIELD.fullmatch(field):
        return lambda word: True
    conditions = Conditions(field, _FIELD, budget)
    condition = conditions.read()
    if len(set(conditions.selectors)) != 1:
        raise BadPattern(f"'{field}' names several fields")
    return lambda word: condition(lambda selector: word)
