"""What the A/B story shows in a terminal: steps, traffic splits, and the evaluation."""

import math
from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console as Terminal
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table

from consoleapp.abtest.story import Split

#: Two-sided 99.9 % of a normal distribution.
_Z: Final = 3.290527
_MEASURES: Final = {
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "auc": "ROC AUC",
}


class Screen:
    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self._step = 0

    def step(self, text: str) -> None:
        self._step += 1
        self.terminal.print(f"\n[bold]{self._step}. {text}[/]")

    def say(self, text: str) -> None:
        self.terminal.print(f"   {text}", soft_wrap=True, highlight=False)

    def split(self, split: Split, *, by_weight: bool = True) -> None:
        """Answers per variant beside what the weights promise and what CloudWatch counted."""
        table = Table()
        for heading in ("Variant", "Weight", "Expected", "Answered", "Share", "CloudWatch, all"):
            table.add_column(heading, justify="left" if heading == "Variant" else "right")
        total = sum(split.answered.values())
        whole = sum(split.weights.values())
        for name, weight in split.weights.items():
            answered = split.answered.get(name, 0)
            table.add_row(
                name,
                f"{weight:g}",
                _bounds(weight / whole, total) if by_weight else "-",
                f"{answered:,}",
                f"{answered / total:.1%}",
                f"{split.counted[name]:,}",
            )
        self.terminal.print(table)

    def evaluation(self, found: Mapping[str, Any]) -> None:
        table = Table()
        table.add_column("Measure")
        for result in found["results"]:
            table.add_column(result["variant"], justify="right")
        for measure, name in _MEASURES.items():
            table.add_row(name, *(_estimate(one["figures"][measure]) for one in found["results"]))
        for cell in ("true_positives", "false_positives", "false_negatives", "true_negatives"):
            name = cell.replace("_", " ").capitalize()
            table.add_row(name, *(str(one["confusion"][cell]) for one in found["results"]))
        self.terminal.print(table)
        self.say(f"[bold]{found['verdict']['headline']}[/]")
        for sentence in found["verdict"]["sentences"]:
            self.say(sentence)


class Bars:
    """A bar for each variant of an evaluation, as REST tells it."""

    def __init__(self, terminal: Terminal) -> None:
        columns = (TextColumn("   {task.description}"), BarColumn(28), MofNCompleteColumn())
        self.progress = Progress(*columns, console=terminal)
        self._bars: dict[str, TaskID] = {}

    def show(self, found: Mapping[str, Any]) -> None:
        for result in found["results"]:
            name = result["variant"]
            if name not in self._bars:
                self._bars[name] = self.progress.add_task(name, total=found["rows"])
            self.progress.update(self._bars[name], completed=result["rows_done"])


def _bounds(share: float, total: int) -> str:
    """99.9 % of samples of this size fall in here."""
    half = _Z * math.sqrt(share * (1 - share) / total)
    if half == 0:
        return f"{share:.0%}"
    return f"{max(0.0, share - half):.1%} to {min(1.0, share + half):.1%}"


def _estimate(figure: Mapping[str, float | None]) -> str:
    value, low, high = figure["value"], figure["low"], figure["high"]
    if value is None:
        return "-"
    return f"{value:.4f}" if low is None else f"{value:.4f}  ({low:.4f} to {high:.4f})"
