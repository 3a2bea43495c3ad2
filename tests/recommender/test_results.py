"""AWS's own sample numbers, and what a scale below one does to them."""

import pytest

from recommender.results import cost_per_inference, figures


def test_it_reproduces_the_advanced_sample_of_the_guide() -> None:
    # 3 x ml.c5d.xlarge at 0.23 $/h, 371 a minute each, 1000 wanted.
    found = figures(rate_per_minute=371, scale=1.0, price_usd_per_hour=0.23, target=1000)
    assert found.instance_count == 3
    assert found.max_invocations == 1113
    assert found.cost_per_hour_usd == pytest.approx(0.69)
    assert found.cost_per_inference_usd == pytest.approx(1.0332434612791985e-05, rel=1e-6)


def test_it_reproduces_the_default_sample_of_the_guide() -> None:
    found = figures(rate_per_minute=648, scale=1.0, price_usd_per_hour=0.204)
    assert (found.instance_count, found.max_invocations) == (1, 648)
    assert found.cost_per_inference_usd == pytest.approx(5.24691e-06, rel=1e-5)


def test_a_part_of_an_invocation_is_none() -> None:
    assert figures(rate_per_minute=371.9, scale=1.0, price_usd_per_hour=1).max_invocations == 371


def test_a_scale_below_one_projects_throughput_and_cost_and_says_so() -> None:
    found = figures(rate_per_minute=250, scale=0.25, price_usd_per_hour=0.2)
    assert found.projected
    assert found.max_invocations == 1000
    assert found.raw_max_invocations == 250
    assert found.cost_per_inference_usd == pytest.approx(0.2 / 60_000)


def test_a_full_scale_is_not_projected() -> None:
    assert not figures(rate_per_minute=250, scale=1.0, price_usd_per_hour=0.2).projected


@pytest.mark.parametrize("scale", [1 / 3, 1 / 6, 1 / 7, 0.125])
def test_a_target_that_was_just_reached_needs_one_instance(scale: float) -> None:
    found = figures(rate_per_minute=1000 * scale, scale=scale, price_usd_per_hour=1, target=1000)
    assert found.instance_count == 1


def test_a_rate_over_several_instances_is_counted_for_one() -> None:
    found = figures(rate_per_minute=900, scale=1.0, price_usd_per_hour=1, instances=3)
    assert (found.raw_max_invocations, found.max_invocations) == (300, 300)


def test_an_unknown_price_stays_unknown_and_is_never_zero() -> None:
    found = figures(rate_per_minute=100, scale=1.0, price_usd_per_hour=None)
    assert found.cost_per_hour_usd is None
    assert found.cost_per_inference_usd is None


def test_no_invocation_at_all_has_no_cost_per_inference() -> None:
    found = figures(rate_per_minute=0.4, scale=1.0, price_usd_per_hour=1, target=10)
    assert (found.instance_count, found.max_invocations) == (1, 0)
    assert found.cost_per_inference_usd is None
    assert cost_per_inference(1.0, 0) is None
