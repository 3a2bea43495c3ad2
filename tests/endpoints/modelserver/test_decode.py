import io

import numpy as np
import pytest

from modelserver import decode
from modelserver.errors import RequestRefused


def refused(body: bytes, content_type: str = "text/csv", features: int | None = None):
    with pytest.raises(RequestRefused) as caught:
        decode.rows(body, content_type, features)
    return caught.value


def test_one_line_of_csv_is_one_row():
    assert decode.rows(b"1,2.5,-3e2", "text/csv", 3).tolist() == [[1, 2.5, -300]]


@pytest.mark.parametrize(
    "body",
    [b"1,2\n3,4", b"1,2\n3,4\n", b"1,2\r\n3,4\r\n", b" 1, 2\n3 ,4", b"1;2\n3;4", b"1\t2\n3\t4"],
)
def test_lines_of_csv_are_rows_however_they_end_and_are_delimited(body):
    assert decode.rows(body, "text/csv; charset=utf-8", 2).tolist() == [[1, 2], [3, 4]]


def test_an_empty_cell_is_a_missing_value():
    decoded = decode.rows(b'1,,"3"', "text/csv", 3)
    assert decoded[0, 0] == 1
    assert np.isnan(decoded[0, 1])
    assert decoded[0, 2] == 3


def test_a_header_is_refused_with_what_to_do():
    error = refused(b"age,income\n1,2")
    assert error.status == 400
    assert (
        error.message == "Row 1, column 1: 'age' is not a number. Send the rows without a header."
    )


def test_a_bad_cell_is_named_by_row_and_column():
    assert refused(b"1,2\n3,x").message == "Row 2, column 2: 'x' is not a number."


def test_rows_of_different_width_are_refused():
    assert "Row 2 has 3 values, row 1 has 2." in refused(b"1,2\n3,4,5").message


def test_a_wrong_number_of_features_says_what_was_expected_and_what_came():
    error = refused(b"1,2,3,4,5", features=3)
    assert error.status == 400
    assert error.message == "The model expects 3 features in each row; the request has 5."


def test_one_feature_too_many_hints_at_the_label():
    assert "label column" in refused(b"1,2,3,4", features=3).message


@pytest.mark.parametrize("body", [b"", b" \n"])
def test_an_empty_body_is_refused(body):
    assert "empty" in refused(body).message


def test_an_unknown_content_type_is_415_with_the_list():
    error = refused(b"x", "application/x-recordio-protobuf")
    assert error.status == 415
    assert "text/csv" in error.message
    assert "application/json" in error.message


@pytest.mark.parametrize(
    "body",
    [
        b"[[1, 2], [3, 4]]",
        b'{"instances": [[1, 2], [3, 4]]}',
        b'{"inputs": [[1, 2], [3, 4]]}',
        b'{"instances": [{"features": [1, 2]}, {"features": [3, 4]}]}',
    ],
)
def test_json_rows_come_bare_or_in_the_usual_envelopes(body):
    assert decode.rows(body, "application/json", 2).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("body", [b"[1, 2]", b'{"features": [1, 2]}', b'{"instances": [1, 2]}'])
def test_a_flat_json_list_is_one_row(body):
    assert decode.rows(body, "application/json", 2).tolist() == [[1, 2]]


def test_null_in_json_is_a_missing_value():
    assert np.isnan(decode.rows(b"[1, null]", "application/json", 2)[0, 1])


@pytest.mark.parametrize(
    "body",
    [b"{}", b'"x"', b"[]", b"[[1], [2, 3]]", b'["a"]', b"3", b"[[[1]]]", b"[[1%s]]" % (b"0" * 400)],
)
def test_json_that_holds_no_rows_of_numbers_is_refused_with_the_shape_to_send(body):
    assert "Send rows of numbers" in refused(body, "application/json").message


@pytest.mark.parametrize("body", [b"[1, 2", b"\xff\xfe", b"[" * 100_000])
def test_broken_json_is_refused(body):
    assert refused(body, "application/json").message.startswith("The body is not JSON")


def test_json_lines_are_rows():
    body = b'{"features": [1, 2]}\n[3, 4]\n'
    assert decode.rows(body, "application/jsonlines", 2).tolist() == [[1, 2], [3, 4]]


def test_a_broken_json_line_is_named():
    assert refused(b"[1]\n[2", "application/jsonlines").message.startswith("Line 2 is not JSON")


def test_libsvm_leaves_out_what_is_missing():
    decoded = decode.rows(b"1 0:5 2:7\n0:1", "text/libsvm", 3)
    assert decoded[0, [0, 2]].tolist() == [5, 7]
    assert np.isnan(decoded[0, 1])
    assert np.isnan(decoded[1, 1:]).all()


@pytest.mark.parametrize("body", [b"0:x", b"a:1", b"-1:2", b"99999999:1"])
def test_bad_libsvm_is_refused(body):
    assert refused(body, "text/x-libsvm").status == 400


def test_a_libsvm_index_beyond_the_model_is_refused():
    assert "expects 2 features" in refused(b"5:1", "text/libsvm", 2).message


def test_npy_is_read_without_pickles():
    stream = io.BytesIO()
    np.save(stream, np.array([1.0, 2.0]))
    assert decode.rows(stream.getvalue(), "application/x-npy", 2).tolist() == [[1, 2]]
    evil = io.BytesIO()
    np.save(evil, np.array([{}], dtype=object), allow_pickle=True)
    assert refused(evil.getvalue(), "application/x-npy").status == 400


def test_without_a_content_type_a_body_is_csv():
    assert decode.rows(b"1,2", "", 2).tolist() == [[1, 2]]
