"""Ranking: relative gains, the five levels, the Pareto front, unknown prices."""

from dataclasses import dataclass

import pytest

from recommender.scoring import FORMULA, WEIGHTS, Importance, Level, rank


@dataclass(frozen=True)
class Row:
    name: str
    cost_per_inference_usd: float | None
    model_latency_us: int
    max_invocations: int
    cost_per_hour_usd: float | None = None


CHEAP = Row("cheap", 1e-6, 9000, 1000, 0.10)
FAST = Row("fast", 4e-6, 1000, 2000, 0.20)
WIDE = Row("wide", 3e-6, 5000, 9000, 0.90)
WORST = Row("worst", 5e-6, 9500, 900, 0.95)
ROWS = [WORST, WIDE, FAST, CHEAP]


def best(**levels: str) -> str:
    return rank(ROWS, Importance.of(**levels))[0].row.name


@pytest.mark.parametrize(
    ("levels", "name"),
    [
        ({"cost": "Highest", "latency": "Lowest", "throughput": "Lowest"}, "cheap"),
        ({"cost": "Lowest", "latency": "Highest", "throughput": "Lowest"}, "fast"),
        ({"cost": "Lowest", "latency": "Lowest", "throughput": "Highest"}, "wide"),
    ],
)
def test_what_matters_most_wins(levels: dict[str, str], name: str) -> None:
    assert best(**levels) == name


def test_a_gain_is_the_ratio_to_the_best_of_all_rows() -> None:
    found = {each.row.name: each.gains for each in rank(ROWS)}
    assert found["cheap"].cost == 1.0
    assert found["fast"].cost == pytest.approx(0.25)
    assert found["wide"].latency == pytest.approx(0.2)
    assert found["cheap"].throughput == pytest.approx(1 / 9)


def test_the_score_is_the_weighted_mean_that_the_formula_states() -> None:
    importance = Importance(Level.HIGH, Level.LOW, Level.MODERATE)
    wide = next(each for each in rank(ROWS, importance) if each.row is WIDE)
    assert wide.score == pytest.approx((8 * (1 / 3) + 2 * 0.2 + 4 * 1.0) / 14)
    assert "High = 8" in FORMULA
    assert "Low = 2" in FORMULA


def test_each_level_weighs_twice_the_one_below() -> None:
    weights = [WEIGHTS[level] for level in Level]
    assert all(b == 2 * a for a, b in zip(weights, weights[1:], strict=False))


def test_only_rows_that_nobody_beats_in_everything_are_on_the_front() -> None:
    assert {each.row.name for each in rank(ROWS) if each.on_front} == {"cheap", "fast", "wide"}


def test_equal_rows_are_both_on_the_front() -> None:
    twins = [Row("one", 1e-6, 10, 10), Row("two", 1e-6, 10, 10)]
    assert all(each.on_front for each in rank(twins))


def test_an_unknown_price_comes_last_without_score_or_place() -> None:
    unknown = Row("unknown", None, 1, 10_000)
    last = rank([unknown, *ROWS])[-1]
    assert last.row is unknown
    assert (last.score, last.position, last.on_front, last.gains.cost) == (None, None, False, None)


def test_with_a_target_cost_means_cost_per_hour() -> None:
    importance = Importance.of(cost="Highest", latency="Lowest", throughput="Lowest")
    by_hour = rank([FAST, Row("dear", 1e-9, 1000, 2000, 5.0)], importance, by_hour=True)
    assert by_hour[0].row is FAST


def test_positions_count_from_one_and_ties_keep_their_order() -> None:
    twins = [Row("one", 1e-6, 10, 10), Row("two", 1e-6, 10, 10)]
    assert [(e.position, e.row.name) for e in rank(twins)] == [(1, "one"), (2, "two")]


def test_nothing_to_rank_is_an_empty_list() -> None:
    assert rank([]) == []


def test_levels_are_read_in_any_case_and_an_unknown_one_is_refused() -> None:
    assert Importance.of(cost="highest").cost is Level.HIGHEST
    assert Importance.of().latency is Level.MODERATE
    with pytest.raises(ValueError, match="not a valid Level"):
        Importance.of(cost="immense")


def test_a_latency_of_zero_does_not_divide_by_it() -> None:
    assert rank([Row("instant", 1e-6, 0, 10), FAST])[0].gains.latency == 1.0
