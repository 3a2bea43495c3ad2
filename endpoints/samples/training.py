"""Trains one sample in its own stack, and packs what came out as model.tar.gz."""

import subprocess
import tempfile
from pathlib import Path

from endpoints.samples import archives, dataset
from endpoints.samples.catalogue import Sample
from endpoints.stacks import build
from endpoints.stacks.table import STACKS


class TrainingFailed(Exception):
    """A trainer ended with an error; the message has its last lines."""


def train(sample: Sample, on_line: build.OnLine) -> bytes:
    """The bytes of model.tar.gz: the same with every run. Raises StackBuildFailed or
    TrainingFailed."""
    python = build.ensure(STACKS[sample.stack], on_line)
    with tempfile.TemporaryDirectory(prefix="sample-") as scratch:
        rows = Path(scratch, "train.csv")
        rows.write_bytes(dataset.csv(dataset.split().train))
        model_dir = Path(scratch, "model")
        model_dir.mkdir()
        on_line(f"{sample.name}: training")
        command = [str(python), "-P", str(sample.script), str(rows), str(model_dir)]
        _run([*command, *sample.arguments], sample.name)
        return archives.folder(model_dir)


def _run(command: list[str], name: str) -> None:
    done = subprocess.run(
        command,
        env={"LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-12:])
        raise TrainingFailed(f"{name} could not be trained:\n{last}")
