import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from endpoints.stacks import build
from endpoints.stacks.build import StackBuildFailed
from endpoints.stacks.table import STACKS, Stack
from tests.endpoints.modelserver.servers import run_in, wait_until

MODULES = {"xgboost": "xgboost", "sklearn": "sklearn", "onnx": "onnxruntime"}


@dataclass(frozen=True)
class OwnStack(Stack):
    """A stack with a list of its own, as the table has none that fails."""

    listed: Path = Path()

    @property
    def requirements(self) -> Path:
        return self.listed


@pytest.fixture
def cache(tmp_path: Path, settings) -> Path:
    settings.STACKS_DIR = tmp_path / "stacks"
    return tmp_path / "stacks"


def own_stack(folder: Path, requirements: str) -> OwnStack:
    listed = folder / "requirements.txt"
    listed.write_text(requirements)
    return OwnStack("own", "onnx", "ONNX Runtime", "1", listed)


@pytest.mark.parametrize("stack", STACKS.values(), ids=STACKS)
def test_every_stack_of_the_table_has_the_version_it_says(stack):
    module = MODULES[stack.family]
    version = run_in(stack.name, f"import {module}; print({module}.__version__)")
    assert version.strip() == stack.framework_version
    assert build.is_built(stack)


def test_two_builders_at_once_make_one_environment_and_clear_an_unfinished_one(cache):
    stack = STACKS["onnx-1"]
    home = build.ensure(stack).parent.parent if build.is_built(stack) else None
    assert home is None
    lines: list[str] = []
    with ThreadPoolExecutor() as pool:
        first = pool.submit(build.ensure, stack, lines.append)
        wait_until(lambda: any("creating" in line for line in lines))
        second = pool.submit(build.ensure, stack, lines.append)
        assert first.result() == second.result()
    assert sum("creating the environment" in line for line in lines) == 1
    assert any("waiting for another process" in line for line in lines)
    assert any("Successfully installed" in line for line in lines)
    # As a power cut leaves it: files, but no word that they are all there.
    python = build.ensure(stack)
    junk = python.parent.parent / "half-written"
    junk.touch()
    (python.parent.parent / ".complete").unlink()
    assert not build.is_built(stack)
    assert build.ensure(stack, lines.append) == python
    assert any("removing an unfinished build" in line for line in lines)
    assert not junk.exists()


def test_a_builder_that_is_killed_leaves_nothing_in_the_way(cache):
    command = [sys.executable, "-m", "endpoints.stacks.build", "onnx-1"]
    environment = {**os.environ, "STACKS_DIR": str(cache)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as builder:
        wait_until(lambda: list(cache.glob("onnx-1-*/bin/pip")))
        builder.send_signal(signal.SIGKILL)
    assert not build.is_built(STACKS["onnx-1"])
    python = build.ensure(STACKS["onnx-1"])
    done = subprocess.run([python, "-c", "import onnxruntime"], check=False)
    assert done.returncode == 0


def test_a_failed_build_tells_the_installer_s_last_lines_and_leaves_nothing(cache, tmp_path):
    stack = own_stack(tmp_path, "no-such-distribution-of-ours==1.0\n")
    with pytest.raises(StackBuildFailed, match="No matching distribution found"):
        build.ensure(stack)
    assert not build.is_built(stack)
    assert [path.suffix for path in cache.iterdir()] == [".lock"]


def test_an_environment_that_cannot_serve_is_not_taken_for_one_that_can(cache, tmp_path):
    with pytest.raises(StackBuildFailed, match="No module named 'numpy'"):
        build.ensure(own_stack(tmp_path, "# nothing\n"))


def test_changed_pins_are_another_environment(cache, tmp_path):
    stack = own_stack(tmp_path, "a==1\n")
    with pytest.raises(StackBuildFailed):
        build.ensure(stack)
    stack.listed.write_text("a==2\n")
    with pytest.raises(StackBuildFailed):
        build.ensure(stack)
    assert len(list(cache.glob("own-*.lock"))) == 2


def test_a_missing_system_library_is_named_with_its_package():
    output = "OSError: libgomp.so.1: cannot open shared object file: No such file or directory"
    reason = build._reason(["python", "-m", "modelserver"], 1, output)
    assert "libgomp.so.1 is missing" in reason
    assert "apt-get install libgomp1" in reason


def test_an_unknown_name_on_the_command_line_is_refused_with_the_names(capsys):
    assert build.main(["nothing"]) == 2
    assert "xgboost-0.90" in capsys.readouterr().err
