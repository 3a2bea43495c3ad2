"""XGBoost models: boosters of every version that the stacks carry, one thread, no copies."""

import ctypes
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import xgboost

from modelserver import artifacts
from modelserver.decode import Rows
from modelserver.encode import Predictions
from modelserver.errors import ModelRefused

_NAMES: Final = ("xgboost-model", "model.ubj", "model.json")
_SUFFIXES: Final = (".ubj", ".json", ".bst", ".model", ".xgb", ".pkl", ".pickle")
_VERSION: Final = f"XGBoost {xgboost.__version__}"


class XgboostModel:
    def __init__(self, booster: Any) -> None:
        booster.set_param({"nthread": 1})
        self.features: int | None = _feature_count(booster)
        self._score = _scorer(booster)

    def predict(self, rows: Rows) -> Predictions:
        scores: Predictions = self._score(rows)
        return scores


def load(model_dir: Path) -> Any:
    """The booster in the archive: saved by XGBoost itself, or pickled as AWS's 0.90 does."""
    path = artifacts.find(model_dir, _NAMES, _SUFFIXES)
    if _is_pickle(path):
        return _booster_of(artifacts.unpickle(path, _VERSION), path)
    booster = xgboost.Booster()
    try:
        booster.load_model(_readable(path))
    except Exception as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelRefused(
            f"{path.name} cannot be read by {_VERSION}: {first}. Save the model as .json or .ubj,"
            " or choose the image with the version it was made by."
        ) from error
    return booster


def script_input(rows: Rows) -> Any:
    """AWS's container hands a DMatrix to a predict_fn that has no input_fn before it."""
    return xgboost.DMatrix(rows, nthread=1)


def _readable(path: Path) -> Any:
    # Without a telling suffix current versions assume UBJSON; the content says what it is.
    if path.suffix not in (".json", ".ubj") and path.read_bytes()[:1] == b"{":
        return bytearray(path.read_bytes())
    return str(path)


def _is_pickle(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(2)
    # Protocol 2 and later open with these; text protocols are not seen in the wild.
    return len(head) == 2 and head[0] == 0x80 and 2 <= head[1] <= 5


def _booster_of(loaded: Any, path: Path) -> Any:
    if isinstance(loaded, xgboost.XGBModel):
        return loaded.get_booster()
    if isinstance(loaded, xgboost.Booster):
        return loaded
    raise ModelRefused(f"{path.name} holds a {type(loaded).__name__}, not an XGBoost model.")


def _feature_count(booster: Any) -> int | None:
    if hasattr(booster, "num_features"):
        return int(booster.num_features())
    names = booster.feature_names
    return len(names) if names else None


def _scorer(booster: Any) -> Any:
    if not hasattr(booster, "inplace_predict"):
        return _MatrixScorer(booster)
    inplace = _InplaceScorer(booster)
    if not hasattr(xgboost.core._LIB, "XGProxyDMatrixCreate"):
        return inplace
    direct = _DirectScorer(booster)
    return direct if _agree(direct, inplace, _feature_count(booster) or 1) else inplace


def _agree(one: Any, other: Any, features: int) -> bool:
    rows = np.linspace(-1, 1, 3 * features, dtype=np.float32).reshape(3, features)
    try:
        return bool(np.array_equal(one(rows), other(rows)))
    except (AssertionError, xgboost.core.XGBoostError):
        return False


class _MatrixScorer:
    """Before 1.3 there is no prediction in place."""

    def __init__(self, booster: Any) -> None:
        self._booster = booster
        # 0.90 keeps the best round of early stopping as an attribute that may be missing.
        self._trees = int(getattr(booster, "best_ntree_limit", 0))

    def __call__(self, rows: Rows) -> Predictions:
        matrix = xgboost.DMatrix(rows, nthread=1)
        scores: Predictions = self._booster.predict(
            matrix, ntree_limit=self._trees, validate_features=False
        )
        return scores


def _rounds(booster: Any) -> int:
    """Trees up to the best round where training stopped early; 0 means all."""
    best = booster.attr("best_iteration")
    return int(best) + 1 if best is not None else 0


class _InplaceScorer:
    def __init__(self, booster: Any) -> None:
        self._booster = booster
        self._range = (0, _rounds(booster))

    def __call__(self, rows: Rows) -> Predictions:
        scores: Predictions = self._booster.inplace_predict(
            rows, iteration_range=self._range, validate_features=False
        )
        return scores


class _DirectScorer:
    """The same call through XGBoost's C API, without the Python around it: 36 us a row for 150.

    Used only where it agrees with `inplace_predict` to the bit (see `_scorer`)."""

    def __init__(self, booster: Any) -> None:
        self._booster = booster  # keeps the handle alive
        self._predict = xgboost.core._LIB.XGBoosterPredictFromDense
        self._config = json.dumps(
            {
                "type": 0,
                "training": False,
                "iteration_begin": 0,
                "iteration_end": _rounds(booster),
                "strict_shape": False,
                "missing": float("nan"),
                "cache_id": 0,
            }
        ).encode()
        # A proxy matrix of its own saves making one with each call.
        self._proxy = ctypes.c_void_p()
        assert xgboost.core._LIB.XGProxyDMatrixCreate(ctypes.byref(self._proxy)) == 0
        self._shape = ctypes.POINTER(ctypes.c_uint64)()
        self._dims = ctypes.c_uint64()
        self._out = ctypes.POINTER(ctypes.c_float)()
        self._results = tuple(map(ctypes.byref, (self._shape, self._dims, self._out)))

    def __call__(self, rows: Rows) -> Predictions:
        rows = np.ascontiguousarray(rows, dtype=np.float32)
        array = b'{"data":[%d,true],"shape":[%d,%d],"typestr":"<f4","version":3,"strides":null}' % (
            rows.ctypes.data,
            *rows.shape,
        )
        if self._predict(self._booster.handle, array, self._config, self._proxy, *self._results):
            raise xgboost.core.XGBoostError(xgboost.core._LIB.XGBGetLastError().decode())
        shape = tuple(self._shape[: self._dims.value])
        return np.ctypeslib.as_array(self._out, shape).copy()
