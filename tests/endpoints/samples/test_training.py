import dataclasses
import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from endpoints.samples import dataset, training
from endpoints.samples.catalogue import SAMPLES, Sample
from tests.endpoints.modelserver.servers import scores, serving

NAMES = {sample.name: sample for sample in SAMPLES}


def unpacked(sample: Sample, folder: Path) -> Path:
    model = folder / "model"
    with tarfile.open(fileobj=io.BytesIO(training.train(sample, lambda line: None))) as archive:
        archive.extractall(model, filter="data")
    return model


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_a_sample_serves_the_test_set_well(sample, tmp_path):
    test = dataset.split().test
    with serving(sample.stack, unpacked(sample, tmp_path)) as server:
        answered = scores(server.invoke(dataset.csv(test[:, 1:]), accept="text/csv"))
    found = (np.array(answered) > 0.5) == test[:, 0]
    assert found.mean() >= 0.92


def test_training_again_makes_the_same_bytes():
    sample = NAMES["breast-cancer-xgboost-small"]
    assert training.train(sample, lambda line: None) == training.train(sample, lambda line: None)


def test_the_large_model_is_much_larger_than_the_small_one():
    sizes = [
        len(training.train(NAMES[f"breast-cancer-xgboost-{size}"], lambda line: None))
        for size in ("small", "large")
    ]
    assert sizes[1] > 20 * sizes[0]


def test_a_trainer_that_fails_tells_its_last_lines():
    sample = dataclasses.replace(SAMPLES[0], arguments=("many", "2", "0.3"))
    with pytest.raises(training.TrainingFailed, match="ValueError.*'many'"):
        training.train(sample, lambda line: None)
