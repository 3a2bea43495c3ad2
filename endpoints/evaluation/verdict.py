"""Which variant is better, and whether the rows can tell, in words. Pure: figures in, text out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from endpoints.evaluation.comparison import Compared, Pair

MEASURES: Final = ("accuracy", "precision", "recall", "f1", "auc")
_ALPHA_WORDS: Final = "at the 5% level"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`better` is "" when no variant leads. `significant`: a test says so, and none says the
    opposite."""

    better: str
    significant: bool
    headline: str
    sentences: tuple[str, ...] = ()


def decide(figures: Mapping[str, Mapping[str, float | None]], pairs: Sequence[Pair]) -> Verdict:
    """`figures`: variant -> measure -> value. The better one leads in most measures; equal in
    number, the higher AUC, then the higher accuracy decides."""
    if len(figures) < 2:
        return Verdict("", False, "One variant was evaluated: there is nothing to compare.")
    leads = _leads(figures)
    ranked = sorted(figures, key=lambda name: _rank(leads[name], figures[name]), reverse=True)
    best, next_best = ranked[0], ranked[1]
    if _rank(leads[best], figures[best]) == _rank(leads[next_best], figures[next_best]):
        return Verdict("", False, "No variant is better: all figures are equal.")
    against = [pair.seen_from(best) for pair in pairs if best in (pair.first, pair.second)]
    significant = all(_favours(pair) for pair in against) and bool(against)
    sentences = [f"{best} leads in {leads[best]} of {_known(figures)} measures."]
    for pair in against:
        sentences += [_of_accuracy(pair), _of_auc(pair)]
    return Verdict(best, significant, _headline(best, ranked, against), tuple(sentences))


def _leads(figures: Mapping[str, Mapping[str, float | None]]) -> dict[str, int]:
    """In how many measures each variant alone is highest."""
    leads = dict.fromkeys(figures, 0)
    for measure in MEASURES:
        known = {name: value for name, of in figures.items() if (value := of[measure]) is not None}
        if len(known) < len(figures):
            continue
        highest = max(known.values())
        leaders = [name for name, value in known.items() if value == highest]
        if len(leaders) == 1:
            leads[leaders[0]] += 1
    return leads


def _known(figures: Mapping[str, Mapping[str, float | None]]) -> int:
    return sum(all(of[measure] is not None for of in figures.values()) for measure in MEASURES)


def _rank(leads: int, figures: Mapping[str, float | None]) -> tuple[float, ...]:
    return (leads, *(figures[name] or 0.0 for name in ("auc", "accuracy")))


def _favours(pair: Pair) -> bool:
    """A significant difference in favour of the first, and none against it."""
    tests = [test for test in (pair.accuracy, pair.auc) if test.significant]
    return bool(tests) and all(test.difference > 0 for test in tests)


def _headline(best: str, ranked: Sequence[str], against: Sequence[Pair]) -> str:
    better_than = [pair.second for pair in against if _favours(pair)]
    others = ranked[1:]
    if len(better_than) == len(others):
        return f"{best} is better than {_listed(others)}, and the difference is significant."
    if better_than:
        open_names = _listed([name for name in others if name not in better_than])
        return (
            f"{best} is significantly better than {_listed(better_than)}; against {open_names}"
            " the difference is not significant."
        )
    return (
        f"{best} looks better, but the difference is not significant: these rows cannot tell it"
        " from chance."
    )


def _of_accuracy(pair: Pair) -> str:
    test = pair.accuracy
    if abs(test.difference) < 1e-12:
        return f"Accuracy: equal to {pair.second} ({_tested('McNemar, exact', test)})."
    points = f"{abs(test.difference) * 100:.2f} percentage points"
    direction = "higher" if test.difference > 0 else "lower"
    return f"Accuracy: {points} {direction} than {pair.second} ({_tested('McNemar, exact', test)})."


def _of_auc(pair: Pair) -> str:
    test = pair.auc
    if test.p is None:
        return f"ROC AUC against {pair.second}: cannot be tested on these rows."
    if abs(test.difference) < 1e-12:
        return f"ROC AUC: equal to {pair.second} ({_tested('DeLong', test)})."
    direction = "higher" if test.difference > 0 else "lower"
    amount = f"{abs(test.difference):.4f}"
    return f"ROC AUC: {amount} {direction} than {pair.second} ({_tested('DeLong', test)})."


def _tested(name: str, test: Compared) -> str:
    if test.adjusted_p is None:
        return f"{name}: no test"
    word = "significant" if test.significant else "not significant"
    return f"{name}, p {p_value(test.adjusted_p)}, {word} {_ALPHA_WORDS}"


def p_value(p: float | None) -> str:
    if p is None:
        return "-"
    return "< 0.0001" if p < 0.0001 else f"= {p:.4f}" if p < 0.1 else f"= {p:.2f}"


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
