"""The job's own log streams: `<job>/execution`, and `<job>/Endpoint/<endpoint>` for each test."""

from typing import Final

from consoleapp.metrics import logs
from recommender.models import Job

GROUP: Final = "/aws/sagemaker/InferenceRecommendationsJobs"
ENDPOINTS_GROUP: Final = "/aws/sagemaker/Endpoints"
#: How much of a container's log a failure shows.
TAIL_LINES: Final = 20


def execution(job: Job, message: str) -> None:
    _append(job, f"{job.name}/execution", message)


def test(job: Job, endpoint_name: str, message: str) -> None:
    _append(job, f"{job.name}/Endpoint/{endpoint_name}", message)


def container_tail(job: Job, endpoint_name: str) -> list[str]:
    """The last lines that the endpoint's newest instance wrote."""
    account, region = job.team.account_id, job.region
    group = f"{ENDPOINTS_GROUP}/{endpoint_name}"
    found = [s for s in logs.streams(account, region, group) if s.group == group]
    if not found:
        return []
    newest = max(found, key=lambda stream: stream.last_event_ms or 0)
    return logs.tail(account, region, group, newest.name, TAIL_LINES)


def _append(job: Job, stream: str, message: str) -> None:
    logs.append(job.team.account_id, job.region, GROUP, stream, message)
