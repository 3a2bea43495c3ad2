"""Trains a booster: `xgboost_rounds.py TRAIN_CSV MODEL_DIR ROUNDS DEPTH ETA`.

Run by the Python of an XGBoost stack, so that the model is of the version that serves it.
"""

import sys
from pathlib import Path

import numpy as np
import xgboost


def main(train: str, model_dir: str, rounds: str, depth: str, eta: str) -> None:
    table = np.loadtxt(train, delimiter=",", dtype=np.float32)
    parameters = {
        "objective": "binary:logistic",
        "max_depth": int(depth),
        "eta": float(eta),
        "subsample": 0.8,
        "colsample_bytree": 0.5,
        # One thread and one seed: the same bytes on every machine.
        "nthread": 1,
        "seed": 7,
    }
    matrix = xgboost.DMatrix(table[:, 1:], label=table[:, 0])
    booster = xgboost.train(parameters, matrix, int(rounds))
    booster.save_model(str(Path(model_dir) / "model.ubj"))


if __name__ == "__main__":
    main(*sys.argv[1:])
