"""A labelled test set: what is read, what the models are sent, and what is refused, with where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleapp.accounts.errors import ValidationFailed
from endpoints.evaluation import labelled
from endpoints.evaluation.labelled import Labelled


def read(content: str | bytes, **asked: object) -> Labelled:
    raw = content.encode() if isinstance(content, str) else content
    return labelled.read(raw, **{"label_column": "0", "has_header": False, **asked})  # type: ignore[arg-type]


def refusal(content: str | bytes, **asked: object) -> ValidationFailed:
    with pytest.raises(ValidationFailed) as refused:
        read(content, **asked)
    return refused.value


def test_the_label_goes_and_the_rest_is_sent_as_it_is_written() -> None:
    found = read("1,0.10,3e5\n0,7,-0\n\n")
    assert found.positives == (True, False)
    assert found.payloads == (b"0.10,3e5", b"7,-0")
    assert found.negative == "0"


@pytest.mark.parametrize("column", ["y", " y ", "1", "-2"])
def test_the_label_column_is_named_or_numbered_from_either_end(column: str) -> None:
    found = read("a,y,b\n5,1,6\n7,0,8\n", label_column=column, has_header=True)
    assert found.payloads == (b"5,6", b"7,8")
    assert found.positives == (True, False)


def test_a_name_that_looks_like_a_number_is_a_name_first() -> None:
    found = read("1,0\n0,5\n1,6\n", label_column="1", has_header=True)
    assert found.payloads == (b"5", b"6")


def test_quoted_values_stay_quoted_where_they_must() -> None:
    found = read('1,"a,b","say ""x""",c\r\n0,d,e,f\r\n')
    assert found.payloads == (b'"a,b","say ""x""",c', b"d,e,f")


def test_labels_are_equal_by_value_and_words_without_regard_to_case() -> None:
    assert read("1.0,5\n0,6\n1,7\n").positives == (True, False, True)
    assert read("10000001,5\n10000002,6\n", positive_label="10000001").positives == (True, False)
    found = read("Yes,5\nno,6\n", positive_label="YES")
    assert found.positives == (True, False)
    assert found.negative == "no"


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert read("\ufeffy,x\n1,5\n", label_column="y", has_header=True).payloads == (b"5",)


@pytest.mark.parametrize(
    ("content", "asked", "words", "field"),
    [
        ("", {}, "no rows", "test_set_uri"),
        ("y,x\n", {"has_header": True}, "no rows", "test_set_uri"),
        ("1,2\n0,3,4\n", {}, "Line 2 has 3 columns; the first row has 2", "test_set_uri"),
        ("1\n0\n", {}, "one column only", "test_set_uri"),
        (b"1,\xff\n", {}, "not UTF-8", "test_set_uri"),
        ('1,"a\n', {}, "not CSV", "test_set_uri"),
        ("1,2\n0,3\n", {"label_column": "2"}, "no column 2", "label_column"),
        ("1,2\n0,3\n", {"label_column": "y"}, "Without a header", "label_column"),
        ("a,b\n0,3\n", {"label_column": "y", "has_header": True}, "a, b", "label_column"),
        ("1,2\n0,3\n2,3\n", {}, "3 different values ('1', '0', '2')", "label_column"),
        ("1,2\n0,3\n", {"positive_label": "M"}, "the labels are '1' and '0'", "positive_label"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_in_words(
    content: str | bytes, asked: dict[str, object], words: str, field: str
) -> None:
    refused = refusal(content, **asked)
    assert words in refused.message
    assert refused.field == field


def test_more_rows_than_are_sent_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelled, "MAX_ROWS", 2)
    assert "more than the 2 rows" in refusal("1,2\n0,2\n1,2\n").message


def test_no_more_is_read_once_there_are_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelled, "MAX_ROWS", 2)
    assert "more than the 2 rows" in refusal('1,2\n0,2\n1,2\n1,"not CSV\n').message


cells = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), max_size=8)


@given(st.lists(st.tuples(st.booleans(), cells, cells), min_size=1, max_size=20))
def test_every_row_has_its_label_and_its_payload(rows: list[tuple[bool, str, str]]) -> None:
    import csv
    import io

    out = io.StringIO()
    csv.writer(out).writerows([["p" if label else "n", a, b] for label, a, b in rows])
    if not any(label for label, _, _ in rows):
        assert refusal(out.getvalue(), positive_label="p").field == "positive_label"
        return
    found = read(out.getvalue(), positive_label="p")
    assert list(found.positives) == [label for label, _, _ in rows]
    again = [next(csv.reader(io.StringIO(payload.decode()))) for payload in found.payloads]
    assert again == [[a, b] for _, a, b in rows]
