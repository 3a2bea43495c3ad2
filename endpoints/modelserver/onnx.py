"""ONNX models with one tensor of numbers as input, run by ONNX Runtime on one thread."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime

from modelserver import artifacts
from modelserver.decode import Rows
from modelserver.encode import Predictions
from modelserver.errors import ModelRefused

_TYPES: Final = {"tensor(float)": np.float32, "tensor(double)": np.float64}


class OnnxModel:
    """Answers the last tensor of floats among the outputs: a classifier's probabilities come
    after its labels, a regression has only the one."""

    def __init__(self, session: Any) -> None:
        inputs = session.get_inputs()
        if len(inputs) != 1 or inputs[0].type not in _TYPES:
            kinds = ", ".join(f"{i.name}: {i.type}" for i in inputs)
            raise ModelRefused(
                f"The model takes ({kinds}); without code, models with one tensor of floats are"
                " served. Add code/inference.py with model_fn and predict_fn."
            )
        self._input = inputs[0].name
        self._type = _TYPES[inputs[0].type]
        self._outputs = [_output_of(session)]
        self._run = session.run
        shape = inputs[0].shape
        self.features: int | None = shape[1] if len(shape) == 2 and _known(shape[1]) else None

    def predict(self, rows: Rows) -> Predictions:
        rows = rows if self._type is np.float32 else rows.astype(self._type)
        result: Predictions = self._run(self._outputs, {self._input: rows})[0]
        return result[:, 0] if result.ndim == 2 and result.shape[1] == 1 else result


def load(model_dir: Path) -> Any:
    path = artifacts.find(model_dir, ("model.onnx",), (".onnx",))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelRefused(
            f"{path.name} cannot be read by ONNX Runtime {onnxruntime.__version__}: {error}"
        ) from error


def _known(size: Any) -> bool:
    return isinstance(size, int) and size > 0


def _output_of(session: Any) -> str:
    floats = [o.name for o in session.get_outputs() if o.type in _TYPES]
    if not floats:
        kinds = ", ".join(f"{o.name}: {o.type}" for o in session.get_outputs())
        raise ModelRefused(
            f"No output of the model is a tensor of floats ({kinds}): convert it without ZipMap."
        )
    return str(floats[-1])
