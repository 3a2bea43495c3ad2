"""The charts of a job as JSON figures. Every number comes out of the metrics store."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse, JsonResponse

from consoleapp.accounts.access import AuthedRequest, console_page
from consoleapp.accounts.errors import NotFound
from consoleapp.metrics import queries as metrics
from consoleapp.metrics.retention import SECONDS_KEPT_S
from recommender import charts, queries, scoring
from recommender.charts import Figure, Line, Mark, Spot
from recommender.loadtest.window import WINDOW_S
from recommender.models import Job, JobStep, Recommendation
from recommender.request import JobRequest
from recommender.statuses import TERMINAL
from recommender.views.job import importance_of

_INVOCATIONS: Final = "AWS/SageMaker"
_INSTANCES: Final = "/aws/sagemaker/Endpoints"
_LOAD_TESTS: Final = "/aws/sagemaker/InferenceRecommendationsJobs"
_READ_TEXTS: Final = {"plateau": "levels off", "lower_bound": "lower bound"}
#: A longer test is drawn with fewer, longer periods: about this many points at most.
_MOST_POINTS: Final = 900


@console_page("GET")
def chart(request: AuthedRequest, name: str, ordinal: int, metric: str) -> HttpResponse:
    job = queries.job(request.actor, name)
    step = queries.step(job, ordinal)
    if metric not in _FIGURES:
        raise NotFound("There is no such chart.")
    return JsonResponse(_FIGURES[metric](_Window.of(job, step)))


@console_page("GET")
def trade_off(request: AuthedRequest, name: str) -> HttpResponse:
    job = queries.job(request.actor, name)
    by_hour = queries.has_target(job)
    rows = queries.recommendations(job)
    spots = []
    for one in scoring.rank(rows, importance_of(request), by_hour=by_hour):
        row = one.row
        cost = row.cost_per_hour_usd if by_hour else row.cost_per_inference_usd
        if cost is not None:
            latency, most = row.model_latency_us / 1000, row.max_invocations
            best = one.position == 1
            shown = cost if by_hour else cost * 1e6
            spots.append(Spot(_label(row), shown, latency, most, one.on_front, best))
    text = "US dollars per hour" if by_hour else "US dollars per million inferences"
    return JsonResponse(charts.trade_off(spots, cost=text))


def _label(row: Recommendation) -> str:
    """A type may be there once for each environment."""
    count = f" × {row.instance_count}" if row.instance_count > 1 else ""
    pairs = "".join(f", {key}={value}" for key, value in sorted(row.environment.items()))
    return f"{row.instance_type}{count}{pairs}"


@dataclass(frozen=True, slots=True)
class _Window:
    """A test's series between the first and the last second of its traffic."""

    job: Job
    #: The test itself; its traffic may be another's, which it shares.
    step: JobStep
    dimensions: Mapping[str, str]
    start: int
    end: int
    period_s: int
    live: bool

    @classmethod
    def of(cls, job: Job, step: JobStep) -> "_Window":
        source = step.source
        now = int(time.time()) + 1
        began, ended = source.traffic_started_at, source.traffic_ended_at
        start = int(began.timestamp()) if began else now
        end = int(ended.timestamp()) + 1 if ended else now
        old = start < now - SECONDS_KEPT_S
        return cls(
            job=job,
            step=step,
            dimensions=_dimensions(job, source.endpoint_name),
            start=start,
            end=max(end, start),
            period_s=60 if old else max(1, (end - start) // _MOST_POINTS),
            live=step.status not in TERMINAL,
        )

    def read(
        self, namespace: str, name: str, statistics: Sequence[str], period_s: int | None = None
    ) -> list[metrics.Point]:
        dimensions = self.dimensions
        if namespace == _LOAD_TESTS:
            endpoint = self.dimensions.get("EndpointName", "")
            dimensions = {"JobName": self.job.name, "EndpointName": endpoint}
        return metrics.points(
            self.job.team.account_id,
            self.job.region,
            namespace,
            name,
            dimensions,
            self.start,
            self.end,
            max(period_s or 1, self.period_s),
            statistics,
        )


def _dimensions(job: Job, endpoint_name: str) -> Mapping[str, str]:
    """With the variant's name, also once the endpoint is gone."""
    wanted = {"EndpointName": endpoint_name}
    account = job.team.account_id
    known = metrics.list_series(account, job.region, _INVOCATIONS, "Invocations", wanted)
    return known[0].dimensions if known else wanted


def _invocations(window: _Window) -> Figure:
    rate = Line("Invocations", _rates(window), 1, "per minute")
    users = window.read(_LOAD_TESTS, "NumberOfUsers", ("Maximum",))
    overlay = Line("Users", _values(window, users, "Maximum"), 5, "users")
    return charts.invocations(rate, overlay, mark=_mark(window.step), live=window.live)


def _rates(window: _Window) -> charts.Series:
    """Per minute, from the trailing window that the reading uses, where seconds are kept."""
    points = window.read(_INVOCATIONS, "Invocations", ("Sum",))
    if window.period_s > 1:
        return [
            (second, None if value is None else value * 60 / window.period_s)
            for second, value in _values(window, points, "Sum")
        ]
    sums = {point.second: point.values["Sum"] or 0.0 for point in points}
    rates: list[tuple[int, float | None]] = []
    for second in range(window.start, min(window.end, max(sums, default=0) + 1)):
        seen = [sums[s] for s in range(second - WINDOW_S + 1, second + 1) if s in sums]
        rates.append((second, 60 * sum(seen) / len(seen) if second in sums and seen else None))
    return rates


def _mark(step: JobStep) -> Mark | None:
    reading = step.reading or {}
    second, rate = reading.get("second"), reading.get("invocations_per_minute")
    if second is None or rate is None or step.invalid_reason:
        return None
    text = _READ_TEXTS.get(str(reading.get("kind")), "read here")
    return Mark(int(second), float(rate), f"{text}: {rate:,.0f} per minute")


def _latency(window: _Window) -> Figure:
    threshold = JobRequest(window.job.request).latency_threshold
    milliseconds = float(threshold[1]) if threshold else None
    drawn = charts.latency_percentiles(queries.latency_percentile(window.job))
    return _percentiles(window, "ModelLatency", drawn, threshold=milliseconds)


def _overhead(window: _Window) -> Figure:
    return _percentiles(window, "OverheadLatency", charts.PERCENTILES)


def _percentiles(
    window: _Window, name: str, drawn: tuple[str, ...], *, threshold: float | None = None
) -> Figure:
    points = window.read(_INVOCATIONS, name, drawn, period_s=5)
    lines = [
        Line(p, _values(window, points, p, factor=1 / 1000, period_s=5), colour, "ms")
        for colour, p in zip((3, 1, 2), drawn, strict=True)
    ]
    return charts.lines(lines, unit="ms", threshold=threshold, live=window.live)


def _errors(window: _Window) -> Figure:
    lines = []
    kinds = (
        ("4XX", _INVOCATIONS, "Invocation4XXErrors", 5),
        ("5XX", _INVOCATIONS, "Invocation5XXErrors", 2),
        ("Model", _INVOCATIONS, "InvocationModelErrors", 7),
        ("Client", _LOAD_TESTS, "ClientInvocationErrors", 4),
    )
    for label, namespace, name, colour in kinds:
        period = max(5, window.period_s)
        points = window.read(namespace, name, ("Sum",), period_s=period)
        values = _values(window, points, "Sum", factor=60 / period, period_s=period)
        lines.append(Line(label, values, colour, "per minute"))
    return charts.lines(lines, unit="per minute", live=window.live)


def _cpu(window: _Window) -> Figure:
    return _utilization(window, "CPUUtilization", "CPU", 4)


def _memory(window: _Window) -> Figure:
    return _utilization(window, "MemoryUtilization", "Memory", 6)


def _utilization(window: _Window, name: str, label: str, colour: int) -> Figure:
    points = window.read(_INSTANCES, name, ("Average",))
    values = _values(window, points, "Average")
    return charts.lines([Line(label, values, colour, "%")], unit="%", live=window.live)


def _values(
    window: _Window,
    points: Sequence[metrics.Point],
    statistic: str,
    *,
    factor: float = 1.0,
    period_s: int = 1,
) -> charts.Series:
    """Every period between the first and the last: one without samples is a gap, not a line."""
    known = {point.second: point.values[statistic] for point in points}
    if not known:
        return []
    step = max(period_s, window.period_s)
    seconds = range(min(known), max(known) + 1, step)
    return [(s, None if (v := known.get(s)) is None else v * factor) for s in seconds]


_FIGURES: Final[dict[str, Callable[[_Window], Any]]] = {
    "invocations": _invocations,
    "latency": _latency,
    "overhead": _overhead,
    "errors": _errors,
    "cpu": _cpu,
    "memory": _memory,
}
