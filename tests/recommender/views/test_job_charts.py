"""The chart endpoints: what the metrics store holds, with gaps, marks and units."""

import pytest
from django.test import Client

from recommender.models import Job, JobStep
from tests.recommender.views.measured import START, make_result, make_step, measure, moment

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])


@pytest.fixture
def step(job: Job) -> JobStep:
    step = make_step(
        job,
        status="COMPLETED",
        phase="done",
        traffic_started_at=moment(START),
        traffic_ended_at=moment(START + 30),
        reading={"kind": "plateau", "second": START + 20, "invocations_per_minute": 600.0},
    )
    for second in [*range(12), *range(18, 25)]:
        measure(job, START + second, invocations=10, users=1 + second, latency_us=4000)
    return step


def chart(client: Client, metric: str, ordinal: int = 1) -> dict:
    answer = client.get(f"/console/recommender/jobs/churn-1/tests/{ordinal}/{metric}.json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_invocations_are_per_minute_and_missing_seconds_stay_a_gap(
    step: JobStep, bob_client: Client
) -> None:
    users, rate, mark = chart(bob_client, "invocations")["data"]
    assert rate["y"][5] == 600
    assert rate["y"][12:18] == [None] * 6
    assert rate["y"][20] == 600
    assert users["y"][4] == 5
    assert mark["y"] == [600.0]


def test_the_plateau_is_marked_in_words(step: JobStep, bob_client: Client) -> None:
    (note,) = chart(bob_client, "invocations")["layout"]["annotations"]
    assert note["text"] == "levels off: 600 per minute"


def test_an_invalid_tests_reading_is_not_marked(step: JobStep, bob_client: Client) -> None:
    step.invalid_reason = "others used the cores"
    step.save(update_fields=["invalid_reason"])
    assert "annotations" not in chart(bob_client, "invocations")["layout"]


def test_latency_is_in_milliseconds_by_percentile(step: JobStep, bob_client: Client) -> None:
    figure = chart(bob_client, "latency")
    assert [trace["name"] for trace in figure["data"]] == ["p50", "p90", "p99"]
    assert figure["data"][2]["y"][0] == pytest.approx(4.0, rel=0.02)


def test_the_latency_threshold_is_drawn(step: JobStep, bob_client: Client) -> None:
    step.job.request["StoppingConditions"] = {
        "ModelLatencyThresholds": [{"Percentile": "P99", "ValueInMilliseconds": 50}]
    }
    step.job.save(update_fields=["request"])
    assert chart(bob_client, "latency")["layout"]["shapes"][0]["y0"] == 50


def test_errors_and_utilization_come_from_their_own_series(
    step: JobStep, bob_client: Client
) -> None:
    server_errors = chart(bob_client, "errors")["data"][1]
    assert server_errors["name"] == "5XX"
    assert server_errors["y"][0] > 0
    assert chart(bob_client, "cpu")["data"][0]["y"][0] == 90
    assert chart(bob_client, "memory")["data"] == []


def test_a_test_that_shares_a_measurement_shows_it(
    job: Job, step: JobStep, bob_client: Client
) -> None:
    make_step(job, 2, shares=step, endpoint_name="", reading=step.reading, status="COMPLETED")
    assert chart(bob_client, "invocations", 2) == chart(bob_client, "invocations", 1)


def test_a_chart_is_live_until_its_test_is_over(job: Job, bob_client: Client) -> None:
    make_step(job, status="IN_PROGRESS", phase="running", traffic_started_at=moment(START))
    figure = chart(bob_client, "invocations")
    assert (figure["data"], figure["live"]) == ([], True)


def test_an_unknown_metric_or_test_is_not_found(step: JobStep, bob_client: Client) -> None:
    for path in ("1/disk", "9/cpu"):
        answer = bob_client.get(f"/console/recommender/jobs/churn-1/tests/{path}.json")
        assert answer.status_code == 404


def test_a_stranger_sees_no_chart(step: JobStep, charlie_client: Client) -> None:
    for path in ("tests/1/cpu.json", "trade-off.json"):
        assert charlie_client.get(f"/console/recommender/jobs/churn-1/{path}").status_code == 404


def test_the_trade_off_shows_dollars_per_million_and_leaves_unknown_prices_out(
    job: Job, step: JobStep, bob_client: Client
) -> None:
    make_result(step, cost_per_inference_usd=1e-7)
    unknown = {"cost_per_inference_usd": None, "cost_per_hour_usd": None}
    make_result(make_step(job, 2), instance_type="ml.x.unknown", **unknown)
    figure = bob_client.get("/console/recommender/jobs/churn-1/trade-off.json").json()
    front, best = figure["data"]
    assert front["x"] == pytest.approx([0.1])
    assert best["text"] == ["ml.c5.large"]
    assert figure["layout"]["xaxis"]["title"]["text"] == "US dollars per million inferences"


def test_with_a_target_cost_means_cost_per_hour(
    job: Job, step: JobStep, bob_client: Client
) -> None:
    job.request["StoppingConditions"] = {"MaxInvocations": 1000}
    job.save(update_fields=["request"])
    make_result(step)
    figure = bob_client.get("/console/recommender/jobs/churn-1/trade-off.json").json()
    assert figure["data"][0]["x"] == [0.102]
    assert figure["layout"]["xaxis"]["title"]["text"] == "US dollars per hour"


def test_the_percentile_that_is_read_is_among_the_drawn(step: JobStep, bob_client: Client) -> None:
    step.job.request["StoppingConditions"] = {
        "ModelLatencyThresholds": [{"Percentile": "P95", "ValueInMilliseconds": 50}]
    }
    step.job.save(update_fields=["request"])
    assert [line["name"] for line in chart(bob_client, "latency")["data"]] == ["p50", "p95", "p99"]


def test_a_spot_names_count_and_environment(job: Job, step: JobStep, bob_client: Client) -> None:
    make_result(step, instance_count=3, environment={"B": "2", "A": "1"})
    figure = bob_client.get("/console/recommender/jobs/churn-1/trade-off.json").json()
    assert figure["data"][1]["text"] == ["ml.c5.large × 3, A=1, B=2"]
