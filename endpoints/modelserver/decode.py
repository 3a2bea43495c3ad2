"""Request bodies to rows of float32: CSV, JSON, JSON lines, libsvm, npy."""

import io
import json
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from modelserver.errors import RequestRefused

Rows = NDArray[np.float32]

CSV: Final = "text/csv"
JSON: Final = "application/json"
JSON_LINES: Final = "application/jsonlines"
LIBSVM: Final = "text/libsvm"
NPY: Final = "application/x-npy"

_ENVELOPES: Final = ("instances", "inputs", "data", "features")
_NOT_JSON: Final = (json.JSONDecodeError, UnicodeDecodeError, RecursionError)
_DELIMITERS: Final = (b",", b"\t", b";", b"|", b" ")


def rows(body: bytes, content_type: str, features: int | None) -> Rows:
    """Raises RequestRefused: 415 for an unknown type, 400 for a body that is not of its type or
    whose rows are not as wide as the model expects."""
    kind = media_type(content_type) or CSV
    decoder = _DECODERS.get(kind)
    if decoder is None:
        supported = ", ".join(_DECODERS)
        raise RequestRefused(
            415, f"Content-Type {kind} is not supported. Send one of: {supported}."
        )
    if not body or body.isspace():
        raise RequestRefused(400, "The request body is empty: send at least one row of features.")
    decoded = decoder(body, features)
    if features is not None and decoded.shape[1] != features:
        raise RequestRefused(400, _wrong_width(decoded.shape[1], features))
    return decoded


def media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _wrong_width(got: int, expected: int) -> str:
    hint = " Is the label column still there?" if got == expected + 1 else ""
    return f"The model expects {expected} features in each row; the request has {got}.{hint}"


def _csv(body: bytes, _features: int | None) -> Rows:
    text = body.strip()
    try:
        if b"\n" not in text:
            return np.array([text.split(b",")], dtype=np.float32)
        return np.array([line.split(b",") for line in text.splitlines()], dtype=np.float32)
    except ValueError:
        return _csv_slowly(text)


def _csv_slowly(text: bytes) -> Rows:
    """Everything that is not plain numbers and commas; says where it is wrong."""
    lines = text.splitlines()
    delimiter = next((d for d in _DELIMITERS if d in lines[0]), b",")
    table = [
        [_cell(cell, row, column) for column, cell in enumerate(line.split(delimiter), 1)]
        for row, line in enumerate(lines, 1)
    ]
    for row, cells in enumerate(table, 1):
        if len(cells) != len(table[0]):
            message = f"Row {row} has {len(cells)} values, row 1 has {len(table[0])}."
            raise RequestRefused(400, f"{message} All rows need the same number.")
    return np.array(table, dtype=np.float32)


def _cell(cell: bytes, row: int, column: int) -> float:
    bare = cell.strip().strip(b"\"'")
    if not bare:
        return float("nan")  # an empty cell is a missing value, as in AWS's containers
    try:
        return float(bare)
    except ValueError:
        shown = bare[:40].decode("utf-8", "replace")
        header = " Send the rows without a header." if row == 1 else ""
        raise RequestRefused(
            400, f"Row {row}, column {column}: {shown!r} is not a number.{header}"
        ) from None


def _json(body: bytes, _features: int | None) -> Rows:
    try:
        return _table(json.loads(body))
    except _NOT_JSON as error:
        raise RequestRefused(400, f"The body is not JSON: {error}") from None


def _json_lines(body: bytes, _features: int | None) -> Rows:
    table = []
    for number, line in enumerate(body.splitlines(), 1):
        try:
            table.append(_features_of(json.loads(line)) if line.strip() else [])
        except _NOT_JSON as error:
            raise RequestRefused(400, f"Line {number} is not JSON: {error}") from None
    return _table([row for row in table if row])


def _table(value: Any) -> Rows:
    if isinstance(value, dict):
        value = next((value[name] for name in _ENVELOPES if name in value), value)
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = [_features_of(item) for item in value]
    if isinstance(value, list) and value and not isinstance(value[0], list):
        value = [value]
    try:
        table = np.array(value, dtype=np.float32)  # null becomes nan: a missing value
    except (TypeError, ValueError, OverflowError):
        table = np.empty(0, dtype=np.float32)
    if table.ndim != 2 or not table.size:
        raise RequestRefused(
            400,
            "Send rows of numbers: [[1.0, 2.0], [3.0, 4.0]], one row [1.0, 2.0],"
            ' or {"instances": [...]} with rows or {"features": [...]} objects.',
        )
    return table


def _features_of(item: Any) -> Any:
    return item.get("features", item) if isinstance(item, dict) else item


def _libsvm(body: bytes, features: int | None) -> Rows:
    """`[label] index:value ...`; an index that is not there is a missing value."""
    parsed = [_sparse(line, row) for row, line in enumerate(body.splitlines(), 1) if line.strip()]
    width = max((index for cells in parsed for index in cells), default=-1) + 1
    if features is not None and width > features:
        raise RequestRefused(400, _wrong_width(width, features))
    table = np.full((len(parsed), features or width), np.nan, dtype=np.float32)
    for row, cells in enumerate(parsed):
        table[row, list(cells)] = list(cells.values())
    return table


def _sparse(line: bytes, row: int) -> dict[int, float]:
    try:
        pairs = [cell.split(b":") for cell in line.split() if b":" in cell]
        cells = {int(index): float(value) for index, value in pairs}
    except ValueError:
        raise RequestRefused(400, f"Row {row} is not libsvm: write index:value pairs.") from None
    # A huge index would allocate a row as wide.
    if any(not 0 <= index < 1_000_000 for index in cells):
        raise RequestRefused(400, f"Row {row}: an index is out of bounds (0 to 999999).")
    return cells


def _npy(body: bytes, _features: int | None) -> Rows:
    try:
        table = np.load(io.BytesIO(body), allow_pickle=False)
        return np.atleast_2d(np.asarray(table, dtype=np.float32))
    except (ValueError, TypeError, EOFError, OSError) as error:
        raise RequestRefused(400, f"The body is not an npy array of numbers: {error}") from None


_DECODERS: Final[dict[str, Callable[[bytes, int | None], Rows]]] = {
    CSV: _csv,
    JSON: _json,
    JSON_LINES: _json_lines,
    LIBSVM: _libsvm,
    "text/x-libsvm": _libsvm,
    NPY: _npy,
}
