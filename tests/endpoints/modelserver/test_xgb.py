import json
import shutil
from pathlib import Path

import pytest

from tests.endpoints.modelserver import servers
from tests.endpoints.modelserver.conftest import BOOSTER
from tests.endpoints.modelserver.servers import from_json, launched, run_in, scores, serving


def made(folder: Path, name: str):
    return json.loads((folder.parent / name).read_text())


def as_csv(rows) -> str:
    return "\n".join(",".join(map(repr, row)) for row in rows)


def test_the_current_stack_answers_what_xgboost_itself_predicts(server, booster):
    answered = scores(server.invoke(as_csv(made(booster, "rows.json"))))
    assert answered == made(booster, "scores.json")


def test_a_single_row_scores_as_in_a_batch(server, booster):
    rows = made(booster, "rows.json")
    one_by_one = [scores(server.invoke(as_csv([row])))[0] for row in rows]
    assert one_by_one == made(booster, "scores.json")


def test_json_in_and_json_out(server, booster):
    body = json.dumps({"instances": made(booster, "rows.json")})
    answered = from_json(server.invoke(body, "application/json", accept="application/json"))
    assert [p["score"] for p in answered["predictions"]] == made(booster, "scores.json")


def test_a_large_batch_leaves_the_event_loop_and_scores_alike(server, booster):
    rows = made(booster, "rows.json") * 200
    body = as_csv(rows)
    assert len(body) > 64 * 1024
    assert scores(server.invoke(body)) == made(booster, "scores.json") * 200


def test_a_wrong_number_of_features_is_400_with_both_numbers(server):
    answered = server.invoke("1,2,3")
    assert answered.status_code == 400
    assert answered.text == "The model expects 5 features in each row; the request has 3."


def test_a_pickle_of_0_90_is_served_by_the_0_90_stack(pickled_090):
    with serving("xgboost-0.90", pickled_090) as server:
        rows = made(pickled_090, "rows.json")
        answered = server.invoke(as_csv(rows))
        assert answered.headers["content-type"] == "text/csv; charset=utf-8"
        assert "\n" not in answered.text
        assert scores(answered) == made(pickled_090, "scores.json")
        assert server.invoke("1,2").status_code == 400


def test_a_pickle_of_0_90_is_refused_by_the_current_stack_with_the_way_out(pickled_090):
    with launched("xgboost-3.2", pickled_090) as server:
        assert server.process.wait(servers.DEADLINE_S) == 1
        last = server.log.strip().splitlines()[-1]
        assert last.startswith("ERROR cannot serve the model: xgboost-model cannot be read")
        assert "choose the matching image" in last


def test_json_under_the_name_that_aws_uses_is_read(tmp_path, booster):
    model = tmp_path / "model"
    model.mkdir()
    program = """
import sys, xgboost
booster = xgboost.Booster(model_file=sys.argv[1])
booster.save_model(sys.argv[2])
"""
    run_in("xgboost-3.2", program, booster / "model.ubj", model / "m.json")
    (model / "m.json").rename(model / "xgboost-model")
    with serving("xgboost-3.2", model) as server:
        answered = server.invoke(as_csv(made(booster, "rows.json")))
        assert scores(answered) == made(booster, "scores.json")


def test_ubjson_under_the_name_that_aws_uses_is_read(tmp_path, booster):
    model = tmp_path / "model"
    model.mkdir()
    shutil.copy(booster / "model.ubj", model / "xgboost-model")
    with serving("xgboost-3.2", model) as server:
        answered = server.invoke(as_csv(made(booster, "rows.json")))
        assert scores(answered) == made(booster, "scores.json")


def test_a_booster_stopped_early_answers_with_its_best_round_and_classes_come_as_rows(tmp_path):
    model = tmp_path / "model"
    model.mkdir()
    program = """
import json, sys
from pathlib import Path
import numpy as np, xgboost
rng = np.random.RandomState(3)
rows = rng.normal(size=(200, 4)).astype(np.float32)
labels = rng.randint(0, 3, 200)
train, test = xgboost.DMatrix(rows[:150], labels[:150]), xgboost.DMatrix(rows[150:], labels[150:])
booster = xgboost.train({"objective": "multi:softprob", "num_class": 3, "seed": 1}, train, 60,
                        evals=[(test, "test")], early_stopping_rounds=3, verbose_eval=False)
best = booster.best_iteration
assert best + 1 < booster.num_boosted_rounds()
booster.save_model(str(Path(sys.argv[1]) / "model.json"))
predicted = booster.predict(xgboost.DMatrix(rows[:2]), iteration_range=(0, best + 1))
print(json.dumps([rows[:2].astype(float).tolist(), predicted.tolist()]))
"""
    rows, expected = json.loads(run_in("xgboost-3.2", program, model))
    with serving("xgboost-3.2", model) as server:
        answered = from_json(server.invoke(as_csv(rows), accept="application/json"))
        assert [p["score"] for p in answered["predictions"]] == expected


@pytest.mark.parametrize("form", ["pickle", "xgboost-model"])
def test_a_1_x_model_is_served_pickled_or_in_the_old_binary_format(tmp_path, form):
    model = tmp_path / "model"
    model.mkdir()
    run_in("xgboost-1.7", BOOSTER, model, form)
    with serving("xgboost-1.7", model) as server:
        answered = server.invoke(as_csv(made(model, "rows.json")))
        assert scores(answered) == made(model, "scores.json")


def test_the_old_binary_format_is_refused_by_the_current_stack(tmp_path):
    model = tmp_path / "model"
    model.mkdir()
    run_in("xgboost-1.7", BOOSTER, model, "xgboost-model")
    with launched("xgboost-3.2", model) as server:
        assert server.process.wait(servers.DEADLINE_S) == 1
        assert "xgboost-model cannot be read by XGBoost 3.2.0" in server.log.splitlines()[-1]
