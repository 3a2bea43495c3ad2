"""Trains a logistic regression: `sklearn_logistic.py TRAIN_CSV MODEL_DIR INFERENCE_PY`."""

import shutil
import sys
from pathlib import Path

import joblib
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def main(train: str, model_dir: str, inference: str) -> None:
    table = np.loadtxt(train, delimiter=",", dtype=np.float32)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, random_state=7))
    pipeline.fit(table[:, 1:], table[:, 0].astype(int))
    joblib.dump(pipeline, Path(model_dir) / "model.joblib")
    code = Path(model_dir) / "code"
    code.mkdir()
    shutil.copyfile(inference, code / "inference.py")


if __name__ == "__main__":
    main(*sys.argv[1:])
