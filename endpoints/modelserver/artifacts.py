"""Finds the model file in the unpacked archive, and says what it looked for when there is none."""

import pickle
from pathlib import Path
from typing import Any

from modelserver.errors import ModelRefused


def find(model_dir: Path, names: tuple[str, ...], suffixes: tuple[str, ...]) -> Path:
    """The file of one of `names`, in that order; else the only file with one of `suffixes`."""
    for name in names:
        if (model_dir / name).is_file():
            return model_dir / name
    found = sorted(p for p in _files(model_dir) if p.suffix in suffixes)
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(p.name for p in found)
        raise ModelRefused(
            f"The model archive has several model files ({listed}): name one {names[0]},"
            " or add code/inference.py with model_fn."
        )
    raise ModelRefused(
        f"No model file in the model archive. Expected {', '.join(names)} at its root, or"
        f" code/inference.py with model_fn; it has: {_listing(model_dir)}."
    )


def unpickle(path: Path, made_by: str) -> Any:
    """Raises ModelRefused with what a reader can do about it."""
    try:
        with path.open("rb") as file:
            return pickle.load(file)
    except ModuleNotFoundError as error:
        raise ModelRefused(
            f"{path.name} needs the module {error.name!r}, which this serving stack does not have:"
            f" it serves plain {made_by} models. Choose the image the model was made with."
        ) from error
    except Exception as error:
        raise ModelRefused(
            f"{path.name} cannot be read by this stack ({made_by}):"
            f" {type(error).__name__}: {error}."
            " A pickle loads only in the versions it was made with: choose the matching image."
        ) from error


def _files(model_dir: Path) -> list[Path]:
    if not model_dir.is_dir():
        raise ModelRefused(f"The model directory {model_dir} does not exist.")
    return [path for path in model_dir.iterdir() if path.is_file()]


def _listing(model_dir: Path) -> str:
    names = sorted(p.name + ("/" if p.is_dir() else "") for p in model_dir.iterdir())
    shown = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
    return shown or "nothing"
