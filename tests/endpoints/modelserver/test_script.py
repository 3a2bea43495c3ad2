import json
import shutil
from pathlib import Path

import pytest

from modelserver import script
from modelserver.errors import ModelRefused
from modelserver.options import Options
from tests.endpoints.modelserver.servers import DEADLINE_S, from_json, launched, serving

ALL_FOUR = """
import json, os

def model_fn(model_dir):
    assert model_dir == os.environ["SM_MODEL_DIR"]
    with open(os.path.join(model_dir, "factor.txt")) as file:
        return float(file.read())

def input_fn(body, content_type):
    assert isinstance(body, str), type(body)
    return [float(cell) for cell in body.split(",")]

def predict_fn(data, model):
    return [model * value for value in data]

def output_fn(prediction, accept):
    return json.dumps({"accept": accept, "scaled": prediction}), "application/json"
"""


def archive(folder: Path, code: str, name: str = "code/inference.py") -> Path:
    model = folder / "model"
    path = model / name
    path.parent.mkdir(parents=True)
    path.write_text(code)
    (model / "factor.txt").write_text("3")
    return model


def last_line(folder: Path, stack: str = "sklearn-1.9", environment=None) -> str:
    with launched(stack, folder, environment) as server:
        assert server.process.wait(DEADLINE_S) == 1
        return server.log.strip().splitlines()[-1]


def test_all_four_functions_are_called(tmp_path):
    with serving("sklearn-1.9", archive(tmp_path, ALL_FOUR)) as server:
        assert from_json(server.invoke("1,2")) == {
            "accept": "application/json",
            "scaled": [3.0, 6.0],
        }
        answered = from_json(server.invoke("1", accept="text/csv"))
        assert answered["accept"] == "text/csv"


def test_transform_fn_does_it_all_and_may_take_the_context(tmp_path):
    code = """
def model_fn(model_dir):
    return 2

def transform_fn(model, body, content_type, accept, context):
    assert context.system_properties["model_dir"]
    return f"{model}|{len(body)}|{content_type}|{accept}"
"""
    with serving("onnx-1", archive(tmp_path, code, "inference.py")) as server:
        answered = server.invoke(b"\x00\x01\x02", "application/octet-stream", accept="text/plain")
        assert answered.text == "2|3|application/octet-stream|text/plain"


def test_what_the_script_leaves_out_is_done_the_family_s_way(tmp_path, estimator):
    code = """
def predict_fn(rows, model):
    return model.predict_proba(rows)[:, 1]
"""
    model = archive(tmp_path, code)
    shutil.copy(estimator / "model.joblib", model)
    rows = json.loads((estimator.parent / "rows.json").read_text())
    labels = json.loads((estimator.parent / "scores.json").read_text())
    with serving("sklearn-1.9", model) as server:
        answered = from_json(server.invoke(json.dumps(rows), "application/json"))
        assert [int(score > 0.5) for score in answered] == labels
        assert server.invoke("x", "image/png").status_code == 415


def test_an_xgboost_predict_fn_gets_a_matrix_as_in_aws_s_container(tmp_path, booster):
    code = """
import xgboost

def predict_fn(data, model):
    assert isinstance(data, xgboost.DMatrix)
    return model.predict(data)
"""
    model = archive(tmp_path, code)
    shutil.copy(booster / "model.ubj", model)
    rows = json.loads((booster.parent / "rows.json").read_text())
    expected = json.loads((booster.parent / "scores.json").read_text())
    with serving("xgboost-3.2", model) as server:
        body = "\n".join(",".join(map(repr, row)) for row in rows)
        answered = from_json(server.invoke(body, accept="application/json"))
        assert [p["score"] for p in answered["predictions"]] == expected


def test_the_program_and_its_folder_may_be_named_as_the_sdk_does(tmp_path):
    model = archive(tmp_path, ALL_FOUR, "scripts/score.py")
    environment = {
        "SAGEMAKER_PROGRAM": "score.py",
        "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/scripts",
    }
    with serving("sklearn-1.9", model, environment) as server:
        assert from_json(server.invoke("1"))["scaled"] == [3.0]


def test_a_script_finds_modules_beside_it_and_not_the_console_s(tmp_path):
    code = """
import importlib.util
import models

def model_fn(model_dir):
    return models.NAME, importlib.util.find_spec("stacks") is None

def predict_fn(data, model):
    return model

def output_fn(prediction, accept):
    return f"{prediction[0]} {prediction[1]}"
"""
    model = archive(tmp_path, code)
    (model / "code/models.py").write_text('NAME = "mine"')
    with serving("sklearn-1.9", model) as server:
        assert server.invoke("1").text == "mine True"


def test_an_error_in_the_script_is_500_with_its_words_and_a_trace_in_the_log(tmp_path):
    code = ALL_FOUR.replace("return [model * value for value in data]", "return data[0] / 0")
    with serving("sklearn-1.9", archive(tmp_path, code)) as server:
        answered = server.invoke("1,2")
        assert answered.status_code == 500
        assert answered.text == "ZeroDivisionError: float division by zero"
        assert "Traceback" in server.log
        assert server.answers_ping()


def test_an_output_that_is_no_body_is_explained(tmp_path):
    code = ALL_FOUR.split("def output_fn")[0] + "def output_fn(prediction, accept): return 3"
    with serving("sklearn-1.9", archive(tmp_path, code)) as server:
        assert "output_fn returned a int" in server.invoke("1").text


def test_a_script_that_opens_opt_ml_model_is_told_why_it_cannot(tmp_path):
    code = ALL_FOUR.replace("os.path.join(model_dir, ", "os.path.join('/opt/ml/model', ")
    with launched("sklearn-1.9", archive(tmp_path, code)) as server:
        assert server.process.wait(DEADLINE_S) == 1
        lines = server.log.strip().splitlines()
        assert any("WARNING inference.py names /opt/ml/model" in line for line in lines)
        assert "SM_MODEL_DIR" in lines[-1]
        assert "container host" in lines[-1]


def test_a_missing_module_is_named(tmp_path):
    assert "No module named 'torch'" in last_line(archive(tmp_path, "import torch"))


def test_a_script_that_ends_the_process_is_no_silent_death(tmp_path):
    assert "SystemExit: 3" in last_line(archive(tmp_path, "raise SystemExit(3)"))


def test_transform_fn_beside_the_other_functions_is_refused(tmp_path):
    code = ALL_FOUR + "\ndef transform_fn(model, body, content_type, accept): return body\n"
    assert "use one or other" in last_line(archive(tmp_path, code))


def test_requirements_are_not_installed_and_that_is_said(tmp_path):
    model = archive(tmp_path, ALL_FOUR)
    (model / "code/requirements.txt").write_text("somepackage==1.0\n")
    with serving("sklearn-1.9", model) as server:
        assert "WARNING requirements.txt is not installed" in server.log


def options(folder: Path, **given: str) -> Options:
    return Options("xgboost", folder, 8080, **given)


def test_without_a_script_there_is_none(tmp_path):
    assert script.find_program(options(tmp_path)) is None


def test_a_named_program_that_is_missing_is_refused(tmp_path):
    given = options(tmp_path, program="score.py", submit_dir="s3://bucket/source.tar.gz")
    with pytest.raises(ModelRefused, match=r"SAGEMAKER_PROGRAM=score\.py.*is not downloaded"):
        script.find_program(given)
