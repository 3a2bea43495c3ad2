"""Repeated fields of a form: the phases of a traffic pattern, environment parameters."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, Final

from django.utils.datastructures import MultiValueDict

Data = MultiValueDict[str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a repeated row: its name is repeated in the form's data."""

    name: str
    member: str
    label: str
    number: bool = True
    example: str = ""


@dataclass(slots=True)
class Row:
    columns: Sequence[Column]
    values: Sequence[str]
    errors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def cells(self) -> list[tuple[Column, str, list[str]]]:
        pairs = zip(self.columns, self.values, strict=True)
        return [(column, value, self.errors.get(column.name, [])) for column, value in pairs]

    @property
    def is_empty(self) -> bool:
        return not any(value.strip() for value in self.values)

    def numbers(self) -> dict[str, Any]:
        """AWS's members; notes what is not a whole number."""
        found: dict[str, Any] = {}
        for column, value in zip(self.columns, self.values, strict=True):
            try:
                found[column.member] = int(value)
            except ValueError:
                self.errors.setdefault(column.name, []).append("Enter a whole number.")
        return found


PHASES: Final = (
    Column("phase_users", "InitialNumberOfUsers", "Initial number of users"),
    Column("phase_spawn", "SpawnRate", "Spawn rate (per minute)"),
    Column("phase_seconds", "DurationInSeconds", "Duration (seconds)"),
)
ENVIRONMENT: Final = (
    Column("env_key", "Name", "Key", number=False, example="OMP_NUM_THREADS"),
    Column("env_values", "Value", "Values, separated by commas", number=False, example="1, 2"),
)


def rows_of(data: Data, columns: Sequence[Column]) -> list[Row]:
    lists = [data.getlist(column.name) for column in columns]
    return [Row(columns, values) for values in zip_longest(*lists, fillvalue="")]
