import pickle
from pathlib import Path

import pytest

from modelserver import artifacts
from modelserver.errors import ModelRefused


def find(folder: Path) -> Path:
    return artifacts.find(folder, ("model.joblib", "model.pkl"), (".joblib", ".pkl"))


def test_the_first_of_the_known_names_is_taken(tmp_path):
    for name in ("model.pkl", "model.joblib", "other.pkl"):
        (tmp_path / name).touch()
    assert find(tmp_path).name == "model.joblib"


def test_the_only_file_of_the_kind_is_taken_whatever_its_name(tmp_path):
    (tmp_path / "churn.pkl").touch()
    (tmp_path / "notes.txt").touch()
    assert find(tmp_path).name == "churn.pkl"


def test_several_candidates_are_refused_by_name(tmp_path):
    for name in ("a.pkl", "b.pkl"):
        (tmp_path / name).touch()
    with pytest.raises(ModelRefused, match=r"several model files \(a\.pkl, b\.pkl\)"):
        find(tmp_path)


def test_an_archive_without_a_model_is_refused_with_what_it_has(tmp_path):
    (tmp_path / "readme.md").touch()
    (tmp_path / "nested").mkdir()
    with pytest.raises(ModelRefused, match=r"Expected model\.joblib.*it has: nested/, readme\.md"):
        find(tmp_path)


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(ModelRefused, match="does not exist"):
        find(tmp_path / "gone")


def test_a_pickle_of_a_module_that_is_not_there_names_it(tmp_path):
    path = tmp_path / "model.pkl"
    path.write_bytes(b"cnot_installed_here\nThing\n.")
    with pytest.raises(ModelRefused, match="needs the module 'not_installed_here'"):
        artifacts.unpickle(path, "XGBoost")


def test_a_broken_pickle_is_refused(tmp_path):
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps([1, 2])[:-3])
    with pytest.raises(ModelRefused, match="cannot be read by this stack"):
        artifacts.unpickle(path, "XGBoost")
