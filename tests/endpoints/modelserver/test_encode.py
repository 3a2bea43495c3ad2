import io
import json

import numpy as np
import pytest

from modelserver.encode import ARRAYS, BATCH_SCORES, SCORES
from modelserver.errors import RequestRefused

TWO = np.array([0.25, 0.5], dtype=np.float32)


def body(form, predictions, accept=""):
    return form.answer(predictions, form.choose(accept)).body


def test_scores_are_one_line_of_csv_as_aws_writes_them():
    assert body(SCORES, TWO) == b"0.25,0.5"


def test_scores_in_a_batch_transform_are_one_a_line():
    assert body(BATCH_SCORES, TWO) == b"0.25\n0.5\n"


def test_scores_in_json_are_aws_s_predictions():
    assert json.loads(body(SCORES, TWO, "application/json")) == {
        "predictions": [{"score": 0.25}, {"score": 0.5}]
    }


def test_scores_in_json_lines_are_one_object_a_line():
    assert body(SCORES, TWO, "application/jsonlines") == b'{"score": 0.25}\n{"score": 0.5}\n'


def test_arrays_are_json_lists_unless_csv_is_asked_for():
    table = np.array([[1, 2], [3, 4]])
    assert body(ARRAYS, table) == b"[[1, 2], [3, 4]]"
    assert body(ARRAYS, table, "text/csv") == b"1,2\n3,4\n"
    assert body(ARRAYS, table, "application/jsonlines") == b"[1, 2]\n[3, 4]\n"


def test_npy_comes_back_as_it_was():
    loaded = np.load(io.BytesIO(body(ARRAYS, TWO, "application/x-npy")))
    assert loaded.tolist() == TWO.tolist()


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", "text/csv"),
        ("*/*", "text/csv"),
        ("application/json", "application/json"),
        ("Application/JSON", "application/json"),
        ("text/html, application/json;q=0.5", "application/json"),
        ("text/csv;q=0.1, application/json;q=0.9", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        ("text/csv;q=0, */*;q=0.1", "text/csv"),
    ],
)
def test_accept_is_negotiated(accept, chosen):
    assert SCORES.choose(accept) == chosen


def test_the_default_may_be_set():
    assert SCORES.choose("*/*", "application/json") == "application/json"


def test_an_accept_nobody_can_meet_is_406_with_the_list():
    with pytest.raises(RequestRefused, match=r"text/csv, application/json") as caught:
        SCORES.choose("image/png")
    assert caught.value.status == 406
