"""What answers an invocation: a model alone, or the user's own inference.py (see script.py)."""

from typing import Protocol

from modelserver import decode
from modelserver.encode import Answer, Format
from modelserver.families import FAMILIES, ArrayModel
from modelserver.options import Options
from modelserver.script import ScriptHandler, find_program


class Handler(Protocol):
    #: True: a row takes microseconds and may run on the event loop.
    quick: bool

    def invoke(self, body: bytes, content_type: str, accept: str) -> Answer:
        """Raises RequestRefused for what the caller must change; anything else is the model's."""
        ...


class ArrayHandler:
    quick = True

    def __init__(self, model: ArrayModel, form: Format, default_accept: str = "") -> None:
        self._model = model
        self._form = form
        self._default_accept = default_accept

    def invoke(self, body: bytes, content_type: str, accept: str) -> Answer:
        media_type = self._form.choose(accept, self._default_accept)
        rows = decode.rows(body, content_type, self._model.features)
        return self._form.answer(self._model.predict(rows), media_type)


def load(options: Options) -> Handler:
    """Raises ModelRefused; its message is fit to be the last line of the log."""
    family = FAMILIES[options.family]
    program = find_program(options)
    if program is not None:
        return ScriptHandler.load(program, family, options)
    form = family.format(batch=options.batch)
    return ArrayHandler(family.wrap(family.load(options.model_dir)), form, options.default_accept)
