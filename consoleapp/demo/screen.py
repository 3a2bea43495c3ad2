"""The demo's terminal: a live bar per test, then the ranking."""

from collections.abc import Mapping
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console as Terminal
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

_FINISHED: Final = {"COMPLETED", "FAILED", "STOPPED"}


class Bars:
    """A bar for each test of a job; `show` takes the steps as REST tells them."""

    def __init__(self, terminal: Terminal) -> None:
        # In a narrow terminal what is told folds; it is never cut, and the name is never.
        self.progress = Progress(
            TextColumn("{task.description}", table_column=Column(no_wrap=True, min_width=15)),
            BarColumn(bar_width=12),
            TimeElapsedColumn(table_column=Column(no_wrap=True, min_width=7)),
            TextColumn("{task.fields[told]}", table_column=Column(overflow="fold")),
            console=terminal,
        )
        self._bars: dict[int, TaskID] = {}

    def show(self, steps: list[Mapping[str, Any]]) -> None:
        for step in steps:
            bar = self._bars.get(step["ordinal"])
            if bar is None:
                bar = self.progress.add_task(step["instance_type"], total=100, told="")
                self._bars[step["ordinal"]] = bar
            done = step["status"] in _FINISHED
            self.progress.update(bar, completed=100 if done else _percent(step), told=_told(step))
            if done:
                self.progress.stop_task(bar)


def ranking(terminal: Terminal, answer: Mapping[str, Any]) -> None:
    """The table of recommendations, best first, and how they were measured."""
    # Eighty columns hold it: names cut short would read alike.
    table = Table(
        title="Recommendations, best first: MaxInvocations, ModelLatency, cost",
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for heading in ("", "Instance type", "Count"):
        table.add_column(heading)
    for heading in ("Max/min", "Latency", "$/hour", "$/million", "CPU", "Score"):
        table.add_column(heading, justify="right")
    for column in table.columns:
        column.no_wrap = True
    for ranked in answer["ranking"]:
        table.add_row(*_row(ranked))
    terminal.print(table)
    if any(each["recommendation"]["projected"] for each in answer["ranking"]):
        terminal.print(
            f"Measured at scale {answer['scale']:g}: throughput and cost are projected,"
            " latency is an upper bound.",
            style="yellow",
        )


def _row(ranked: Mapping[str, Any]) -> tuple[str, ...]:
    row = ranked["recommendation"]
    per_inference = row["cost_per_inference_usd"]
    return (
        str(ranked["position"] or "-"),
        row["instance_type"],
        str(row["instance_count"]),
        f"{row['max_invocations']:,}",
        f"{row['model_latency_us'] / 1000:.2f} ms",
        _known(row["cost_per_hour_usd"], "{:.3f}"),
        _known(per_inference and per_inference * 1e6, "{:.4f}"),
        _known(row["cpu_utilization_percent"], "{:.0f} %"),
        _known(ranked["score"], "{:.3f}"),
    )


def _known(value: float | None, form: str) -> str:
    return "unknown" if value is None else form.format(value)


def _percent(step: Mapping[str, Any]) -> float:
    live = step["live"] or {}
    planned = live.get("planned_s") or 0
    return min(99.0, 100.0 * live.get("elapsed_s", 0) / planned) if planned else 0.0


def _told(step: Mapping[str, Any]) -> str:
    if step["failure_reason"] or step["invalid_reason"]:
        return f"[red]{step['failure_reason'] or step['invalid_reason']}"
    if step["shares_test"] is not None:
        return f"shares the measurement of test {step['shares_test']}: same grant"
    if step["status"] in _FINISHED:
        return f"[green]{step['stop_reason']}[/] {step['stop_detail']}"
    live = step["live"] or {}
    if step["phase"] != "running" or not live:
        return str(step["phase_label"])
    latency = live.get("latency_us")
    shown = f"{latency / 1000:.2f} ms" if latency else "-"
    return f"{live['users']} users, {live['invocations_per_minute']:,}/min, {shown}"
