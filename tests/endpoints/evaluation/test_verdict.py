"""Which variant is better, in words that follow the figures and the tests."""

import pytest

from endpoints.evaluation import verdict
from endpoints.evaluation.comparison import Compared, Pair

SURE, UNSURE = 0.001, 0.3


def figures(*values: float | None) -> dict[str, float | None]:
    return dict(zip(verdict.MEASURES, values, strict=True))


def pair(
    first: str, second: str, accuracy: tuple[float, float | None], auc: tuple[float, float | None]
) -> Pair:
    return Pair(
        first,
        second,
        Compared(accuracy[0], accuracy[1], accuracy[1]),
        Compared(auc[0], auc[1], auc[1]),
    )


GOOD, POOR = figures(0.95, 0.9, 0.9, 0.9, 0.98), figures(0.9, 0.8, 0.8, 0.8, 0.93)


def test_a_significant_difference_is_called_so() -> None:
    tests = [pair("a", "b", (-0.05, SURE), (-0.05, UNSURE))]
    found = verdict.decide({"a": POOR, "b": GOOD}, tests)
    assert (found.better, found.significant) == ("b", True)
    assert found.headline == "b is better than a, and the difference is significant."
    assert found.sentences == (
        "b leads in 5 of 5 measures.",
        "Accuracy: 5.00 percentage points higher than a"
        " (McNemar, exact, p = 0.0010, significant at the 5% level).",
        "ROC AUC: 0.0500 higher than a (DeLong, p = 0.30, not significant at the 5% level).",
    )


def test_a_difference_that_chance_explains_is_not_sold_as_one() -> None:
    tests = [pair("a", "b", (0.05, UNSURE), (0.05, UNSURE))]
    found = verdict.decide({"a": GOOD, "b": POOR}, tests)
    assert (found.better, found.significant) == ("a", False)
    assert "cannot tell it from chance" in found.headline


def test_tests_that_contradict_each_other_decide_nothing() -> None:
    tests = [pair("a", "b", (0.05, SURE), (-0.05, SURE))]
    found = verdict.decide({"a": GOOD, "b": {**POOR, "auc": 0.99}}, tests)
    assert (found.better, found.significant) == ("a", False)
    assert "ROC AUC: 0.0500 lower than b" in found.sentences[2]


def test_equal_leads_are_settled_by_the_area() -> None:
    one, two = figures(0.9, 0.9, 0.7, 0.8, 0.91), figures(0.9, 0.8, 0.8, 0.8, 0.92)
    # Precision against recall, and the area to the second.
    assert verdict.decide({"a": one, "b": two}, []).better == "b"
    assert verdict.decide({"a": one, "b": one}, []).headline == (
        "No variant is better: all figures are equal."
    )


def test_a_measure_that_one_lacks_is_nobodys_lead() -> None:
    one, two = figures(0.9, None, 0.0, 0.0, 0.5), figures(0.9, 0.1, 0.2, 0.1, 0.5)
    found = verdict.decide({"a": one, "b": two}, [pair("a", "b", (0.0, 1.0), (0.0, None))])
    assert found.better == "b"
    assert found.sentences[0] == "b leads in 2 of 4 measures."
    assert found.sentences[1].startswith("Accuracy: equal to a")
    assert found.sentences[2] == "ROC AUC against a: cannot be tested on these rows."


def test_the_best_of_three_is_held_against_each_other_one() -> None:
    tests = [
        pair("a", "b", (-0.01, UNSURE), (-0.01, UNSURE)),
        pair("a", "c", (0.05, SURE), (0.05, SURE)),
        pair("b", "c", (0.06, SURE), (0.06, SURE)),
    ]
    found = verdict.decide({"a": figures(0.94, 0.9, 0.9, 0.9, 0.97), "b": GOOD, "c": POOR}, tests)
    assert (found.better, found.significant) == ("b", False)
    assert found.headline == (
        "b is significantly better than c; against a the difference is not significant."
    )
    tests[0] = pair("a", "b", (-0.01, SURE), (-0.01, UNSURE))
    found = verdict.decide({"a": figures(0.94, 0.9, 0.9, 0.9, 0.97), "b": GOOD, "c": POOR}, tests)
    assert found.significant
    assert found.headline == "b is better than a and c, and the difference is significant."


def test_one_variant_has_nothing_to_be_compared_with() -> None:
    assert verdict.decide({"a": GOOD}, []).better == ""


@pytest.mark.parametrize(
    ("p", "text"),
    [(None, "-"), (0.00001, "< 0.0001"), (0.04321, "= 0.0432"), (0.5, "= 0.50")],
)
def test_p_values_are_as_exact_as_they_need_to_be(p: float | None, text: str) -> None:
    assert verdict.p_value(p) == text
