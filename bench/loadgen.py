"""The load generator against wrk, hey and Locust: see bench/README.md."""

import argparse
import contextlib
import statistics
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.harness import load_tools, rows, tools
from bench.harness.cpu import Watch
from bench.harness.load_tools import Load, Outcome
from bench.harness.pinned import free_port, pinned
from bench.harness.rows import Spread
from recommender.loadtest import machine

TOOL_CORE, TARGET_CORE = 0, 1
DELAY_MS = 10
#: More of the target's core than this in others' hands, and latencies are theirs as well.
QUIET_BELOW = 0.05
TOOLS: dict[str, Callable[[Load], Outcome]] = {
    "ours": load_tools.ours,
    "wrk": load_tools.by_wrk,
    "hey": load_tools.by_hey,
    "locust": load_tools.by_locust,
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One tool's run, with the shares of the target's core used by the target and by others, and
    how long the target's own record says that its answers took on the wire (p50, p99)."""

    outcome: Outcome
    target: float
    others: float
    wire_us: tuple[float, float]

    @property
    def per_cpu_s(self) -> float:
        return self.outcome.rate / self.outcome.cpu


#: One dictionary a round: the tools run one after the other, so a ratio within it is of one time.
Rounds = list[dict[str, Measured]]


@contextlib.contextmanager
def target(delay_ms: int = 0) -> Iterator[tuple[str, int]]:
    program = load_tools.compiled(load_tools.TARGETS / "fast.c")
    port = free_port()
    command = [str(program), str(port), str(1000 * delay_ms)]
    with pinned(command, cores=[TARGET_CORE], port=port) as process:
        yield f"http://127.0.0.1:{port}/invocations", process.pid


def measure(at: tuple[str, int], users: int, runs: int, seconds: int) -> Rounds:
    url, pid = at
    found: Rounds = []
    for number in range(runs):
        found.append({})
        for name, tool in TOOLS.items():
            print(f"  {number + 1}/{runs} {name:10}", end="\r", file=sys.stderr, flush=True)
            record(url)
            with Watch({"target": [pid]}, cores=[TARGET_CORE]) as watch:
                outcome = tool(Load(url, users, seconds, TOOL_CORE))
            wire = record(url)
            used, core = watch.used.of_processes["target"], watch.used.of_cores[TARGET_CORE]
            # An idle target uses nothing, so all it used falls into the seconds of load.
            target_share = used * watch.used.seconds / seconds
            found[-1][name] = Measured(outcome, target_share, max(0.0, core - used), wire)
    return found


def record(url: str) -> tuple[float, float]:
    """p50 and p99 of what was answered since the last record; see targets/fast.c."""
    address, _, _ = url.rpartition("/")
    with urllib.request.urlopen(f"{address}/record") as answer:
        _, middle, late = map(float, answer.read().split())
    return middle, late


def values(rounds: Rounds, name: str, of: Callable[[Measured], float]) -> list[float]:
    return [of(each[name]) for each in rounds]


def rate(one: Measured) -> float:
    return one.outcome.rate


def per_cpu_s(one: Measured) -> float:
    return one.per_cpu_s


def p50(one: Measured) -> float:
    return one.outcome.p50_us


def p99(one: Measured) -> float:
    return one.outcome.p99_us


def p50_beyond(one: Measured) -> float:
    return one.outcome.p50_us / one.wire_us[0]


def p99_beyond(one: Measured) -> float:
    return one.outcome.p99_us / one.wire_us[1]


def table(rounds: Rounds, *, saturating: bool) -> None:
    for name in TOOLS:
        tool, target = shares(rounds, name)
        rates = Spread.of(values(rounds, name, rate))
        efficiency = statistics.median(values(rounds, name, per_cpu_s))
        latency = [statistics.median(values(rounds, name, of)) / 1e3 for of in (p50, p99)]
        why = objection(rounds, name, saturating=saturating)
        print(
            f"{name:8}{rates} req/s {efficiency:10,.0f} per CPU-s  p50 {latency[0]:6.2f} "
            f"p99 {latency[1]:6.2f} ms{_on_the_wire(rounds, name)}"
            f"  [tool {tool:4.0%}, target {target:4.0%}]"
            f"{'  DOES NOT COUNT: ' + why if why else ''}"
        )


def _on_the_wire(rounds: Rounds, name: str) -> str:
    p50_ms, p99_ms = (
        statistics.median(values(rounds, name, lambda one, which=which: one.wire_us[which])) / 1e3
        for which in (0, 1)
    )
    return f" (on the wire {p50_ms:.2f} and {p99_ms:.2f})" if p50_ms else ""


def shares(rounds: Rounds, name: str) -> tuple[float, float]:
    tool = statistics.median(values(rounds, name, lambda one: one.outcome.cpu))
    return tool, statistics.median(values(rounds, name, lambda one: one.target))


def objection(rounds: Rounds, name: str, *, saturating: bool) -> str:
    tool, target = shares(rounds, name)
    if sum(each[name].outcome.errors for each in rounds):
        return "errors"
    others = statistics.median(values(rounds, name, lambda one: one.others))
    if others > QUIET_BELOW:
        return f"others used {others:.0%} of the target's core"
    if target >= rows.OTHER_BELOW:
        return f"the target used {target:.0%} of its core"
    if saturating and tool < rows.PART_AT_LEAST:
        return f"the tool used {tool:.0%} of its core: someone else used it"
    return ""


def ratio(
    text: str,
    rounds: Rounds,
    pair: tuple[str, str],
    of: Callable[[Measured], float],
    *,
    saturating: bool,
    within: tuple[float, float],
) -> None:
    mine, theirs = pair
    spread = Spread.of([of(each[mine]) / of(each[theirs]) for each in rounds])
    counts = not any(objection(rounds, name, saturating=saturating) for name in pair)
    met = within[0] <= spread.median <= within[1]
    verdict = ("met" if met else "MISSED") if counts else "not judged"
    wanted = f">= {within[0]:g}" if within[1] == INFINITE else f"{within[0]:g} .. {within[1]:g}"
    print(
        f"{text:46} {spread.median:6.3f} ({spread.low:.3f} .. {spread.high:.3f})"
        f"  target {wanted}: {verdict}"
    )


INFINITE = float("inf")


def saturation(runs: int, seconds: int) -> None:
    print("\n64 users at saturation, against a target that answers at once")
    with target() as at:
        rounds = measure(at, 64, runs, seconds)
    table(rounds, saturating=True)
    for rival, least in (("wrk", 0.9), ("hey", 1.0), ("locust", 9.0)):
        pair, within = ("ours", rival), (least, INFINITE)
        ratio(f"rate, ours / {rival}", rounds, pair, rate, saturating=True, within=within)
    print("the same per CPU-second of the tool, which other work on its core disturbs less:")
    for rival, least in (("wrk", 0.9), ("hey", 1.0), ("locust", 9.0)):
        pair, within = ("ours", rival), (least, INFINITE)
        ratio(
            f"requests per CPU-second, ours / {rival}",
            *(rounds, pair, per_cpu_s),
            saturating=False,
            within=within,
        )


def known_delay(runs: int, seconds: int) -> None:
    print(f"\n200 users against a target of {DELAY_MS} ms")
    with target(DELAY_MS) as at:
        rounds = measure(at, 200, runs, seconds)
    table(rounds, saturating=False)
    pair = ("ours", "wrk")
    for text, of, within in (
        ("requests per CPU-second, ours / wrk", per_cpu_s, (0.8, INFINITE)),
        ("reported p50, ours / wrk", p50, (0.98, 1.02)),
        ("reported p99, ours / wrk", p99, (0.95, 1.05)),
    ):
        ratio(text, rounds, pair, of, saturating=False, within=within)
    print("beside the target's own record of the same answers, for each tool:")
    for name in TOOLS:
        for text, beyond, most in (("p50", p50_beyond, 1.02), ("p99", p99_beyond, 1.05)):
            spread = Spread.of(values(rounds, name, beyond))
            print(f"reported {text} / on the wire, {name:29} {spread.median:6.3f}", end="  ")
            print(f"({spread.low:.3f} .. {spread.high:.3f})  within {most:g}: ", end="")
            print("yes" if 2 - most <= spread.median <= most else "no")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short run of each")
    given = parser.parse_args()
    tools.require("wrk", "hey", "taskset", "cc")
    load_tools.locust()
    runs, seconds = (1, 3) if given.quick else (rows.RUNS, 5)
    print(machine.describe())
    print(f"median of {runs} run(s) of {seconds} s each, (least .. most)")
    saturation(runs, seconds)
    known_delay(runs, seconds)


if __name__ == "__main__":
    main()
