"""scikit-learn models: whatever joblib or pickle brings back that has `predict`."""

from pathlib import Path
from typing import Any, Final

import joblib
import numpy as np
import sklearn

from modelserver import artifacts
from modelserver.decode import Rows
from modelserver.encode import Predictions
from modelserver.errors import ModelRefused

_NAMES: Final = ("model.joblib", "model.pkl")
_SUFFIXES: Final = (".joblib", ".pkl", ".pickle")


class SklearnModel:
    """Answers `predict`, as AWS's container does; probabilities need an inference.py."""

    def __init__(self, estimator: Any) -> None:
        self._predict = estimator.predict
        self.features: int | None = getattr(estimator, "n_features_in_", None)

    def predict(self, rows: Rows) -> Predictions:
        return np.asarray(self._predict(rows))


def load(model_dir: Path) -> Any:
    path = artifacts.find(model_dir, _NAMES, _SUFFIXES)
    try:
        estimator = joblib.load(path)
    except Exception as error:
        raise ModelRefused(
            f"{path.name} cannot be read by scikit-learn {sklearn.__version__}:"
            f" {type(error).__name__}: {error}. A pickle loads only in the versions it was made"
            " with: choose the matching image."
        ) from error
    if not hasattr(estimator, "predict"):
        raise ModelRefused(f"{path.name} holds a {type(estimator).__name__}: it has no predict().")
    return estimator
