from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.endpoints.modelserver.servers import Server, launched, serving, wait_until

# Each invocation tells that it has begun, and ends when the test lets it.
WAITING = """
import os, time
from pathlib import Path

def model_fn(model_dir):
    return Path(model_dir)

def transform_fn(model, body, content_type, accept):
    (model / f"begun-{body}").touch()
    while not (model / f"go-{body}").exists():
        time.sleep(0.01)
    return f"done {os.getpid()}"
"""


def waiting_model(folder: Path) -> Path:
    model = folder / "model"
    (model / "code").mkdir(parents=True)
    (model / "code/inference.py").write_text(WAITING)
    return model


def invoke(server: Server, word: str) -> tuple[int, str]:
    answered = server.invoke(word)
    return answered.status_code, answered.text


def test_ping_answers_while_user_code_runs(tmp_path):
    model = waiting_model(tmp_path)
    with serving("sklearn-1.9", model) as server, ThreadPoolExecutor() as pool:
        running = pool.submit(invoke, server, "one")
        wait_until((model / "begun-one").exists)
        assert server.answers_ping()
        (model / "go-one").touch()
        assert running.result()[0] == 200


def test_sigterm_finishes_what_has_begun_and_takes_nothing_new(tmp_path):
    model = waiting_model(tmp_path)
    with serving("sklearn-1.9", model) as server, ThreadPoolExecutor() as pool:
        running = pool.submit(invoke, server, "one")
        wait_until((model / "begun-one").exists)
        server.process.terminate()
        wait_until(lambda: not server.answers_ping())
        (model / "go-one").touch()
        assert running.result()[0] == 200
        assert server.process.wait(30) == 0


def test_idle_connections_do_not_hold_up_the_end(server, booster):
    with serving("xgboost-3.2", booster) as own, own.connect():
        assert own.invoke("1,2,3,4,5").status_code == 200
        assert own.terminate() == 0


def test_an_invocation_beyond_its_time_is_answered_and_its_worker_replaced(tmp_path):
    model = waiting_model(tmp_path)
    environment = {"SAGEMAKER_MODEL_SERVER_TIMEOUT": "1"}
    with serving("sklearn-1.9", model, environment) as server:
        status, text = invoke(server, "never")
        assert status == 503
        assert "longer than 1 s (SAGEMAKER_MODEL_SERVER_TIMEOUT)" in text
        wait_until(lambda: server.log.count("listening") == 2)
        (model / "go-two").touch()
        assert invoke(server, "two")[0] == 200
        assert "ended with status 70; starting another" in server.log


def test_ping_is_refused_until_the_model_is_loaded(tmp_path):
    model = tmp_path / "model"
    model.mkdir()
    code = """
import time
from pathlib import Path

def model_fn(model_dir):
    (Path(model_dir) / "loading").touch()
    while not (Path(model_dir) / "go").exists():
        time.sleep(0.01)

def transform_fn(model, body, content_type, accept):
    return "here"
"""
    (model / "inference.py").write_text(code)
    with launched("sklearn-1.9", model) as server:
        wait_until((model / "loading").exists)
        assert not server.answers_ping()
        (model / "go").touch()
        server.wait_ready()
        assert invoke(server, "x") == (200, "here")
