"""Reads a labelled test set: CSV text in, true labels and payloads without them out. Pure."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from consoleapp.accounts.errors import ValidationFailed

MAX_ROWS: Final = 100_000
MAX_BYTES: Final = 64 * 2**20
_SHOWN_LABELS: Final = 5


@dataclass(frozen=True, slots=True)
class Labelled:
    """Row by row: whether it is positive, and what the model is sent. `negative` is the other
    label as it is written, "" where every row is positive."""

    positives: tuple[bool, ...]
    payloads: tuple[bytes, ...]
    positive: str
    negative: str

    def __len__(self) -> int:
        return len(self.payloads)


def read(
    content: bytes, *, label_column: str, has_header: bool, positive_label: str = "1"
) -> Labelled:
    """Raises ValidationFailed with the member at fault, and the line where there is one.

    `label_column` is a header's name or a number: 0 is the first column, -1 the last.
    """
    rows = _rows(content)
    header = next(rows, (0, []))[1] if has_header else []
    # Read no further than that: tiny rows by the million would fill the memory.
    numbered = list(islice(rows, MAX_ROWS + 1))
    if len(numbered) > MAX_ROWS:
        raise _refused(f"The test set has more than the {MAX_ROWS:,} rows that are sent at most.")
    if not numbered:
        raise _refused("The test set has no rows.")
    width = len(header or numbered[0][1])
    column = _column(label_column, header, width)
    labels, payloads = [], []
    for line, row in numbered:
        if len(row) != width:
            raise _refused(f"Line {line} has {len(row)} columns; the first row has {width}.")
        labels.append(row[column].strip())
        payloads.append(_payload([*row[:column], *row[column + 1 :]]))
    positives, negative = _binary(labels, positive_label)
    return Labelled(tuple(positives), tuple(payloads), positive_label, negative)


def same_label(one: str, other: str) -> bool:
    """Numbers by value ("1" and "1.0"), words without regard to case."""
    return _normal(one) == _normal(other)


def _rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Each row with its line; empty lines are left out."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused("The test set is not UTF-8 text.") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as problem:
        raise _refused(f"Line {reader.line_num} is not CSV: {problem}.") from None


def _column(asked: str, header: Sequence[str], width: int) -> int:
    asked = asked.strip()
    names = [name.strip() for name in header]
    if width < 2:
        raise _refused("A row has one column only: nothing is left to send without its label.")
    if asked in names:
        return names.index(asked)
    try:
        number = int(asked)
    except ValueError:
        known = (
            f"The columns are {', '.join(names)}." if names else "Without a header, give a number."
        )
        raise ValidationFailed(
            f"There is no column '{asked}'. {known}", field="label_column"
        ) from None
    if not -width <= number < width:
        raise ValidationFailed(
            f"There is no column {number}: the rows have {width}, numbered from 0.",
            field="label_column",
        )
    return number % width


def _payload(values: Sequence[str]) -> bytes:
    # As it was written: a number that is read and written again may change.
    if not any(mark in value for value in values for mark in ',"\r\n'):
        return ",".join(values).encode()
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(values)
    return out.getvalue().encode()


def _binary(labels: Sequence[str], positive_label: str) -> tuple[list[bool], str]:
    wanted = _normal(positive_label)
    normal = [_normal(label) for label in labels]
    counts = Counter(normal)
    if len(counts) > 2:
        shown = ", ".join(f"'{value}'" for value, _ in counts.most_common(_SHOWN_LABELS))
        more = ", ..." if len(counts) > _SHOWN_LABELS else ""
        raise ValidationFailed(
            f"The label column has {len(counts)} different values ({shown}{more}); two classes"
            " can be evaluated. Is it another column?",
            field="label_column",
        )
    if wanted not in counts:
        found = " and ".join(f"'{value}'" for value in counts)
        raise ValidationFailed(
            f"No row has the positive label '{positive_label}': the labels are {found}.",
            field="positive_label",
        )
    negative = next((labels[i] for i, value in enumerate(normal) if value != wanted), "")
    return [value == wanted for value in normal], negative


def _normal(label: str) -> str:
    try:
        return f"{float(label):.15g}"
    except ValueError:
        return label.strip().casefold()


def _refused(message: str) -> ValidationFailed:
    return ValidationFailed(message, field="test_set_uri")
