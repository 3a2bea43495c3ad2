from pathlib import Path

import pytest

from endpoints.stacks import table
from endpoints.stacks.table import STACKS, UnknownImage, stack_for

AWS = "246618743249.dkr.ecr.us-west-2.amazonaws.com"


@pytest.mark.parametrize(
    ("image", "stack"),
    [
        (f"{AWS}/sagemaker-xgboost:0.90-1-cpu-py3", "xgboost-0.90"),
        (f"{AWS}/sagemaker-xgboost:0.90-2-cpu-py3", "xgboost-0.90"),
        (f"{AWS}/sagemaker-xgboost:1.2-2", "xgboost-1.7"),
        (f"{AWS}/sagemaker-xgboost:1.5-1", "xgboost-1.7"),
        (f"{AWS}/sagemaker-xgboost:1.7-1", "xgboost-1.7"),
        (f"{AWS}/sagemaker-xgboost:3.0-5", "xgboost-3.2"),
        (f"{AWS}/sagemaker-scikit-learn:1.2-1-cpu-py3", "sklearn-1.2"),
        (f"{AWS}/sagemaker-scikit-learn:1.4-2-cpu-py3", "sklearn-1.4"),
        ("inference-console/xgboost:3.2", "xgboost-3.2"),
        ("localhost:5000/inference-console/sklearn:1.9", "sklearn-1.9"),
        ("docker.io/inference-console/onnx:1", "onnx-1"),
    ],
)
def test_an_image_of_the_table_has_its_stack_whatever_the_registry(image, stack):
    assert stack_for(image).name == stack
    assert table.refusal(image) is None


@pytest.mark.parametrize(
    "image",
    [
        f"{AWS}/sagemaker-xgboost:0.90-9-cpu-py3",
        f"{AWS}/sagemaker-xgboost:9.9-1",
        f"{AWS}/sagemaker-xgboost:latest",
        f"{AWS}/sagemaker-xgboost",
        "evil/sagemaker-xgboost:0.90-2",
        "xgboost-3.2",
        "pytorch-inference:2.1-cpu-py310",
        "",
    ],
)
def test_no_version_is_guessed_and_the_refusal_lists_what_is_served(image):
    reason = table.refusal(image)
    assert reason is not None
    assert "sagemaker-xgboost:0.90-1|0.90-2" in reason
    assert "inference-console/xgboost:3.2" in reason
    with pytest.raises(UnknownImage, match="does not serve"):
        stack_for(image)


def test_a_gpu_image_is_refused_for_that():
    assert "GPU" in str(table.refusal(f"{AWS}/sagemaker-xgboost:1.7-1-gpu-py3"))


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (f"{AWS}/sagemaker-scikit-learn:0.23-1-cpu-py3", "Retrain with 1.2 or newer"),
        ("811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:1", "use sagemaker-xgboost:0.90-2"),
    ],
)
def test_images_that_aws_has_and_we_cannot_serve_are_refused_with_the_way_out(image, words):
    assert words in str(table.refusal(image))


def test_where_another_version_serves_the_image_the_note_says_so():
    assert "1.7.6 serves this image" in table.note(f"{AWS}/sagemaker-xgboost:1.3-1")
    assert "not pickles" in table.note(f"{AWS}/sagemaker-xgboost:3.0-5")
    assert table.note(f"{AWS}/sagemaker-xgboost:0.90-2-cpu-py3") == ""
    assert table.note("unknown:1") == ""


def test_every_row_of_the_table_is_listed():
    listed = dict(table.images())
    assert listed["sagemaker-xgboost:0.90-2"].stack is STACKS["xgboost-0.90"]
    assert {row.stack.name for row in listed.values()} == set(STACKS)


def test_the_environment_is_the_container_s_and_nothing_of_the_console_s(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "the console's")
    given = {"SAGEMAKER_PROGRAM": "x.py", "PYTHONPATH": "/evil", "OMP_NUM_THREADS": "2"}
    python = Path("/venv/bin/python")
    environment = STACKS["xgboost-3.2"].environment(python, Path("/m"), 9001, given)
    assert "SECRET_KEY" not in environment
    assert environment["SAGEMAKER_PROGRAM"] == "x.py"
    assert environment["OMP_NUM_THREADS"] == "2"
    assert environment["SM_MODEL_DIR"] == "/m"
    assert environment["SAGEMAKER_BIND_TO_PORT"] == "9001"
    assert environment["PYTHONPATH"] == str(table.SERVER_ROOT)


@pytest.mark.parametrize("stack", STACKS.values(), ids=STACKS)
def test_every_requirement_is_pinned_and_the_framework_is_the_one_named(stack):
    lines = stack.requirements.read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all("==" in line for line in pins)
    assert any(line.endswith(f"=={stack.framework_version}") for line in pins)
