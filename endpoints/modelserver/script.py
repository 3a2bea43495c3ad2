"""The user's own inference.py: model_fn, input_fn, predict_fn, output_fn, or transform_fn.

Follows AWS's inference toolkit: what the script does not define falls back to the family's way.
"""

import importlib
import inspect
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Final

from modelserver import decode
from modelserver.encode import Answer, Format
from modelserver.errors import ModelRefused, RequestRefused
from modelserver.families import Family
from modelserver.options import CONTAINER_MODEL_DIR, Options

log = logging.getLogger(__name__)

_DEFAULT_PROGRAM: Final = "inference.py"
_TEXT: Final = (decode.CSV, decode.JSON)
_HINT: Final = (
    f"{CONTAINER_MODEL_DIR} does not exist on the process host, which runs without root: the model"
    " archive is unpacked in another directory. Use the argument model_dir of model_fn, or"
    " os.environ['SM_MODEL_DIR']; code that needs the literal path needs a container host."
)


def find_program(options: Options) -> Path | None:
    """The script to serve with, or None when the model is served without one."""
    name = options.program or _DEFAULT_PROGRAM
    name = name if name.endswith(".py") else f"{name}.py"
    for folder in _code_dirs(options):
        if (folder / name).is_file():
            return folder / name
    if options.program:
        raise ModelRefused(
            f"SAGEMAKER_PROGRAM={options.program} is not in the model archive: put it in code/."
            + _about_submit_dir(options)
        )
    return None


def _code_dirs(options: Options) -> list[Path]:
    given = options.submit_dir.removeprefix("file://")
    named: list[Path] = []
    if given.startswith(CONTAINER_MODEL_DIR):
        named = [options.model_dir / given.removeprefix(CONTAINER_MODEL_DIR).strip("/")]
    elif given.startswith("/"):
        named = [Path(given)]
    return [*named, options.model_dir / "code", options.model_dir]


def _about_submit_dir(options: Options) -> str:
    if "://" not in options.submit_dir.removeprefix("file://"):
        return ""
    return (
        f" SAGEMAKER_SUBMIT_DIRECTORY={options.submit_dir} is not downloaded by the process host."
    )


class ScriptHandler:
    #: Nobody knows how long user code takes: it never runs on the event loop.
    quick = False

    def __init__(self, script: ModuleType, model: Any, family: Family, options: Options) -> None:
        self._script = script
        self._model = model
        self._family = family
        self._form: Format = family.format(batch=options.batch)
        self._default_accept = options.default_accept or decode.JSON
        self._context = SimpleNamespace(system_properties={"model_dir": str(options.model_dir)})
        self._wrapped = None if _defines(script, "predict_fn") else _wrapped(family, model)

    @classmethod
    def load(cls, program: Path, family: Family, options: Options) -> "ScriptHandler":
        _warn(program, options.model_dir)
        try:
            script = _import(program)
            _check(script, program.name)
            context = SimpleNamespace(system_properties={"model_dir": str(options.model_dir)})
            model_fn = getattr(script, "model_fn", None)
            arguments = (str(options.model_dir),)
            model = (
                _call(model_fn, arguments, context) if model_fn else family.load(options.model_dir)
            )
            return cls(script, model, family, options)
        except ModelRefused:
            raise
        except (Exception, SystemExit) as error:
            log.exception("%s failed", program.name)
            raise ModelRefused(f"{program.name}: {describe(error)}") from error

    def invoke(self, body: bytes, content_type: str, accept: str) -> Answer:
        kind = decode.media_type(content_type)
        data = _text(body) if kind in _TEXT else body
        wanted = accept if accept not in ("", "*/*") else self._default_accept
        transform = getattr(self._script, "transform_fn", None)
        if transform:
            return _answer(
                self._call(transform, self._model, data, kind, wanted), "transform_fn", wanted
            )
        prediction = self._predict(self._input(data, body, kind))
        return self._output(prediction, accept, wanted)

    def _input(self, data: str | bytes, body: bytes, kind: str) -> Any:
        input_fn = getattr(self._script, "input_fn", None)
        if input_fn:
            return self._call(input_fn, data, kind)
        rows = decode.rows(body, kind, self._wrapped.features if self._wrapped else None)
        return rows if self._wrapped is not None else self._family.script_input(rows)

    def _predict(self, data: Any) -> Any:
        predict_fn = getattr(self._script, "predict_fn", None)
        if predict_fn:
            return self._call(predict_fn, data, self._model)
        if self._wrapped is not None and hasattr(data, "shape"):
            return self._wrapped.predict(data)
        return self._model.predict(data)

    def _output(self, prediction: Any, accept: str, wanted: str) -> Answer:
        output_fn = getattr(self._script, "output_fn", None)
        if output_fn:
            return _answer(self._call(output_fn, prediction, wanted), "output_fn", wanted)
        if not hasattr(prediction, "tolist"):
            raise TypeError(f"predict_fn returned a {type(prediction).__name__}: add an output_fn")
        media_type = self._form.choose(accept, self._default_accept)
        return self._form.answer(prediction, media_type)

    def _call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return _call(function, arguments, self._context)


