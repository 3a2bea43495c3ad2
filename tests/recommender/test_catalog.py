"""The types one can choose from, with size, price, scale or the reason."""

import pytest

from recommender.catalog import Choice, choices, type_refusal


def row(name: str, **options: object) -> Choice:
    return next(c for c in choices(search=name, **options) if c.type.name == name)  # type: ignore[arg-type]


def test_a_measurable_type_says_at_which_scale(two_cores: None) -> None:
    found = row("ml.c5.xlarge")
    assert found.measurable
    assert (found.scale, found.type.vcpus, found.type.memory_gib) == (0.25, 4, 8)
    assert found.type.price_usd_per_hour == pytest.approx(0.204)


def test_a_larger_machine_measures_at_full_size(many_cores: None) -> None:
    assert row("ml.c5.xlarge").scale == 1.0


@pytest.mark.parametrize(
    "name", ["ml.t2.medium", "ml.p3.2xlarge", "ml.m6g.large", "ml.c5.18xlarge"]
)
def test_what_cannot_be_measured_says_why(two_cores: None, name: str) -> None:
    found = row(name)
    assert not found.measurable
    assert found.reason == type_refusal(name)
    assert found.scale is None


def test_types_the_package_does_not_support_keep_their_row(two_cores: None) -> None:
    assert "does not list it" in row("ml.c5.large", supported=["ml.m5.large"]).reason
    assert row("ml.m5.large", supported=["ml.m5.large"]).measurable


def test_measurable_types_come_first_and_the_search_ignores_case(two_cores: None) -> None:
    found = choices(search="C5.")
    assert {c.type.family for c in found} == {"c5"}
    measurable = [c.measurable for c in found]
    assert measurable == sorted(measurable, reverse=True)
