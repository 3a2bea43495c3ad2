"""`python -m modelserver --family xgboost --model-dir DIR --port N`: serves one model.

Speaks the SageMaker container contract. Runs inside a stack's environment: imports nothing of the
console, only itself, the standard library, uvloop, httptools, numpy and the framework.
"""

import ctypes
import logging
import os
import signal
import socket
import sys
from typing import Final

from modelserver import options as options_of
from modelserver.errors import ModelRefused

log = logging.getLogger("modelserver")

_PR_SET_PDEATHSIG: Final = 1


def main(arguments: list[str]) -> int:
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(levelname)s %(message)s")
    if arguments[:1] == ["--check"]:
        from modelserver.families import FAMILIES

        FAMILIES[arguments[1]].check()
        return 0
    # Imports wait for their turn: the parent serves nothing and stays without numpy.
    control, arguments = _take_control(arguments)
    try:
        options = options_of.read(arguments)
        if control is None:
            from modelserver.parent import Parent

            return Parent(options, arguments).run()
        return _work(options, control)
    except ModelRefused as refused:
        log.error("cannot serve the model: %s", " ".join(str(refused).split()))
        return 1


def _take_control(arguments: list[str]) -> tuple[socket.socket | None, list[str]]:
    if "--control" not in arguments:
        return None, arguments
    position = arguments.index("--control")
    control = socket.socket(fileno=int(arguments[position + 1]))
    control.set_inheritable(False)
    return control, arguments[:position]


def _work(options: options_of.Options, control: socket.socket) -> int:
    # The parent may be killed without a chance to say so: the worker goes with it.
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    from modelserver import worker

    def loaded() -> None:
        control.send(b"l")
        if not control.recv(1):
            os._exit(0)

    try:
        return worker.run(options, loaded)
    except (ModelRefused, KeyboardInterrupt):
        raise
    except Exception as error:
        log.exception("loading failed")
        raise ModelRefused(f"{type(error).__name__}: {error}") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
