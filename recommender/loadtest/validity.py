"""Whether a test measured the endpoint or something else: invalid is not slow. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from recommender.loadtest.window import WINDOW_S


@dataclass(frozen=True, slots=True)
class Limits:
    """Shares are 0..1. `gap_s` is the longest stretch without a second of metrics."""

    generator_cpu: float = 0.80
    platform_cpu: float = 0.95
    foreign_cpu: float = 0.10
    error_share: float = 0.05
    gap_s: float = 3.0


@dataclass(frozen=True, slots=True)
class Watched:
    """One second of a test, as seen from outside the endpoint.

    `generator_cpu` is the busiest generator's share of its core. `foreign_cpu` and `steal` are
    shares of the test's cores (cpu.CoreUse); 0 where the cores are not this test's alone.
    `platform_cpu` is how busy the busiest of the platform's cores was, with whatever: gateway and
    generators run on them, and so does the rest of the platform;
    `granted_cpu` is how much of the CPU that the test was granted was used, by it or (which
    `foreign_cpu` judges) by others in its place.
    """

    second: int
    invocations: int
    errors: int
    generator_cpu: float
    foreign_cpu: float = 0.0
    steal: float = 0.0
    platform_cpu: float = 0.0
    granted_cpu: float = 0.0


#: Where so much of the granted CPU was used, the endpoint's cores were the limit themselves.
EXHAUSTED: Final = 0.9


def judge(
    watched: Sequence[Watched],
    *,
    began: int | None = None,
    read_at: int | None = None,
    limits: Limits | None = None,
) -> list[str]:
    """Reasons why this test must not be ranked, for people; empty means it is valid.

    `began` is the test's first second, whether it was watched or not. `read_at` is the second whose
    trailing window was read: a generator or a neighbour that was too busy in that window spoils
    the figure, too busy on average spoils the search for it.
    """
    rules = limits or Limits()
    if not watched:
        return ["no second of the test was observed"]
    parts = [watched, _window(watched, read_at)]
    reasons = [
        _busy("the load generator used", _highest(parts, "generator_cpu"), rules.generator_cpu),
        _busy("other processes used", _highest(parts, "foreign_cpu"), rules.foreign_cpu),
        _busy("the hypervisor took", _highest(parts, "steal"), rules.foreign_cpu),
        _platform(_window(watched, read_at), rules.platform_cpu),
        _errors(watched, rules.error_share),
        _gap(watched, began, rules.gap_s),
    ]
    return [reason for reason in reasons if reason]


_WHOSE: Final = {
    "the load generator used": "its own core: it may have been the limit",
    "other processes used": "the test's cores",
    "the hypervisor took": "the test's cores",
}


def _window(watched: Sequence[Watched], read_at: int | None) -> Sequence[Watched]:
    if read_at is None:
        return ()
    return [w for w in watched if read_at - WINDOW_S < w.second <= read_at]


def _highest(parts: Sequence[Sequence[Watched]], name: str) -> float:
    return max(_mean(part, name) for part in parts if part)


def _mean(part: Sequence[Watched], name: str) -> float:
    return float(sum(getattr(w, name) for w in part) / len(part))


def _busy(who: str, share: float, limit: float) -> str:
    if share <= limit:
        return ""
    return f"{who} {share:.0%} of {_WHOSE[who]} (limit {limit:.0%})"


def _platform(read: Sequence[Watched], limit: float) -> str:
    """Gateway and generators may share a core, where none of them comes near its own limit."""
    if not read:
        return ""
    busy, used = _mean(read, "platform_cpu"), _mean(read, "granted_cpu")
    if busy <= limit or used >= EXHAUSTED:
        return ""
    return (
        "the busiest of the platform's cores, which gateway and load generator run on, was"
        f" {busy:.0%} busy (limit {limit:.0%}) while only {used:.0%} of the endpoint's CPU was"
        " used: the platform may have been the limit"
    )


def _errors(watched: Sequence[Watched], limit: float) -> str:
    ended = sum(w.invocations for w in watched)
    failed = sum(w.errors for w in watched)
    if not ended or failed <= limit * ended:
        return ""
    return f"{failed} of {ended} invocations failed, {failed / ended:.1%} (limit {limit:.0%})"


def _gap(watched: Sequence[Watched], began: int | None, limit_s: float) -> str:
    seconds = [w.second for w in watched]
    if began is not None:
        seconds = [began - 1, *seconds]
    gap = max((b - a - 1 for a, b in zip(seconds, seconds[1:], strict=False)), default=0)
    return f"metrics are missing for {gap} s (limit {limit_s:g} s)" if gap > limit_s else ""
