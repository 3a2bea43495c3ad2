"""What the A/B story prints: shares beside what the weights promise, figures with intervals."""

import io

from rich.console import Console as Terminal

from consoleapp.abtest.screen import Screen
from consoleapp.abtest.story import Split


def printed(show: object) -> str:
    out = io.StringIO()
    show(Screen(Terminal(file=out, width=140)))  # type: ignore[operator]
    return out.getvalue()


def test_a_split_stands_beside_the_bounds_of_chance() -> None:
    split = Split({"a": 290, "b": 310}, {"a": 1.0, "b": 1.0}, {"a": 290, "b": 310})
    text = printed(lambda screen: screen.split(split))
    # 0.5 +- 3.2905 * sqrt(0.25 / 600)
    assert "43.3% to 56.7%" in text
    assert "48.3%" in text
    assert "51.7%" in text


def test_a_weight_of_zero_promises_nothing_and_a_target_no_share() -> None:
    split = Split({"b": 60}, {"a": 0.0, "b": 1.0}, {"a": 1200, "b": 60})
    text = printed(lambda screen: screen.split(split))
    assert "100%" in text
    assert "0.0%" in text
    assert "1,200" in text
    assert (
        "%" not in printed(lambda s: s.split(split, by_weight=False)).split("\n")[3].split("│")[3]
    )


def test_an_unknown_figure_is_a_hyphen() -> None:
    unknown = {"value": None, "low": None, "high": None}
    known = {"value": 0.95, "low": 0.9, "high": 0.98}
    figures = dict.fromkeys(("accuracy", "recall", "f1", "auc"), known)
    counts = dict.fromkeys(
        ("true_positives", "false_positives", "false_negatives", "true_negatives"), 3
    )
    found = {
        "results": [
            {"variant": "a", "figures": {**figures, "precision": unknown}, "confusion": counts}
        ],
        "verdict": {"headline": "One variant was evaluated.", "sentences": ["So it is."]},
    }
    text = printed(lambda screen: screen.evaluation(found))
    assert "0.9500  (0.9000 to 0.9800)" in text
    assert "One variant was evaluated." in text
    assert "So it is." in text
