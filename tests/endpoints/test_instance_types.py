"""The catalogue: sizes, prices with their source, and what cannot run here."""

import pytest

from endpoints import instance_types


def test_sizes_and_prices_have_a_source_and_a_date() -> None:
    size = instance_types.instance_type("ml.c5.xlarge")
    assert (size.vcpus, size.memory_gib, size.price_usd_per_hour) == (4.0, 8.0, 0.204)
    assert (size.price_region, size.price_as_of) == ("us-east-1", "2026-09-27")
    assert "Price List" in size.price_source


def test_an_unknown_price_is_unknown_not_zero() -> None:
    assert instance_types.instance_type("ml.m4.xlarge").price_usd_per_hour is None
    assert all(size.price_usd_per_hour != 0 for size in instance_types.all_types())


def test_names_are_listed_once() -> None:
    names = [size.name for size in instance_types.all_types()]
    assert len(names) == len(set(names)) == 277


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_type_runs_or_has_a_reason(monkeypatch: pytest.MonkeyPatch, machine: str) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    for size in instance_types.all_types():
        reason = instance_types.refusal(size.name)
        graviton = size.architecture == "arm64"
        if reason is None:
            assert size.vcpus
            assert graviton is (machine == "aarch64")
        else:
            assert size.name in reason


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ml.p3.2xlarge", "1 GPU"),
        ("ml.inf1.xlarge", "1x AWS Inferentia; this host has none"),
        ("ml.trn1.2xlarge", "Trainium"),
        ("ml.dl1.24xlarge", "its size is not known"),
        ("ml.c7g.large", "arm64; this host is x86_64"),
        ("ml.t9.nano", "not an instance type of the catalogue"),
    ],
)
def test_the_reason_is_said(monkeypatch: pytest.MonkeyPatch, name: str, reason: str) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert reason in (instance_types.refusal(name) or "")


def test_g_families_are_gpus_not_graviton() -> None:
    assert instance_types.instance_type("ml.g5.xlarge").architecture == "x86_64"
    assert instance_types.instance_type("ml.c8g.medium").architecture == "arm64"
