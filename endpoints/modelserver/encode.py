"""Predictions to response bodies: the formats of AWS's containers, chosen by Accept."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from modelserver.decode import CSV, JSON, JSON_LINES, NPY
from modelserver.errors import RequestRefused

Predictions = NDArray[Any]
Encoder = Callable[[Predictions], bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes
    content_type: str = CSV
    status: int = 200


@dataclass(frozen=True, slots=True)
class Format:
    """The media types a family can answer in; the first is its default."""

    encoders: dict[str, Encoder]

    def choose(self, accept: str, default: str = "") -> str:
        """The media type to answer in; RequestRefused (406) lists what there is."""
        if accept in self.encoders:
            return accept
        for wanted in _by_preference(accept):
            if wanted in ("*/*", ""):
                return default if default in self.encoders else next(iter(self.encoders))
            if wanted in self.encoders:
                return wanted
        supported = ", ".join(self.encoders)
        raise RequestRefused(406, f"Accept {accept} is not supported. Ask for one of: {supported}.")

    def answer(self, predictions: Predictions, media_type: str) -> Answer:
        return Answer(self.encoders[media_type](predictions), media_type)


def _by_preference(accept: str) -> list[str]:
    if not accept:
        return [""]
    ranges = [_range(part) for part in accept.split(",")]
    ranges.sort(key=lambda item: -item[1])
    return [name for name, quality in ranges if quality > 0]


def _range(part: str) -> tuple[str, float]:
    name, _, parameters = part.partition(";")
    quality = 1.0
    for parameter in parameters.split(";"):
        key, _, value = parameter.strip().partition("=")
        if key == "q":
            try:
                quality = float(value)
            except ValueError:
                quality = 0.0
    return name.strip().lower(), quality


def _scores_csv(predictions: Predictions) -> bytes:
    # One line, comma separated, without an end of line: what AWS's XGBoost containers answer.
    return ",".join(map(str, predictions.tolist())).encode()


def _scores_batch_csv(predictions: Predictions) -> bytes:
    return "".join(f"{score}\n" for score in predictions.tolist()).encode()


def _scores_json(predictions: Predictions) -> bytes:
    return json.dumps(
        {"predictions": [{"score": score} for score in predictions.tolist()]}
    ).encode()


def _scores_json_lines(predictions: Predictions) -> bytes:
    return "".join(json.dumps({"score": s}) + "\n" for s in predictions.tolist()).encode()


def _array_csv(predictions: Predictions) -> bytes:
    stream = io.StringIO()
    np.savetxt(stream, predictions, delimiter=",", fmt="%s")
    return stream.getvalue().encode()


def _array_json(predictions: Predictions) -> bytes:
    return json.dumps(predictions.tolist()).encode()


def _array_json_lines(predictions: Predictions) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in predictions.tolist()).encode()


def _npy(predictions: Predictions) -> bytes:
    stream = io.BytesIO()
    np.save(stream, predictions, allow_pickle=False)
    return stream.getvalue()


#: AWS's XGBoost container: CSV unless JSON is asked for.
SCORES: Final = Format(
    {CSV: _scores_csv, JSON: _scores_json, JSON_LINES: _scores_json_lines, NPY: _npy}
)
#: The same in a batch transform (SAGEMAKER_BATCH): one score a line.
BATCH_SCORES: Final = Format({**SCORES.encoders, CSV: _scores_batch_csv})
#: AWS's scikit-learn container and inference toolkit: JSON unless CSV is asked for.
ARRAYS: Final = Format(
    {JSON: _array_json, CSV: _array_csv, JSON_LINES: _array_json_lines, NPY: _npy}
)
