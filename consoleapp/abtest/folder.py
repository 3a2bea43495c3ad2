"""What an A/B test needs, found in a folder: two models, a labelled test set, sample rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from consoleapp.demo.client import DemoFailed

_IMAGE_FILE: Final = "image.txt"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: its archive and the image that serves it."""

    archive: Path
    image: str


@dataclass(frozen=True, slots=True)
class Contest:
    sides: tuple[Side, Side]
    test_set: Path
    #: Rows without labels, to send as traffic; empty: those of the test set.
    samples: tuple[bytes, ...]


def read(
    folder: Path, *, images: Sequence[str] = (), test_set: str = "", samples: str = ""
) -> Contest:
    """Two *.tar.gz in the order of their names; the image of each, or one for both, as given or
    as lines of image.txt. Raises DemoFailed with what is missing."""
    if not folder.is_dir():
        raise DemoFailed(f"{folder} is not a folder.")
    archives = sorted(folder.glob("*.tar.gz"))
    if len(archives) != 2:
        raise DemoFailed(f"{folder} has {len(archives)} models (*.tar.gz); two are compared.")
    first, second = _images(folder, images)
    return Contest(
        (Side(archives[0], first), Side(archives[1], second)),
        _test_set(folder, test_set),
        _samples(folder, samples),
    )


def _images(folder: Path, given: Sequence[str]) -> tuple[str, str]:
    path = folder / _IMAGE_FILE
    lines = list(given) or (path.read_text().split() if path.exists() else [])
    if len(lines) not in {1, 2}:
        raise DemoFailed(
            "Say which image serves the models: --image sagemaker-xgboost:1.7-1, once for both or"
            f" once for each (or as lines of {_IMAGE_FILE} in the folder)."
        )
    return lines[0], lines[-1]


def _test_set(folder: Path, given: str) -> Path:
    if given:
        return _existing(folder, given)
    found = [
        path
        for path in sorted(folder.glob("*test*.csv"))
        if not any(word in path.name for word in ("input", "sample"))
    ]
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise DemoFailed(f"Say which CSV is the labelled test set with --test-set; seen: {names}.")
    return found[0]


def _samples(folder: Path, given: str) -> tuple[bytes, ...]:
    found = [_existing(folder, given)] if given else sorted(folder.glob("*sample*.csv"))
    lines = found[0].read_bytes().splitlines() if found else []
    return tuple(line for line in lines if line.strip())


def _existing(folder: Path, given: str) -> Path:
    for path in (folder / given, Path(given)):
        if path.is_file():
            return path
    raise DemoFailed(f"There is no file {given}, neither in {folder} nor here.")
