"""Repeated fields: rows out of lists, numbers out of text."""

from django.utils.datastructures import MultiValueDict

from recommender.form_rows import ENVIRONMENT, PHASES, Row, rows_of


def test_rows_are_made_of_the_columns_lists() -> None:
    data = MultiValueDict(
        {"phase_users": ["1", "3"], "phase_spawn": ["2", "0"], "phase_seconds": ["120", "300"]}
    )
    first, second = rows_of(data, PHASES)
    assert list(first.values) == ["1", "2", "120"]
    assert second.numbers() == {
        "InitialNumberOfUsers": 3,
        "SpawnRate": 0,
        "DurationInSeconds": 300,
    }


def test_a_short_list_is_filled_up_with_nothing() -> None:
    data = MultiValueDict({"env_key": ["A", "B"], "env_values": ["1"]})
    assert [list(row.values) for row in rows_of(data, ENVIRONMENT)] == [["A", "1"], ["B", ""]]


def test_what_is_no_whole_number_is_said_beside_its_own_field() -> None:
    row = Row(PHASES, ["1", "fast", ""])
    assert row.numbers() == {"InitialNumberOfUsers": 1}
    assert set(row.errors) == {"phase_spawn", "phase_seconds"}
    assert [errors for _, _, errors in row.cells][1] == ["Enter a whole number."]


def test_a_row_of_blanks_is_empty() -> None:
    assert Row(ENVIRONMENT, ["", "  "]).is_empty
    assert not Row(ENVIRONMENT, ["A", ""]).is_empty
