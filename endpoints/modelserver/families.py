"""The three families: how each loads, wraps and answers. Frameworks are imported on first use."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol

from modelserver.decode import Rows
from modelserver.encode import ARRAYS, BATCH_SCORES, SCORES, Format, Predictions


class ArrayModel(Protocol):
    #: How many values a row must have; None when the model does not say.
    features: int | None

    def predict(self, rows: Rows) -> Predictions: ...


@dataclass(frozen=True, slots=True)
class Family:
    module: str
    wrapper: str
    scores: bool

    def load(self, model_dir: Path) -> Any:
        """The framework's own object, as model_fn would return it."""
        loaded: Callable[[Path], Any] = self._import().load
        return loaded(model_dir)

    def wrap(self, model: Any) -> ArrayModel:
        wrapper: Callable[[Any], ArrayModel] = getattr(self._import(), self.wrapper)
        return wrapper(model)

    def format(self, *, batch: bool) -> Format:
        if not self.scores:
            return ARRAYS
        return BATCH_SCORES if batch else SCORES

    def script_input(self, rows: Rows) -> Any:
        """What a predict_fn gets where the script has no input_fn."""
        convert: Callable[[Rows], Any] = getattr(self._import(), "script_input", _as_it_is)
        return convert(rows)

    def check(self) -> None:
        """Imports what serving needs; the stack's builder runs it."""
        for module in ("httptools", "uvloop"):
            import_module(module)
        self._import()

    def _import(self) -> Any:
        return import_module(self.module)


def _as_it_is(rows: Rows) -> Rows:
    return rows


FAMILIES: Final[dict[str, Family]] = {
    "xgboost": Family("modelserver.xgb", "XgboostModel", scores=True),
    "sklearn": Family("modelserver.skl", "SklearnModel", scores=False),
    "onnx": Family("modelserver.onnx", "OnnxModel", scores=False),
}
