"""AWS's guide to A/B tests of models, from two XGBoost 0.90 models to all traffic on the better."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score, roc_auc_score

from endpoints.samples import archives, dataset
from tests.aws import scripts
from tests.aws.conftest import ClientOf
from tests.endpoints.modelserver.servers import run_in
from tests.live import Console

#: A stump, and a forest of them: what the guide calls an old and a new version.
_TRAINER = """
import json, pickle, sys
import numpy as np, xgboost
train, test, folder = sys.argv[1:4]
rows = np.loadtxt(train, delimiter=",", dtype=np.float32)
asked = np.loadtxt(test, delimiter=",", dtype=np.float32)[:, 1:]
how = {"objective": "binary:logistic", "max_depth": int(sys.argv[4]), "seed": 7}
matrix = xgboost.DMatrix(rows[:, 1:], label=rows[:, 0])
booster = xgboost.train(how, matrix, int(sys.argv[5]))
with open(folder + "/xgboost-model", "wb") as file:
    pickle.dump(booster, file)
print(json.dumps(booster.predict(xgboost.DMatrix(asked)).astype(float).tolist()))
"""


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("rows")
    parts = dataset.split()
    for name, table in (("train", parts.train), ("test", parts.test)):
        (folder / f"{name}.csv").write_bytes(dataset.csv(table))
    return {name: folder / f"{name}.csv" for name in ("train", "test")}


@pytest.fixture(scope="module")
def uploaded(
    aws: ClientOf, rows: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[str], list[list[float]]]:
    """Paths in S3: both models, pickled as AWS's 0.90 containers do, and the test rows; and what
    each model itself says of those rows."""
    s3, bucket = aws("s3"), f"ab-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)
    paths, scores = [], []
    for number, (depth, rounds) in enumerate(((1, 1), (4, 40)), 1):
        folder = tmp_path_factory.mktemp(f"model-{number}")
        arguments = (rows["train"], rows["test"], folder, str(depth), str(rounds))
        scores.append(json.loads(run_in("xgboost-0.90", _TRAINER, *arguments)))
        key = f"model-{number}/model.tar.gz"
        s3.put_object(Bucket=bucket, Key=key, Body=archives.folder(folder))
        paths.append(f"{bucket}/{key}")
    s3.put_object(Bucket=bucket, Key="test.csv", Body=rows["test"].read_bytes())
    return [*paths, f"{bucket}/test.csv"], scores


@pytest.fixture(scope="module")
def told(console: Console, uploaded: tuple[list[str], list[list[float]]]) -> dict[str, Any]:
    return scripts.run(console, "variants.py", *uploaded[0])


def test_the_sdk_s_own_images_are_served(told: dict[str, Any]) -> None:
    tags = [each.rpartition("/")[2] for each in told["images"]]
    assert tags == ["sagemaker-xgboost:0.90-1-cpu-py3", "sagemaker-xgboost:0.90-2-cpu-py3"]
    assert told["role"].startswith("arn:aws:iam::123456789012:role/")


def test_equal_weights_share_the_traffic_and_cloudwatch_tells_how(told: dict[str, Any]) -> None:
    # Of 240 fair draws fewer than 70 for one side come once in 10^10 runs.
    assert min(sent for sent, _ in told["even"].values()) > 70
    assert sum(sent for sent, _ in told["even"].values()) == 240
    assert all(sent == counted for sent, counted in told["even"].values())


def test_a_target_variant_gets_every_request(told: dict[str, Any]) -> None:
    assert told["targeted"] == {"Variant1": [120, 120], "Variant2": [0, 0]}


@pytest.mark.parametrize(("number", "variant"), [(0, "Variant1"), (1, "Variant2")])
def test_each_variant_answers_with_its_own_model(
    told: dict[str, Any],
    uploaded: tuple[list[str], list[list[float]]],
    number: int,
    variant: str,
) -> None:
    assert told[variant]["scores"] == pytest.approx(uploaded[1][number], abs=1e-6)


@pytest.mark.parametrize("variant", ["Variant1", "Variant2"])
def test_its_figures_are_those_of_its_predictions(told: dict[str, Any], variant: str) -> None:
    labels, figures = told["labels"], told[variant]
    predicted = [int(score > 0.5) for score in figures["scores"]]
    assert figures["accuracy"] == pytest.approx(accuracy_score(labels, predicted))
    assert figures["precision"] == pytest.approx(precision_score(labels, predicted))
    assert figures["recall"] == pytest.approx(recall_score(labels, predicted))
    assert figures["f1"] == pytest.approx(f1_score(labels, predicted))


def test_the_second_variant_is_the_better_one(told: dict[str, Any]) -> None:
    first, second = told["Variant1"], told["Variant2"]
    assert second["accuracy"] > first["accuracy"]
    assert second["f1"] > first["f1"]
    areas = [roc_auc_score(told["labels"], each["scores"]) for each in (first, second)]
    assert areas[1] > areas[0]


def test_three_quarters_and_then_all_go_to_it(told: dict[str, Any]) -> None:
    # A quarter of 240 is 60: beyond 20 to 105 lies nobody's luck.
    assert 20 < told["shifted"]["Variant1"][0] < 105
    assert all(sent == counted for sent, counted in told["shifted"].values())
    assert told["all"] == {"Variant1": [0, 0], "Variant2": [100, 100]}
    assert told["weights"] == {"Variant1": 0.0, "Variant2": 1.0}
