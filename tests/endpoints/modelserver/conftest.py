"""Models trained inside the stacks that serve them, once a session."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from endpoints.stacks.table import SERVER_ROOT
from tests.endpoints.modelserver import servers
from tests.endpoints.modelserver.servers import Server

# Stacks import the server as a top-level package; so do its tests.
if str(SERVER_ROOT) not in sys.path:
    sys.path.append(str(SERVER_ROOT))

_DATA = """
import sys, json
from pathlib import Path
import numpy as np
folder = Path(sys.argv[1])
generator = np.random.RandomState(5)
rows = generator.normal(size=(300, 5)).astype(np.float32)
labels = (rows[:, 0] + rows[:, 1] * rows[:, 2] > 0).astype(int)
"""
_SAVE_SCORES = """
(folder.parent / "rows.json").write_text(json.dumps(rows[:20].astype(float).tolist()))
(folder.parent / "scores.json").write_text(json.dumps(np.asarray(scores).tolist()))
"""
BOOSTER = (
    _DATA
    + """
import pickle, xgboost
matrix = xgboost.DMatrix(rows, label=labels)
booster = xgboost.train({"objective": "binary:logistic", "max_depth": 3, "seed": 5}, matrix, 25)
scores = booster.predict(xgboost.DMatrix(rows[:20]))
if sys.argv[2] == "pickle":
    with (folder / "xgboost-model").open("wb") as file:
        pickle.dump(booster, file)
else:
    booster.save_model(str(folder / sys.argv[2]))
"""
    + _SAVE_SCORES
)
_ESTIMATOR = (
    _DATA
    + """
import joblib
from sklearn.linear_model import LogisticRegression
estimator = LogisticRegression().fit(rows, labels)
scores = estimator.predict(rows[:20])
joblib.dump(estimator, folder / "model.joblib")
"""
    + _SAVE_SCORES
)


def _trained(base: Path, stack_name: str, program: str, *arguments: str) -> Path:
    folder = base / "model"
    folder.mkdir()
    servers.run_in(stack_name, program, folder, *arguments)
    return folder


@pytest.fixture(scope="session")
def pickled_090(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A booster of XGBoost 0.90, pickled as AWS's 0.90 containers leave it."""
    return _trained(tmp_path_factory.mktemp("p090"), "xgboost-0.90", BOOSTER, "pickle")


@pytest.fixture(scope="session")
def booster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A booster of the current XGBoost."""
    return _trained(tmp_path_factory.mktemp("ubj"), "xgboost-3.2", BOOSTER, "model.ubj")


@pytest.fixture(scope="session")
def estimator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _trained(tmp_path_factory.mktemp("skl"), "sklearn-1.9", _ESTIMATOR)


@pytest.fixture(scope="session")
def server(booster: Path) -> Iterator[Server]:
    """One server for all tests that do it no harm: the booster, in one worker."""
    with servers.serving("xgboost-3.2", booster) as running:
        yield running
