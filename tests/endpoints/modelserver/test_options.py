import os
from pathlib import Path

import pytest

from modelserver import options
from modelserver.errors import ModelRefused

ARGUMENTS = ["--family", "xgboost"]


def test_the_container_s_variables_are_read():
    given = options.read(
        ARGUMENTS,
        {
            "SM_MODEL_DIR": "/models/one",
            "SAGEMAKER_BIND_TO_PORT": "9001",
            "SAGEMAKER_MODEL_SERVER_WORKERS": "3",
            "SAGEMAKER_MODEL_SERVER_TIMEOUT": "5",
            "SAGEMAKER_PROGRAM": "score.py",
            "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "application/json",
        },
    )
    assert (given.model_dir, given.port, given.workers) == (Path("/models/one"), 9001, 3)
    assert (given.timeout_s, given.program) == (5, "score.py")
    assert given.default_accept == "application/json"


def test_without_variables_there_is_one_worker_for_each_core_it_may_use():
    given = options.read(ARGUMENTS, {})
    assert given.workers == len(os.sched_getaffinity(0))
    assert (given.model_dir, given.port) == (Path("/opt/ml/model"), 8080)


def test_arguments_win_over_variables():
    given = options.read([*ARGUMENTS, "--model-dir", "/a", "--port", "1"], {"SM_MODEL_DIR": "/b"})
    assert (given.model_dir, given.port) == (Path("/a"), 1)


def test_the_body_limit_has_a_ceiling():
    assert options.read(ARGUMENTS, {}).body_limit == 6 * 1024 * 1024
    assert options.read(ARGUMENTS, {"MAX_CONTENT_LENGTH": "999999999"}).body_limit == 20 * 1024**2


@pytest.mark.parametrize("value", ["many", "0", "-1"])
def test_a_bad_number_is_refused_by_name(value):
    with pytest.raises(ModelRefused, match="SAGEMAKER_MODEL_SERVER_WORKERS"):
        options.read(ARGUMENTS, {"SAGEMAKER_MODEL_SERVER_WORKERS": value})
