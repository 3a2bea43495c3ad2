"""CPU and memory of instances, on processes that burn a known share."""

import time
from pathlib import Path

import pytest

from consoleapp.metrics import procfs
from consoleapp.metrics.line import Sample
from consoleapp.metrics.sampler import NAMESPACE, Sampler
from tests.consoleapp.metrics.folders import FORTY_MIB, HALF_A_CORE_EACH, describe, running
from tests.consoleapp.metrics.live import wait_until


def test_cpu_is_what_the_tree_used_scaled_to_the_instance_type(tmp_path: Path) -> None:
    with running(HALF_A_CORE_EACH) as process:
        describe(tmp_path, cpu_granted=1.0, vcpus=2.0, **process)
        sampler = Sampler(tmp_path)
        used, began = _used_s(process["pid"]), time.monotonic()
        assert sampler.sample() == []
        wait_until(lambda: _used_s(process["pid"]) - used > 0.5)
        samples = {sample.name: sample for sample in sampler.sample()}
        cores = (_used_s(process["pid"]) - used) / (time.monotonic() - began)
    cpu = samples["CPUUtilization"]
    # Of one core granted for a type of two: what was used counts double.
    assert cpu.total == pytest.approx(100 * cores * 2, rel=0.2)
    assert (cpu.namespace, cpu.unit, cpu.count) == (NAMESPACE, "Percent", 1)
    assert cpu.dimensions == {"EndpointName": "churn", "VariantName": "A"}


def test_memory_is_a_share_of_what_was_granted(tmp_path: Path) -> None:
    with running(FORTY_MIB) as process:
        describe(tmp_path, memory_mib=200, **process)
        samples = _second_look(Sampler(tmp_path))
    assert 20 < samples["MemoryUtilization"].total < 40


def test_a_pid_that_belongs_to_another_by_now_is_not_measured(tmp_path: Path) -> None:
    with running(FORTY_MIB) as process:
        describe(tmp_path, pid=process["pid"], pid_start=process["pid_start"] - 1)
        assert _second_look(Sampler(tmp_path)) == {}


def test_an_ended_or_dead_instance_is_not_measured(tmp_path: Path) -> None:
    with running(FORTY_MIB) as process:
        describe(tmp_path, ended=True, **process)
        assert _second_look(Sampler(tmp_path)) == {}
        describe(tmp_path, **process)
        assert _second_look(Sampler(tmp_path)) != {}
    assert _second_look(Sampler(tmp_path)) == {}


def test_no_folder_at_all_gives_no_samples(tmp_path: Path) -> None:
    assert Sampler(tmp_path / "absent").sample() == []


def _second_look(sampler: Sampler) -> dict[str, Sample]:
    sampler.sample()
    return {sample.name: sample for sample in sampler.sample()}


def _used_s(root: int) -> float:
    return sum(member.cpu_s for member in procfs.tree(root, procfs.snapshot()))
