"""Which image is served by which stack: a closed table, never a version parsed out of a URI.

The process host runs no containers. An image URI it knows stands for a pinned virtual environment
with the same framework; an image it does not know is refused, with the list of what is served.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from consoleapp.accounts.errors import CallerError

_HERE: Final = Path(__file__).resolve().parent
#: The folder whose `modelserver` package the stack's Python runs.
SERVER_ROOT: Final = _HERE.parent
_SYSTEM_PATH: Final = "/usr/local/bin:/usr/bin:/bin"


class UnknownImage(CallerError):
    """No stack serves this image; the message lists those that are served."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A pinned environment that serves models of one framework."""

    name: str
    #: How the model server treats models: xgboost, sklearn or onnx.
    family: str
    framework: str
    framework_version: str

    @property
    def requirements(self) -> Path:
        return _HERE / "requirements" / f"{self.name}.txt"

    def command(self, python: Path, model_dir: Path, port: int) -> list[str]:
        """What to run. `python` is what `build.ensure` returned; `model_dir` holds the unpacked
        model.tar.gz. It answers 200 to /ping once loaded; exits non-zero when it cannot load."""
        # -P: files of the current directory never shadow the standard library.
        arguments = ["--family", self.family, "--model-dir", str(model_dir), "--port", str(port)]
        return [str(python), "-P", "-m", "modelserver", *arguments]

    def environment(
        self, python: Path, model_dir: Path, port: int, container: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """The server's whole environment: nothing of the console's own leaks in. `container` is
        the ContainerDefinition's Environment; it wins, except where the server would not start."""
        return {
            "PATH": f"{python.parent}:{_SYSTEM_PATH}",
            "HOME": str(model_dir),
            "LANG": "C.UTF-8",
            # One thread a worker: parallelism comes from worker processes, so results do not
            # depend on how many threads a library guesses.
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            **(container or {}),
            "PYTHONPATH": str(SERVER_ROOT),
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "SM_MODEL_DIR": str(model_dir),
            "SAGEMAKER_BIND_TO_PORT": str(port),
        }


STACKS: Final[dict[str, Stack]] = {
    stack.name: stack
    for stack in (
        Stack("xgboost-3.2", "xgboost", "XGBoost", "3.2.0"),
        Stack("xgboost-1.7", "xgboost", "XGBoost", "1.7.6"),
        Stack("xgboost-0.90", "xgboost", "XGBoost", "0.90"),
        Stack("sklearn-1.9", "sklearn", "scikit-learn", "1.9.1"),
        Stack("sklearn-1.4", "sklearn", "scikit-learn", "1.4.2"),
        Stack("sklearn-1.2", "sklearn", "scikit-learn", "1.2.1"),
        Stack("onnx-1", "onnx", "ONNX Runtime", "1.31.1"),
    )
}


@dataclass(frozen=True, slots=True)
class Served:
    """A row of the table: the image's tag, the stack, and what differs from AWS's container."""

    stack: Stack
    note: str = ""


_READS_OLDER: Final = "XGBoost 1.7.6 serves this image: it reads the models of every 1.x version."
_NEWER: Final = (
    "XGBoost 3.2 serves this image: it reads JSON and UBJSON models of 1.x and later,"
    " not pickles and not the binary format that versions before 3.1 could write."
)

#: Repository name -> tag -> row. Tags are literal on purpose.
SERVED: Final[dict[str, dict[str, Served]]] = {
    "sagemaker-xgboost": {
        "0.90-1": Served(STACKS["xgboost-0.90"]),
        "0.90-2": Served(STACKS["xgboost-0.90"]),
        "1.0-1": Served(STACKS["xgboost-1.7"], _READS_OLDER),
        "1.2-1": Served(STACKS["xgboost-1.7"], _READS_OLDER),
        "1.2-2": Served(STACKS["xgboost-1.7"], _READS_OLDER),
        "1.3-1": Served(STACKS["xgboost-1.7"], _READS_OLDER),
        "1.5-1": Served(STACKS["xgboost-1.7"], _READS_OLDER),
        "1.7-1": Served(STACKS["xgboost-1.7"]),
        "3.0-5": Served(STACKS["xgboost-3.2"], _NEWER),
    },
    "sagemaker-scikit-learn": {
        "1.2-1": Served(STACKS["sklearn-1.2"]),
        "1.4-2": Served(STACKS["sklearn-1.4"]),
    },
    "inference-console/xgboost": {
        "3.2": Served(STACKS["xgboost-3.2"]),
        "1.7": Served(STACKS["xgboost-1.7"]),
        "0.90": Served(STACKS["xgboost-0.90"]),
    },
    "inference-console/sklearn": {
        "1.9": Served(STACKS["sklearn-1.9"]),
        "1.4": Served(STACKS["sklearn-1.4"]),
        "1.2": Served(STACKS["sklearn-1.2"]),
    },
    "inference-console/onnx": {"1": Served(STACKS["onnx-1"])},
}

_AWS_SUFFIXES: Final = ("-cpu-py3", "-cpu-py36", "-cpu-py37", "-cpu-py38", "-cpu-py310")
_OLD_SCIKIT: Final = (
    "its pickles load only in Python 3.9 and older. Retrain with 1.2 or newer, or export to ONNX."
)
#: Images AWS has and this host cannot serve, with the reason.
_REFUSED: Final[dict[str, str]] = {
    "sagemaker-scikit-learn:0.20.0": f"scikit-learn 0.20 is not served: {_OLD_SCIKIT}",
    "sagemaker-scikit-learn:0.23-1": f"scikit-learn 0.23 is not served: {_OLD_SCIKIT}",
    "sagemaker-scikit-learn:1.0-1": f"scikit-learn 1.0 is not served: {_OLD_SCIKIT}",
    "xgboost:1": "XGBoost 0.72 (image xgboost:1) is not served: use sagemaker-xgboost:0.90-2.",
    "xgboost:latest": "XGBoost 0.72 (xgboost:latest) is not served: use sagemaker-xgboost:0.90-2.",
}


def stack_for(image_uri: str) -> Stack:
    """The stack that serves the image; UnknownImage says why none does."""
    return served(image_uri).stack


def note(image_uri: str) -> str:
    """How the stack differs from the image it stands for; empty when it does not, or is unknown."""
    found = _lookup(image_uri)
    return found.note if found else ""


def refusal(image_uri: str) -> str | None:
    """Why the process host cannot serve the image; None when it can."""
    if _lookup(image_uri) is not None:
        return None
    repository, tag = _split(image_uri)
    if "gpu" in tag:
        return f"The image {image_uri!r} needs a GPU; the process host serves on CPU only."
    reason = _REFUSED.get(f"{repository}:{_plain(tag)}")
    return reason or f"The process host does not serve the image {image_uri!r}. {_what_is_served()}"


def served(image_uri: str) -> Served:
    """The row of the table; raises UnknownImage."""
    found = _lookup(image_uri)
    if found is None:
        raise UnknownImage(refusal(image_uri) or "", field="PrimaryContainer.Image")
    return found


def images() -> list[tuple[str, Served]]:
    """Every image that is served, as `repository:tag`, in the table's order."""
    return [
        (f"{repository}:{tag}", row)
        for repository, tags in SERVED.items()
        for tag, row in tags.items()
    ]


def _lookup(image_uri: str) -> Served | None:
    repository, tag = _split(image_uri)
    return SERVED.get(repository, {}).get(_plain(tag))


def _split(image_uri: str) -> tuple[str, str]:
    """Repository without its registry, and tag."""
    path = image_uri.strip()
    first, slash, rest = path.partition("/")
    # As Docker reads it: the first part is a registry when it looks like a host.
    if slash and ("." in first or ":" in first or first == "localhost"):
        path = rest
    repository, _, tag = path.partition(":")
    return repository, tag


def _plain(tag: str) -> str:
    for suffix in _AWS_SUFFIXES:
        if tag.endswith(suffix):
            return tag.removesuffix(suffix)
    return tag


def _what_is_served() -> str:
    rows = (f"{name}:{'|'.join(tags)}" for name, tags in SERVED.items())
    return "It serves " + ", ".join(rows) + ". A container host serves any image."
