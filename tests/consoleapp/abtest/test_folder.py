"""What an A/B test finds in a folder, and what it says is missing."""

from pathlib import Path

import pytest

from consoleapp.abtest import folder
from consoleapp.demo.client import DemoFailed


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for name in ("model.tar.gz", "model2.tar.gz"):
        (tmp_path / name).write_bytes(b"archive")
    (tmp_path / "test-dataset.csv").write_bytes(b"1,5,6\n0,7,8\n")
    return tmp_path


def test_models_come_in_the_order_of_their_names(models: Path) -> None:
    found = folder.read(models, images=["a:1", "b:2"])
    assert [(side.archive.name, side.image) for side in found.sides] == [
        ("model.tar.gz", "a:1"),
        ("model2.tar.gz", "b:2"),
    ]
    assert found.test_set == models / "test-dataset.csv"
    assert found.samples == ()


def test_one_image_serves_both_and_may_stand_in_the_folder(models: Path) -> None:
    assert {side.image for side in folder.read(models, images=["a:1"]).sides} == {"a:1"}
    (models / "image.txt").write_text("b:2\n")
    assert {side.image for side in folder.read(models).sides} == {"b:2"}
    assert {side.image for side in folder.read(models, images=["a:1"]).sides} == {"a:1"}


def test_rows_to_send_are_found_by_name_or_given(models: Path) -> None:
    (models / "test_sample_tail.csv").write_bytes(b"5,6\r\n\r\n7,8\n")
    assert folder.read(models, images=["a:1"]).samples == (b"5,6", b"7,8")
    (models / "other.csv").write_bytes(b"1\n")
    assert folder.read(models, images=["a:1"], samples="other.csv").samples == (b"1",)


def test_rows_without_labels_are_not_taken_for_the_test_set(models: Path) -> None:
    (models / "test-dataset-input-cols.csv").write_bytes(b"5,6\n")
    assert folder.read(models, images=["a:1"]).test_set.name == "test-dataset.csv"


def test_what_is_missing_is_said(models: Path) -> None:
    with pytest.raises(DemoFailed, match="--image"):
        folder.read(models)
    with pytest.raises(DemoFailed, match="--image"):
        folder.read(models, images=["a", "b", "c"])
    with pytest.raises(DemoFailed, match=r"no file nothing\.csv"):
        folder.read(models, images=["a"], test_set="nothing.csv")
    (models / "another-test.csv").write_bytes(b"1,2\n")
    with pytest.raises(DemoFailed, match=r"--test-set; seen: another-test\.csv, test-dataset\.csv"):
        folder.read(models, images=["a"])
    (models / "third.tar.gz").write_bytes(b"")
    with pytest.raises(DemoFailed, match="has 3 models"):
        folder.read(models, images=["a"])
    with pytest.raises(DemoFailed, match="is not a folder"):
        folder.read(models / "model.tar.gz")
