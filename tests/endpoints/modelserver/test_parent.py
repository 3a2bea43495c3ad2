import os
import signal

import psutil
import pytest

from tests.endpoints.modelserver.servers import DEADLINE_S, launched, serving, wait_until

ROW = "1,2,3,4,5"
TWO = {"SAGEMAKER_MODEL_SERVER_WORKERS": "2"}


def test_there_are_as_many_workers_as_asked_for_and_each_serves(booster):
    with serving("xgboost-3.2", booster, TWO) as server:
        assert len(server.workers) == 2
        assert server.log.count("listening") == 2


def test_a_worker_that_dies_is_replaced(booster):
    with serving("xgboost-3.2", booster, TWO) as server:
        victim = server.workers[0]
        victim.kill()
        wait_until(lambda: server.log.count("listening") == 3)
        assert victim.pid not in {worker.pid for worker in server.workers}
        assert f"worker {victim.pid} ended with SIGKILL" in server.log
        assert server.invoke(ROW).status_code == 200


def test_workers_that_keep_dying_end_the_server(booster):
    with serving("xgboost-3.2", booster) as server:
        for deaths in range(1, 7):
            wait_until(lambda deaths=deaths: server.log.count("listening") == deaths)
            server.workers[0].kill()
        assert server.process.wait(DEADLINE_S) == 1
        assert "workers keep dying" in server.log.splitlines()[-1]


def test_killing_the_parent_leaves_no_worker_behind(booster):
    with serving("xgboost-3.2", booster, TWO) as server:
        workers = server.workers
        server.process.send_signal(signal.SIGKILL)
        server.process.wait(DEADLINE_S)
        wait_until(lambda: not any(alive(worker) for worker in workers))


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_polite_signal_ends_it_with_0(booster, number):
    with serving("xgboost-3.2", booster, TWO) as server:
        workers = server.workers
        server.process.send_signal(number)
        assert server.process.wait(DEADLINE_S) == 0
        assert not any(alive(worker) for worker in workers)


def test_workers_that_end_with_the_whole_group_are_not_replaced(booster):
    with serving("xgboost-3.2", booster, TWO) as server:
        workers = server.workers
        # The parent hears of the signal only after both of its workers have gone.
        server.process.send_signal(signal.SIGSTOP)
        os.killpg(server.process.pid, signal.SIGTERM)
        wait_until(lambda: not any(alive(worker) for worker in workers))
        server.process.send_signal(signal.SIGCONT)
        assert server.process.wait(DEADLINE_S) == 0
        assert "starting another" not in server.log


def test_a_port_that_is_taken_is_refused_in_words(server, booster):
    with launched("xgboost-3.2", booster, port=server.port) as second:
        assert second.process.wait(DEADLINE_S) == 1
        assert "Address already in use" in second.log.splitlines()[-1]
    assert server.answers_ping()


def test_a_model_that_cannot_be_loaded_says_so_once_and_ends_with_1(tmp_path):
    (tmp_path / "model").mkdir()
    with launched("xgboost-3.2", tmp_path / "model", TWO) as server:
        assert server.process.wait(DEADLINE_S) == 1
        lines = server.log.strip().splitlines()
        assert lines[-1].startswith("ERROR cannot serve the model: No model file in the model")
        assert server.log.count("cannot serve the model") == 1


def test_a_crash_while_loading_is_told(tmp_path):
    model = tmp_path / "model"
    model.mkdir()
    (model / "inference.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    with launched("sklearn-1.9", model) as server:
        assert server.process.wait(DEADLINE_S) == 1
        assert "loading it ended with SIGSEGV" in server.log.strip().splitlines()[-1]


def test_a_bad_setting_is_named(booster):
    environment = {"SAGEMAKER_MODEL_SERVER_WORKERS": "many"}
    with launched("xgboost-3.2", booster, environment) as server:
        assert server.process.wait(DEADLINE_S) == 1
        assert "SAGEMAKER_MODEL_SERVER_WORKERS='many'" in server.log.splitlines()[-1]
