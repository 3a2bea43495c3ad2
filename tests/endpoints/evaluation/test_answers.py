"""One score for each row out of every format that models answer in, and what is refused."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endpoints.evaluation import answers
from endpoints.evaluation.answers import AnswerRefused

CSV, JSON = "text/csv; charset=utf-8", "application/json"


def read(body: str | bytes, kind: str, rows: int = 1) -> list[float]:
    raw = body.encode() if isinstance(body, str) else body
    return answers.scores(raw, kind, rows=rows, positive="yes", negative="no")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("0.75", CSV),
        ("0.75\n", "text/plain"),
        ("[0.75]", JSON),
        ("[[0.75]]", JSON),
        ("0.75", JSON),
        ('{"predictions": [{"score": 0.75}]}', JSON),
        ('{"predictions": [0.75]}', JSON),
        ('{"predictions": [{"score": 0.75, "predicted_label": 1}]}', JSON),
        ('{"probability": 0.75}', JSON),
        ('{"scores": [[0.75]]}', "application/json"),
        ('{"score": 0.75}\n', "application/jsonlines"),
        ("[0.75]", "application/octet-stream"),
    ],
)
def test_one_row_has_one_score(body: str, kind: str) -> None:
    assert read(body, kind) == [0.75]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("0.1,0.9", CSV),
        ("0.1\n0.9\n", CSV),
        ("[0.1, 0.9]", JSON),
        ("[[0.1], [0.9]]", JSON),
        ('{"predictions": [{"score": 0.1}, {"score": 0.9}]}', JSON),
        ('{"score": 0.1}\n{"score": 0.9}\n', "application/jsonlines"),
    ],
)
def test_a_batch_has_its_scores_in_order(body: str, kind: str) -> None:
    assert read(body, kind, rows=2) == [0.1, 0.9]


def test_a_label_in_words_counts_as_one_or_zero() -> None:
    assert read("Yes", CSV) == [1.0]
    assert read('{"predicted_label": "no"}', JSON) == [0.0]
    assert read("[true]", JSON) == [1.0]


@pytest.mark.parametrize(
    ("body", "kind", "rows"),
    [
        ("0.2,0.8", CSV, 1),
        ("0.2,0.8\n0.7,0.3\n", CSV, 2),
        ("[[0.2, 0.8]]", JSON, 1),
        ('{"predictions": [[0.2, 0.8], [0.7, 0.3]]}', JSON, 2),
    ],
)
def test_several_scores_for_a_row_are_refused_for_all_rows(body: str, kind: str, rows: int) -> None:
    with pytest.raises(AnswerRefused, match="answered 2 scores for one row") as refused:
        read(body, kind, rows)
    assert refused.value.systematic


@pytest.mark.parametrize(
    ("body", "kind", "rows", "words"),
    [
        ("", CSV, 1, "empty"),
        ("maybe", CSV, 1, "'maybe' is neither a number nor one of the labels"),
        ("nan", CSV, 1, "not a finite number"),
        ("{", JSON, 1, "is not"),
        ("[]", JSON, 1, "0 scores were answered for 1 rows"),
        ("0.1,0.2,0.3", CSV, 2, "3 scores were answered for 2 rows"),
        ("[null]", JSON, 1, "neither a number"),
    ],
)
def test_an_answer_without_a_score_is_refused_for_its_rows_alone(
    body: str, kind: str, rows: int, words: str
) -> None:
    with pytest.raises(AnswerRefused, match=words) as refused:
        read(body, kind, rows)
    assert not refused.value.systematic


@pytest.mark.parametrize("body", [b"\xff\xfe", b'{"class": {"a": 1}}'])
def test_an_answer_that_will_be_no_better_for_other_rows_says_so(body: bytes) -> None:
    with pytest.raises(AnswerRefused) as refused:
        read(body, JSON)
    assert refused.value.systematic


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=40))
def test_what_was_written_is_read_back(scores: list[float]) -> None:
    assert read(",".join(map(repr, scores)), CSV, len(scores)) == scores
    assert read(json.dumps([[score] for score in scores]), JSON, len(scores)) == scores


@given(st.binary(max_size=60), st.sampled_from([CSV, JSON, "application/jsonlines", ""]))
def test_bytes_of_any_kind_are_scores_or_refused(body: bytes, kind: str) -> None:
    with contextlib.suppress(AnswerRefused):
        assert len(read(body, kind)) == 1


def test_json_nested_beyond_reason_is_refused_like_any_other() -> None:
    with pytest.raises(AnswerRefused):
        read("[" * 100_000, JSON)
