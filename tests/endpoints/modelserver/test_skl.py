import json
import shutil

import numpy as np

from tests.endpoints.modelserver.servers import DEADLINE_S, from_json, launched, serving


def test_a_joblib_model_answers_predict_in_json_or_csv(estimator):
    rows = json.loads((estimator.parent / "rows.json").read_text())
    expected = json.loads((estimator.parent / "scores.json").read_text())
    with serving("sklearn-1.9", estimator) as server:
        body = json.dumps(rows)
        assert from_json(server.invoke(body, "application/json")) == expected
        as_csv = server.invoke(body, "application/json", accept="text/csv")
        assert as_csv.text == "".join(f"{label}\n" for label in expected)
        assert "expects 5 features" in server.invoke("[1, 2]", "application/json").text


def test_npy_goes_in_and_out_as_the_sdk_s_predictor_sends_it(estimator, tmp_path):
    rows = json.loads((estimator.parent / "rows.json").read_text())
    path = tmp_path / "rows.npy"
    np.save(path, np.array(rows))
    with serving("sklearn-1.9", estimator) as server:
        answered = server.invoke(path.read_bytes(), "application/x-npy", accept="application/x-npy")
        path.write_bytes(answered.content)
        assert np.load(path).shape == (20,)


def test_something_that_cannot_predict_is_refused(estimator, tmp_path):
    model = tmp_path / "model"
    model.mkdir()
    shutil.copy(estimator.parent / "rows.json", model / "model.joblib")
    with launched("sklearn-1.9", model) as server:
        assert server.process.wait(DEADLINE_S) == 1
        assert "model.joblib cannot be read by scikit-learn 1.9.1" in server.log.splitlines()[-1]
