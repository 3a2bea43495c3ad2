from pathlib import Path

import pytest

from tests.endpoints.modelserver.servers import (
    DEADLINE_S,
    from_json,
    launched,
    run_in,
    scores,
    serving,
)

# y = 2 a + 3 b for the model that is served; the other takes two inputs.
_MAKE = """
import sys
import numpy as np
from onnx import TensorProto, helper, numpy_helper
value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
weights = numpy_helper.from_array(np.array([[2.0], [3.0]], dtype=np.float32), "weights")
if sys.argv[2] == "one":
    inputs = [value("rows", ["n", 2])]
    node = helper.make_node("MatMul", ["rows", "weights"], ["score"])
else:
    inputs = [value("rows", ["n", 2]), value("more", ["n", 2])]
    node = helper.make_node("Add", ["rows", "more"], ["score"])
graph = helper.make_graph([node], "g", inputs, [value("score", ["n", None])],
                          [weights] if sys.argv[2] == "one" else [])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
open(sys.argv[1], "wb").write(model.SerializeToString())
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model").mkdir()
    return tmp_path / "model"


def test_a_model_of_one_float_tensor_is_served(folder):
    run_in("onnx-1", _MAKE, folder / "model.onnx", "one")
    with serving("onnx-1", folder) as server:
        assert from_json(server.invoke("1,1\n2,0")) == [5, 4]
        assert scores(server.invoke("[1, 1]", "application/json", accept="text/csv")) == [5]
        assert "expects 2 features" in server.invoke("1,2,3,4").text


def test_a_model_with_two_inputs_is_refused_with_the_way_out(folder):
    run_in("onnx-1", _MAKE, folder / "model.onnx", "two")
    with launched("onnx-1", folder) as server:
        assert server.process.wait(DEADLINE_S) == 1
        last = server.log.splitlines()[-1]
        assert "rows: tensor(float), more: tensor(float)" in last
        assert "inference.py" in last
