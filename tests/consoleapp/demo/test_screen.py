"""What the demo shows must be readable in a terminal of the usual width."""

import io
from typing import Any

from rich.console import Console as Terminal

from consoleapp.demo.screen import Bars, ranking


def ranked(position: int, instance_type: str) -> dict[str, Any]:
    return {
        "position": position,
        "score": 0.888,
        "recommendation": {
            "instance_type": instance_type,
            "instance_count": 1,
            "max_invocations": 315_912,
            "model_latency_us": 11_350.0,
            "cost_per_hour_usd": 0.204,
            "cost_per_inference_usd": 1.08e-8,
            "cpu_utilization_percent": 136.0,
            "projected": True,
        },
    }


def step(ordinal: int, instance_type: str) -> dict[str, Any]:
    return {
        "ordinal": ordinal,
        "instance_type": instance_type,
        "status": "COMPLETED",
        "failure_reason": "",
        "invalid_reason": "",
        "shares_test": None,
        "stop_reason": "FlatInvocations",
        "stop_detail": "invocations levelled off at 78978 per minute with 24 users",
        "live": None,
    }


def test_the_ranking_tells_instance_types_apart_in_eighty_columns() -> None:
    terminal = Terminal(file=io.StringIO(), width=80)
    types = ("ml.c5.xlarge", "ml.c5.2xlarge")
    rows = [ranked(n, name) for n, name in enumerate(types, start=1)]
    ranking(terminal, {"scale": 0.25, "ranking": rows})
    shown = terminal.file.getvalue()  # type: ignore[attr-defined]
    for text in (*types, "315,912", "11.35 ms", "0.204", "0.0108", "136 %", "0.888"):
        assert text in shown


def test_the_bars_name_each_test_and_why_it_ended_in_eighty_columns() -> None:
    terminal = Terminal(file=io.StringIO(), width=80)
    bars = Bars(terminal)
    steps = [step(1, "ml.c5.xlarge"), step(2, "ml.c5.2xlarge")]
    with bars.progress:
        bars.show(steps)
    shown = terminal.file.getvalue()  # type: ignore[attr-defined]
    assert "ml.c5.xlarge " in shown
    assert "ml.c5.2xlarge" in shown
    assert "78978 per minute with 24 users" in " ".join(shown.split())
