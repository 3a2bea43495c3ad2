"""What a job's own parameters must keep to: durations, numbers of tests, stopping conditions."""

from collections.abc import Iterator
from typing import Final

from recommender import candidates
from recommender.errors import FieldError
from recommender.request import JobRequest
from recommender.rules.traffic import Limit, total_seconds, within

PERCENTILES: Final = ("P95", "P99")
_LIMIT: Final = "InputConfig.ResourceLimit"
_STOPPING: Final = "StoppingConditions"


def problems(request: JobRequest, limit: Limit) -> Iterator[FieldError]:
    yield from _tests(request, limit)
    yield from _duration(request, limit)
    yield from _stopping(request, limit)


def tests_wanted(request: JobRequest) -> int:
    """How many tests the request asks for: the endpoint it brings counts as one."""
    return candidates.count(request.configurations) + bool(request.endpoint_name)


def _tests(request: JobRequest, limit: Limit) -> Iterator[FieldError]:
    most, parallel = limit("recommender.tests.max"), limit("recommender.parallel_tests.max")
    if request.max_tests is not None:
        yield from within(request.max_tests, f"{_LIMIT}.MaxNumberOfTests", 1, most)
    if request.max_parallel is not None:
        yield from within(request.max_parallel, f"{_LIMIT}.MaxParallelOfTests", 1, parallel)
    allowed = min(request.max_tests or most, most)
    wanted = tests_wanted(request)
    if wanted > allowed:
        yield FieldError(
            f"{_LIMIT}.MaxNumberOfTests",
            f"The endpoint configurations times their environment values make {wanted} tests,"
            f" while MaxNumberOfTests is {allowed:g}. Allow more tests or choose fewer values.",
        )


def _duration(request: JobRequest, limit: Limit) -> Iterator[FieldError]:
    most = limit("recommender.job_seconds.max")
    seconds = request.job_seconds
    field = "InputConfig.JobDurationInSeconds"
    if seconds is not None:
        yield from within(seconds, field, 1, most)
    pattern = request.traffic
    if request.is_default:
        pattern = candidates.default_traffic(candidates.TrafficLimits.of(limit))
    traffic = total_seconds(pattern)
    if traffic > (seconds or most):
        yield FieldError(
            field,
            "Total Traffic duration (across) should not be more than Job duration."
            f" The traffic lasts {traffic} seconds, the job {seconds or most:g}.",
        )


def _stopping(request: JobRequest, limit: Limit) -> Iterator[FieldError]:
    if request.max_invocations is not None:
        most = limit("recommender.max_invocations.max")
        yield from within(request.max_invocations, f"{_STOPPING}.MaxInvocations", 1, most)
    threshold = request.latency_threshold
    if threshold is None:
        return
    field = f"{_STOPPING}.ModelLatencyThresholds.0"
    percentile, milliseconds = threshold
    if percentile.upper() not in PERCENTILES:
        yield FieldError(
            f"{field}.Percentile", f"Percentile must be P95 or P99; {percentile} was given."
        )
    yield from within(milliseconds, f"{field}.ValueInMilliseconds", 1, None)
