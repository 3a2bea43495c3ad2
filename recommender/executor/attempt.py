"""One attempt at one load test: traffic, stop rules, live figures, then the result.

Runs in a load-test worker, for as long as the traffic lasts. Every write is fenced by the attempt.
"""

import json
import logging
import time
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings

from consoleapp.metrics.emit import Emitter
from endpoints import queries as endpoint_queries
from endpoints.models import Endpoint
from recommender import joblog, lifecycle, payloads, preflight, queries, wake
from recommender.errors import AttemptFenced, AttemptLost, TestFailed
from recommender.executor import conclude, lease, outcome, temporary
from recommender.executor.cores import Watch, generator_cores
from recommender.executor.crew import Crew
from recommender.executor.lease import Lease
from recommender.executor.observe import Observer
from recommender.executor.run import Run
from recommender.executor.samples import Series
from recommender.loadtest import traffic, window
from recommender.loadtest.report import SecondReport
from recommender.loadtest.spec import LoadSpec
from recommender.loadtest.stop import Stop, StopReason, StopRules, decide
from recommender.models import JobStep
from recommender.plan import DEFAULT_ROUND_TRIP_MS, Plan
from recommender.statuses import StepPhase

log = logging.getLogger(__name__)

_POLL_S: Final = 0.25
#: From the end of the traffic until the store has all of it.
SETTLE_S: Final = 3.0


def run(step_pk: int, attempt_id: str) -> None:
    """Does nothing when the test is not this attempt's (any more)."""
    step = lease.take(step_pk, attempt_id)
    if step is None:
        return
    hold = Lease(step)
    try:
        _attempt(step, hold)
    except AttemptFenced:
        log.info("%s: attempt %s ends, another has the test", step, attempt_id)
    except TestFailed as failed:
        outcome.fail(step, failed)
    except AttemptLost as lost:
        joblog.execution(step.job, f"{outcome.title(step)}: attempt lost: {lost}")
        hold.expire(str(lost))
        wake.job(step.job_id)
    except Exception:
        log.exception("%s: attempt %s broke", step, attempt_id)
        hold.expire("an internal error; the console's log has the details")
        wake.job(step.job_id)


def _attempt(step: JobStep, hold: Lease) -> None:
    current = _prepare(step, hold)
    _drive(current)
    if not lifecycle.move(step, StepPhase.READING, traffic_ended_at=_now()):
        raise AttemptFenced(str(step))
    if current.stop is not None and current.stop.reason is not StopReason.USER_STOP:
        _settle(current)
    conclude.conclude(current)


def _prepare(step: JobStep, hold: Lease) -> Run:
    job = step.job
    plan = queries.plan_of(job)
    endpoint = temporary.find(job, step.endpoint_name)
    variant = endpoint_queries.variants(endpoint).first() if endpoint else None
    if endpoint is None or variant is None:
        raise TestFailed(f"The endpoint {step.endpoint_name} is gone.")
    instances = list(variant.instances.all())
    return Run(
        step=step,
        plan=plan,
        endpoint=endpoint,
        variant=variant,
        instances=instances,
        rules=_rules(step, plan, endpoint),
        observer=Observer(job, step.endpoint_name, variant.name),
        lease=hold,
        watch=Watch(endpoint, instances),
    )


def _rules(step: JobStep, plan: Plan, endpoint: Endpoint) -> StopRules:
    """An endpoint that the job brought is measured as it is."""
    return StopRules.from_aws(
        step.job.request.get("StoppingConditions"),
        duration_s=float(plan.job_seconds),
        traffic_s=float(traffic.from_aws(plan.traffic).duration_s),
        scale=1.0 if step.existing_endpoint else endpoint.scale,
    )


def _spec(current: Run) -> LoadSpec:
    step, plan = current.step, current.plan
    files = payloads.ensure(step.job, plan.payload_url)
    return LoadSpec(
        url=settings.GATEWAY_URL + preflight.invocation_path(step.endpoint_name),
        traffic=plan.traffic,
        payloads=tuple(str(path) for path in files),
        content_type=plan.content_type,
        headers=preflight.invocation_headers(step.job, plan),
        round_trip_ms=float(step.job.options.get("round_trip_ms", DEFAULT_ROUND_TRIP_MS)),
        cores=generator_cores(),
    )


def _drive(current: Run) -> None:
    """Until something stops the test. Sets `stop`; raises when the attempt is lost."""
    step = current.step
    spec = _spec(current)
    series = Series(
        account=step.job.team.account_id,
        region=step.job.region,
        job_name=step.job.name,
        endpoint_name=step.endpoint_name,
    )
    token = settings.INGEST_TOKEN
    with (
        Emitter(settings.INGEST_ADDRESS, token) as emitter,
        Crew(spec, step_pk=step.pk, attempt_id=step.attempt_id) as crew,
    ):
        _announce(current, crew)
        look_at = 0.0
        while current.stop is None:
            news = crew.poll(_POLL_S)
            _hear(current, news, emitter, series)
            if news or time.monotonic() >= look_at:
                look_at = time.monotonic() + 1.0
                current.stop = _decide(current, crew)
            current.lease.renew(live=_live(current))
        joblog.test(
            step.job,
            step.endpoint_name,
            f"Load test stopped: {current.stop.reason} ({current.stop.detail}).",
        )
        _hear(current, crew.stop(), emitter, series)


def _announce(current: Run, crew: Crew) -> None:
    step = current.step
    started = datetime.fromtimestamp(crew.start_at, UTC)
    lifecycle.write(step, traffic_started_at=started)
    step.traffic_started_at = started
    joblog.test(
        step.job,
        step.endpoint_name,
        f"Load test attempt {step.attempt}: {json.dumps(dict(current.plan.traffic))},"
        f" {crew.shares} generator(s), scale {current.endpoint.scale:g}.",
    )


def _hear(current: Run, reports: list[SecondReport], emitter: Emitter, series: Series) -> None:
    current.observer.heard(reports)
    current.reports += reports
    for report in reports:
        emitter.send(series.samples(report))
    current.watch.sample([report.second for report in reports])


def _decide(current: Run, crew: Crew) -> Stop | None:
    current.seen = current.observer.seen()
    if lease.stop_wanted(current.step):
        return Stop(StopReason.USER_STOP, "stopped by the user")
    if current.observer.gap():
        raise AttemptLost("the gateway's metrics were silent for more than 3 s")
    found = decide(current.seen, current.rules, time.time())
    if found is None and crew.ended:
        seconds = current.rules.traffic_s or 0.0
        return Stop(StopReason.TRAFFIC_ENDED, f"the traffic pattern of {seconds:g} s ended")
    return found


def _live(current: Run) -> dict[str, Any]:
    """The figures of the last window, for pages."""
    latest = current.reports[-1] if current.reports else None
    last = window.trailing(current.seen, len(current.seen) - 1) if current.seen else []
    latency = window.latency_us(last, current.rules.percentile)
    return {
        "elapsed_s": round(latest.elapsed_s) if latest else 0,
        "planned_s": round(current.rules.traffic_s or 0),
        "users": latest.users if latest else 0,
        "invocations_per_minute": round(window.rate_per_minute(last)),
        "latency_us": None if latency is None else round(latency),
        "errors": latest.failed if latest else 0,
    }


def _settle(current: Run) -> None:
    deadline = time.monotonic() + SETTLE_S
    while time.monotonic() < deadline:
        current.lease.renew()
        time.sleep(_POLL_S)


def _now() -> datetime:
    return datetime.now(UTC)
