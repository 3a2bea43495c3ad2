"""How tests read on the page: their progress, why they stopped, how they were measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from recommender.loadtest.stop import StopReason
from recommender.models import JobStep
from recommender.statuses import PHASE_LABELS, TERMINAL, JobStatus, StepPhase

STOP_LABELS: Final[Mapping[str, str]] = {
    StopReason.PLATEAU: "Invocations levelled off",
    StopReason.LATENCY_THRESHOLD: "Latency threshold crossed",
    StopReason.TARGET_REACHED: "Target of invocations reached",
    StopReason.DURATION: "Maximum duration reached",
    StopReason.TRAFFIC_ENDED: "Traffic pattern ended",
    StopReason.USER_STOP: "Stopped by a user",
    StopReason.ERRORS: "Too many errors",
}
READING_LABELS: Final[Mapping[str, str]] = {
    "plateau": "At the beginning of the plateau",
    "inside_threshold": "In the last window inside the latency threshold",
    "target": "In the last window",
    "lower_bound": "In the last window, capacity not found",
    "nothing": "Nothing to read",
}
_MEASURED_LABELS: Final = {
    "cpu_model": "CPU",
    "cores": "Its cores, by number",
    "cpu_granted": "CPU granted (cores)",
    "memory_mib": "Memory granted",
    "generator_cpu_share": "Load generator, of its core",
    "platform_cpu_share": "Busiest of the platform's cores",
    "own_cpu_share": "Used by the test, of its cores",
    "foreign_cpu_share": "Used by others, of the test's cores",
    "steal_share": "Taken by the hypervisor",
    "shares_test": "Shares the measurement of test",
    "cpu_utilization_percent": "CpuUtilization at the reading",
    "memory_utilization_percent": "MemoryUtilization at the reading",
}
#: Said elsewhere in the panel.
_NOT_SHOWN: Final = frozenset({"attempt"})


@dataclass(frozen=True, slots=True)
class Shown:
    """One test in words and numbers; nothing here asks the database."""

    step: JobStep
    users: int | None
    invocations_per_minute: float | None
    latency_us: float | None
    elapsed_s: float
    planned_s: float

    @property
    def title(self) -> str:
        return self.step.endpoint_name if self.step.existing_endpoint else self.step.instance_type

    @property
    def environment(self) -> str:
        return ", ".join(f"{key}={value}" for key, value in sorted(self.step.environment.items()))

    @property
    def status(self) -> str:
        return "Invalid" if self.step.invalid_reason else self.step.status

    @property
    def is_over(self) -> bool:
        return self.step.status in TERMINAL

    @property
    def phase(self) -> str:
        step = self.step
        if step.shares_id and step.phase == StepPhase.WAITING:
            return f"Shares the measurement of test {step.shares.ordinal}" if step.shares else ""
        return PHASE_LABELS.get(step.phase, step.phase)

    @property
    def why(self) -> str:
        step = self.step
        label = STOP_LABELS.get(step.stop_reason, step.stop_reason)
        if step.status == JobStatus.STOPPED and step.traffic_started_at is None:
            # What ended the others is why this one never began.
            label = step.stop_detail[:1].upper() + step.stop_detail[1:] or label
        return self.reason or step.invalid_reason or label or step.stop_detail

    @property
    def reason(self) -> str:
        return in_short(self.step.failure_reason)


def in_short(reason: str) -> str:
    """Its first line: the log lines that may follow it are shown as such, below."""
    return reason.partition("\n")[0]


def shown(step: JobStep) -> Shown:
    live: Mapping[str, Any] = step.live or {}
    reading: Mapping[str, Any] = step.reading or {}
    numbers = reading if reading.get("invocations_per_minute") is not None else live
    if step.status in TERMINAL and step.status != JobStatus.COMPLETED:
        numbers = {}  # A number beside the reason would still be compared.
    return Shown(
        step=step,
        users=numbers.get("users"),
        invocations_per_minute=numbers.get("invocations_per_minute"),
        latency_us=numbers.get("model_latency_us", numbers.get("latency_us")),
        elapsed_s=float(live.get("elapsed_s") or 0),
        planned_s=float(live.get("planned_s") or 0),
    )


def result_pairs(one: Shown) -> list[dict[str, Any]]:
    step, reading = one.step, one.step.reading or {}
    kind = str(reading.get("kind") or "")
    return [
        {"label": "Status", "value": one.status, "status": True},
        {"label": "Phase", "value": one.phase},
        {
            "label": "Why it stopped",
            "value": STOP_LABELS.get(step.stop_reason, step.stop_reason),
            "hint": step.stop_detail,
        },
        {
            "label": "What was read",
            "value": READING_LABELS.get(kind, kind),
            "hint": reading.get("note") or "",
        },
        {"label": "Endpoint", "value": one.step.source.endpoint_name, "copy": True},
        {"label": "Environment", "value": one.environment},
        {"label": "Attempts", "value": one.step.source.attempt or ""},
    ]


def measured_pairs(step: JobStep) -> list[dict[str, Any]]:
    """How it was measured, in the order in which it was noted; new keys need no change here."""
    return [
        {"label": _MEASURED_LABELS.get(key, _words(key)), "value": _reads(key, value)}
        for key, value in step.measured.items()
        if value not in (None, "", []) and key not in _NOT_SHOWN
    ]


def _words(key: str) -> str:
    for suffix in ("_percent", "_share", "_mib", "_ms", "_s", "_us"):
        key = key.removesuffix(suffix)
    return key.replace("_", " ").capitalize()


def _reads(key: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if key.endswith("_percent"):
        return f"{value:.1f}%"
    if key.endswith(("_share", "scale")):
        return f"{value * 100:.1f}%"
    units = {"_mib": "MiB", "_ms": "ms", "_us": "us", "_s": "s"}
    unit = next((text for suffix, text in units.items() if key.endswith(suffix)), "")
    text = f"{value:,.4g}" if isinstance(value, float) else f"{value:,}"
    return f"{text} {unit}".strip()
