"""From a test whose traffic has ended to its result: reading, utilisation, validity, one write."""

from typing import Any

from django.db import transaction

from endpoints import capacity
from recommender import joblog
from recommender.errors import AttemptFenced, AttemptLost, TestFailed
from recommender.executor import outcome
from recommender.executor.run import Run
from recommender.loadtest.reading import Reading, read
from recommender.loadtest.report import ErrorSample
from recommender.loadtest.stop import SecondSeen, Stop, StopReason
from recommender.loadtest.window import WINDOW_S
from recommender.models import JobStep
from recommender.preflight import NotRouted, read_answer
from recommender.statuses import JobStatus


def conclude(current: Run) -> None:
    """Writes the result, fenced by the attempt. Raises AttemptFenced when it is another's now,
    AttemptLost when the store has no end of it."""
    stop = current.stop
    assert stop is not None, "the traffic ended for a reason"
    step = current.step
    if stop.reason is StopReason.USER_STOP:
        _must(outcome.stop(step, stop.reason, stop.detail), step)
        return
    seen = _judged(current, stop)
    if current.observer.gap():
        raise AttemptLost("the store lacks more than 3 s of the gateway's metrics")
    reading = read(seen, current.rules, stop) if seen else None
    columns: dict[str, Any] = {
        "stop_reason": stop.reason.value,
        "stop_detail": stop.detail,
        "reading": reading.as_dict() if reading else None,
        "measured": _measured(current, reading),
    }
    if reading is None or not reading.usable:
        _fail(current, reading, columns)
        return
    invalid = current.watch.judge(current.reports, current.observer.present(), reading.second)
    if invalid:
        _invalid(current, "; ".join(invalid), columns)
    else:
        _complete(step, columns)


def _judged(current: Run, stop: Stop) -> list[SecondSeen]:
    """The seconds the stop was decided on, read anew; all of them where the traffic just ended."""
    whole = current.observer.everything()
    if stop.reason in (StopReason.TRAFFIC_ENDED, StopReason.DURATION) or not current.seen:
        return whole
    last = current.seen[-1].second
    return [second for second in whole if second.second <= last]


def _complete(step: JobStep, columns: dict[str, Any]) -> None:
    with transaction.atomic():
        _must(outcome.end(step, JobStatus.COMPLETED, **columns), step)
        outcome.recommend(step)
    joblog.execution(
        step.job, f"{outcome.title(step)} completed: {step.stop_reason}, {step.stop_detail}."
    )


def _invalid(current: Run, reason: str, columns: dict[str, Any]) -> None:
    """Kept with its reason and its figures, never recommended: invalid is not slow."""
    step, refused = current.step, any(report.error_samples for report in current.reports)
    detail = _detail(current) if refused else {}
    failed = TestFailed(f"The measurement is invalid: {reason}.", detail)
    _must(outcome.fail(step, failed, invalid_reason=reason, **columns), step)


def _fail(current: Run, reading: Reading | None, columns: dict[str, Any]) -> None:
    step = current.step
    note = reading.note if reading else "no full second was measured"
    failed = TestFailed(f"{columns['stop_detail']}: {note}", _detail(current))
    _must(outcome.fail(step, failed, **columns), step)


def _detail(current: Run) -> dict[str, Any]:
    """What the container answered, as the users heard it."""
    lines = joblog.container_tail(current.step.job, current.step.endpoint_name)
    samples = [sample for report in reversed(current.reports) for sample in report.error_samples]
    if not samples:
        return {"log_lines": lines}
    status, answer = _answer(samples[0])
    return {
        "payload": samples[0].payload,
        "status": status,
        "answer": answer,
        "log_lines": lines,
    }


def _answer(sample: ErrorSample) -> tuple[int, str]:
    """The container's own status and words, out of AWS's envelope where there is one."""
    headers = {name.lower(): value for name, value in sample.headers.items()}
    try:
        answer = read_answer(
            sample.status, headers.get("x-amzn-errortype", ""), sample.answer.encode()
        )
    except NotRouted as said:
        return sample.status, str(said)
    return answer.status, answer.text


def _measured(current: Run, reading: Reading | None) -> dict[str, Any]:
    """How it was measured: what a reader needs to judge the figures by."""
    machine = capacity.machine()
    instance = current.instances[0] if current.instances else None
    found: dict[str, Any] = {
        "cpu_model": machine.cpu_model,
        "scale": current.endpoint.scale,
        "instances": len(current.instances),
        "cores": list(instance.cores) if instance else [],
        "cpu_granted": instance.cpu_granted if instance else None,
        "memory_mib": instance.memory_mib if instance else None,
        "attempt": current.step.attempt,
        **current.watch.summary(current.reports),
    }
    if reading is not None and reading.second is not None:
        found |= _utilisation(current, reading.second)
    return found


def _utilisation(current: Run, second: int) -> dict[str, float | None]:
    """Over the window that was read."""
    start, end = second - WINDOW_S + 1, second + 1
    return {
        "cpu_utilization_percent": current.observer.average("CPUUtilization", start, end),
        "memory_utilization_percent": current.observer.average("MemoryUtilization", start, end),
    }


def _must(written: bool, step: JobStep) -> None:
    if not written:
        raise AttemptFenced(str(step))
