"""What the server was asked to do: arguments, and the variables that SageMaker containers know."""

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from modelserver.errors import ModelRefused

FAMILIES: Final = ("xgboost", "sklearn", "onnx")
#: Where containers have the model; the process host cannot create it without root.
CONTAINER_MODEL_DIR: Final = "/opt/ml/model"
_MIB: Final = 1024 * 1024
_BODY_LIMIT: Final = 6 * _MIB
_BODY_CEILING: Final = 20 * _MIB  # AWS's container accepts no larger MAX_CONTENT_LENGTH


@dataclass(frozen=True, slots=True)
class Options:
    family: str
    model_dir: Path
    port: int
    host: str = "127.0.0.1"
    workers: int = 1
    #: A worker busy for longer with one request is replaced.
    timeout_s: float = 60.0
    body_limit: int = _BODY_LIMIT
    program: str = ""
    submit_dir: str = ""
    default_accept: str = ""
    #: Batch transform reads one score a line.
    batch: bool = False


def read(arguments: list[str], environment: Mapping[str, str] | None = None) -> Options:
    """Raises ModelRefused for a variable that cannot be used."""
    variables = os.environ if environment is None else environment
    given = _parser().parse_args(arguments)
    directory = given.model_dir or variables.get("SM_MODEL_DIR") or CONTAINER_MODEL_DIR
    return Options(
        family=given.family,
        model_dir=Path(directory),
        port=given.port or _whole(variables, "SAGEMAKER_BIND_TO_PORT", 8080, least=1),
        host=given.host,
        workers=_whole(variables, "SAGEMAKER_MODEL_SERVER_WORKERS", _cores(), least=1),
        timeout_s=_whole(variables, "SAGEMAKER_MODEL_SERVER_TIMEOUT", 60, least=1),
        body_limit=min(
            _whole(variables, "MAX_CONTENT_LENGTH", _BODY_LIMIT, least=1), _BODY_CEILING
        ),
        program=variables.get("SAGEMAKER_PROGRAM", ""),
        submit_dir=variables.get("SAGEMAKER_SUBMIT_DIRECTORY", ""),
        default_accept=variables.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", ""),
        batch=bool(variables.get("SAGEMAKER_BATCH")),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="modelserver")
    parser.add_argument("--family", choices=FAMILIES, required=True)
    parser.add_argument("--model-dir", default="")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    return parser


def _cores() -> int:
    """The cores this process may use: one worker for each, as AWS's containers do."""
    return len(os.sched_getaffinity(0))


def _whole(variables: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    value = variables.get(name, "")
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        raise ModelRefused(f"{name}={value!r} is not a whole number") from None
    if number < least:
        raise ModelRefused(f"{name}={value} must be {least} or more")
    return number
