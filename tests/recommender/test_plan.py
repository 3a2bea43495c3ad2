"""The plan is kept with the job and read back as it was."""

from recommender.candidates import Candidate
from recommender.plan import Plan


def test_a_plan_survives_its_json() -> None:
    plan = Plan(
        candidates=(Candidate("ml.c5.large", (("A", "1"), ("B", "2")), "compiled"),),
        traffic={"TrafficType": "PHASES", "Phases": []},
        job_seconds=600,
        max_parallel=2,
        content_type="text/csv",
        accept="",
        payload_url="s3://b/k",
        endpoint_name="mine",
    )
    assert Plan.from_json(plan.as_json()) == plan
