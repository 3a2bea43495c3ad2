"""Trains a logistic regression by gradient descent and writes it as ONNX:
`onnx_logistic.py TRAIN_CSV MODEL_DIR`."""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

_STEPS = 2000
_RATE = 0.1


def main(train: str, model_dir: str) -> None:
    table = np.loadtxt(train, delimiter=",", dtype=np.float64)
    features, labels = table[:, 1:], table[:, 0]
    mean, scale = features.mean(axis=0), features.std(axis=0)
    weights, bias = _fit((features - mean) / scale, labels)
    # The scaling folds into the weights: one matrix product serves a request.
    folded = weights / scale
    _write(folded, bias - float(mean @ folded), Path(model_dir) / "model.onnx")


def _fit(rows: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, float]:
    weights, bias = np.zeros(rows.shape[1]), 0.0
    for _ in range(_STEPS):
        error = 1 / (1 + np.exp(-(rows @ weights + bias))) - labels
        weights -= _RATE * (rows.T @ error / len(rows) + 0.001 * weights)
        bias -= _RATE * float(error.mean())
    return weights, bias


def _write(weights: np.ndarray, bias: float, path: Path) -> None:
    width = len(weights)
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["features", "weights", "bias"], ["margin"]),
            helper.make_node("Sigmoid", ["margin"], ["score"]),
        ],
        "breast-cancer",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["rows", width])],
        [helper.make_tensor_value_info("score", TensorProto.FLOAT, ["rows", 1])],
        [
            numpy_helper.from_array(weights.astype(np.float32).reshape(width, 1), "weights"),
            numpy_helper.from_array(np.array([bias], dtype=np.float32), "bias"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


if __name__ == "__main__":
    main(*sys.argv[1:])