def describe(error: BaseException) -> str:
    """The error in one line, with a hint where the cause is a known difference from a container."""
    text = f"{type(error).__name__}: {error}"
    if CONTAINER_MODEL_DIR in text:
        return f"{text}. {_HINT}"
    if isinstance(error, ModuleNotFoundError):
        return f"{text}. The serving stack does not have it; put it beside the script in code/."
    return text


def _warn(program: Path, model_dir: Path) -> None:
    if CONTAINER_MODEL_DIR in program.read_text(errors="replace"):
        log.warning("%s names %s. %s", program.name, CONTAINER_MODEL_DIR, _HINT)
    for folder in {program.parent, model_dir / "code", model_dir}:
        if (folder / "requirements.txt").is_file():
            log.warning(
                "requirements.txt is not installed: serving stacks are shared and closed. Packages"
                " that the stack lacks must be in code/."
            )
            return


def _import(program: Path) -> ModuleType:
    # The console's folder goes: user code must not find its packages by accident.
    ours = Path(__file__).resolve().parent.parent
    sys.path[:] = [str(program.parent), *(p for p in sys.path if Path(p).resolve() != ours)]
    return importlib.import_module(program.stem)


def _check(script: ModuleType, name: str) -> None:
    steps = [fn for fn in ("input_fn", "predict_fn", "output_fn") if _defines(script, fn)]
    if _defines(script, "transform_fn") and steps:
        raise ModelRefused(f"{name} defines transform_fn and {', '.join(steps)}: use one or other.")


def _defines(script: ModuleType, name: str) -> bool:
    return callable(getattr(script, name, None))


def _wrapped(family: Family, model: Any) -> Any:
    try:
        return family.wrap(model)
    except (AttributeError, TypeError, ModelRefused):
        return None  # not the family's own kind of model: it is called as it is


def _call(function: Callable[..., Any], arguments: tuple[Any, ...], context: Any) -> Any:
    # As the toolkit does: one parameter more means that the function wants the context.
    count = len(inspect.signature(function).parameters)
    return function(*arguments, context) if count == len(arguments) + 1 else function(*arguments)


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise RequestRefused(400, f"The body is not UTF-8 text: {error}") from None


def _answer(result: Any, function: str, wanted: str) -> Answer:
    content_type = wanted
    if isinstance(result, tuple) and len(result) == 2:
        result, content_type = result[0], str(result[1])
    if isinstance(result, str):
        result = result.encode()
    if not isinstance(result, bytes | bytearray):
        raise TypeError(
            f"{function} returned a {type(result).__name__}: return str, bytes,"
            " or a pair of the body and its content type"
        )
    return Answer(bytes(result), content_type)
