"""The job page and its fragments: what is shown, when a poll changes something, who may see."""

import json
import re
from html import unescape

import pytest
from django.test import Client

from consoleapp.accounts.actor import Actor
from recommender.models import Job
from tests.recommender.views.measured import START, make_result, make_step, moment

pytestmark = pytest.mark.django_db(databases=["default", "metrics"])

PAGE = "/console/recommender/jobs/churn-1"


def finish(job: Job, status: str = "COMPLETED") -> None:
    Job.objects.filter(pk=job.pk).update(status=status)


def text_of(client: Client, path: str = PAGE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_a_running_test_shows_its_phase_users_rate_and_latency(
    job: Job, bob_client: Client
) -> None:
    live = {
        "elapsed_s": 48,
        "planned_s": 120,
        "users": 25,
        "invocations_per_minute": 24310.4,
        "latency_us": 6120,
    }
    make_step(job, status="IN_PROGRESS", phase="running", live=live, attempt=2)
    page = text_of(bob_client)
    assert "Load test running: 48 s of 2 min 0 s at most, attempt 2" in page
    assert '<progress value="48" max="120"' in page
    assert "24,310" in page
    assert "6.12 ms" in page


def test_a_finished_test_says_why_it_stopped_and_what_was_read(
    job: Job, bob_client: Client
) -> None:
    make_step(
        job,
        status="COMPLETED",
        phase="done",
        stop_reason="FlatInvocations",
        stop_detail="invocations levelled off at 600 per minute",
        reading={"kind": "lower_bound", "invocations_per_minute": 600.0, "note": "a lower bound"},
        measured={"cpu_model": "AMD EPYC", "cores": [1], "scale": 0.5, "foreign_cpu_share": 0.02},
    )
    page = text_of(bob_client)
    assert "Invocations levelled off" in page
    assert "In the last window, capacity not found<small>a lower bound</small>" in page
    assert "AMD EPYC" in page
    assert "50.0%" in page


def test_a_failed_test_shows_payload_answer_and_log(job: Job, bob_client: Client) -> None:
    detail = {
        "payload": "row-17.json",
        "status": 415,
        "answer": "<b>not supported</b>",
        "log_lines": ["ERROR 415 for /invocations"],
    }
    make_step(job, status="FAILED", failure_reason="It answered 415.", failure_detail=detail)
    page = text_of(bob_client)
    for shown in ("It answered 415.", "row-17.json", "HTTP 415", "ERROR 415 for /invocations"):
        assert shown in page
    assert "&lt;b&gt;not supported" in page


def test_what_each_projected_row_was_granted_stands_beside_its_rate(
    job: Job, bob_client: Client
) -> None:
    """Half a core gives less than half of what a core gives: the two are not read alike."""
    make_result(make_step(job, 1, measured={"cpu_granted": 0.5}))
    make_result(make_step(job, 2, instance_type="ml.c5.xlarge", measured={"cpu_granted": 1.0}))
    page = text_of(bob_client)
    assert "15,000 measured on 0.5 cores" in page
    assert "15,000 measured on 1 core" in page
    assert "Less than a core gives less than its share" in page


def test_whole_cores_need_no_such_warning(job: Job, bob_client: Client) -> None:
    make_result(make_step(job, 1, measured={"cpu_granted": 1.0}))
    assert "Less than a core" not in text_of(bob_client)


def test_an_invalid_test_is_named_so_and_its_failure_not_told_twice(
    job: Job, bob_client: Client
) -> None:
    reason = "other processes used 76% of the test's cores"
    make_step(job, status="FAILED", invalid_reason=reason, failure_reason=f"Invalid: {reason}")
    page = text_of(bob_client)
    assert "Invalid, and not ranked" in page
    assert "The test failed" not in page
    assert "Payload file" not in page


def test_a_test_that_errors_made_invalid_shows_payload_and_answer(
    job: Job, bob_client: Client
) -> None:
    detail = {"payload": "row-3.csv", "status": 400, "answer": "no number"}
    reason = "30 of 100 invocations failed"
    make_step(job, status="FAILED", invalid_reason=reason, failure_detail=detail)
    page = text_of(bob_client)
    for shown in ("Invalid, and not ranked", "row-3.csv", "HTTP 400", "no number"):
        assert shown in page


def test_recommendations_carry_units_projection_and_raw_figures(
    job: Job, bob_client: Client
) -> None:
    make_result(make_step(job, status="COMPLETED"), instance_count=3)
    page = text_of(bob_client)
    for shown in ("30,000", "15,000 measured", "20.0 ms", "$0.102", "Projected", "× 3", "Best"):
        assert shown in page
    assert "10,000 each" in page
    assert "score = (w_cost" in page


def test_importance_ranks_anew_and_stays_in_the_address(job: Job, bob_client: Client) -> None:
    cheap = {"cost_per_inference_usd": 1e-8, "model_latency_us": 90_000, "max_invocations": 9_000}
    make_result(make_step(job, 1), **cheap)
    fast = make_step(job, 2, instance_type="ml.c5.xlarge")
    make_result(fast, cost_per_inference_usd=9e-8, model_latency_us=1_000, max_invocations=9_000)
    path = f"{PAGE}/recommendations"
    by_cost = bob_client.get(f"{path}?cost=Highest&latency=Lowest")
    by_latency = bob_client.get(
        f"{path}?cost=Lowest&latency=Highest",
        headers={"HX-Current-URL": f"http://testserver{PAGE}?test=2"},
    )
    assert by_cost.context["best"].row.instance_type == "ml.c5.large"
    assert by_latency.context["best"].row.instance_type == "ml.c5.xlarge"
    assert by_latency["HX-Replace-Url"] == f"{PAGE}?test=2&cost=Lowest&latency=Highest"
    assert by_cost.content.decode().strip().startswith('<section class="container" id="recomm')
    torn = bob_client.get(f"{path}?cost=Highest", headers={"HX-Current-URL": "http://["})
    assert torn["HX-Replace-Url"] == f"{PAGE}?cost=Highest"


def test_an_unknown_importance_is_not_found(job: Job, bob_client: Client) -> None:
    assert bob_client.get(f"{PAGE}/recommendations?cost=Total").status_code == 404


def test_an_unknown_price_is_said_and_not_zero(job: Job, bob_client: Client) -> None:
    unknown = {"cost_per_hour_usd": None, "cost_per_inference_usd": None}
    make_result(make_step(job, 1), **unknown)
    page = text_of(bob_client)
    assert "unknown" in page
    assert "$0<" not in page


def test_a_poll_answers_204_until_something_changes(job: Job, bob_client: Client) -> None:
    make_step(job)
    first = bob_client.get(f"{PAGE}/progress")
    assert first.status_code == 200
    phases = first.context["phases"]
    job.refresh_from_db()
    again = f"{PAGE}/progress?revision={job.revision}&phases={phases}"
    assert bob_client.get(again).status_code == 204


def test_a_poll_tells_the_other_parts_only_when_a_test_moved_on(
    job: Job, bob_client: Client
) -> None:
    make_step(job)
    phases = bob_client.get(f"{PAGE}/progress").context["phases"]
    same = bob_client.get(f"{PAGE}/progress?revision=999&phases={phases}")
    assert "HX-Trigger" not in same
    moved = bob_client.get(f"{PAGE}/progress?revision=999&phases=other")
    assert set(json.loads(moved["HX-Trigger"])) == {"test-changed", "results-changed"}


def test_the_last_poll_ends_polling_and_loads_the_page_anew(job: Job, bob_client: Client) -> None:
    finish(job)
    last = bob_client.get(f"{PAGE}/progress")
    assert last.status_code == 286
    assert last["HX-Refresh"] == "true"
    assert "hx-trigger" not in last.content.decode()


def test_the_panel_follows_the_running_test_until_someone_chooses(
    job: Job, bob_client: Client
) -> None:
    make_step(job, 1, status="COMPLETED", phase="done")
    make_step(job, 2, status="IN_PROGRESS", phase="running")
    path = f"{PAGE}/test"
    following = bob_client.get(path)
    assert following.context["chosen"].step.ordinal == 2
    assert f'hx-get="{path}" hx-trigger="test-changed' in following.content.decode()
    chosen = bob_client.get(f"{path}?test=1")
    assert chosen.context["chosen"].step.ordinal == 1
    assert "test-changed" not in chosen.content.decode()


def test_page_and_fragment_are_the_same_bytes(job: Job, bob_client: Client) -> None:
    make_step(job)
    for query in ("", "?test=1"):
        fragment = text_of(bob_client, f"{PAGE}/test{query}").strip()
        assert fragment in text_of(bob_client, PAGE + query)


def test_a_viewer_gets_no_buttons_that_change_something(
    job: Job, alice_client: Client, bob_client: Client
) -> None:
    assert f"{PAGE}/stop" in text_of(alice_client)
    for path in ("stop", "clone", "delete"):
        assert f"{PAGE}/{path}" not in text_of(bob_client)


def test_delete_is_offered_once_the_job_is_over(job: Job, alice_client: Client) -> None:
    assert f"{PAGE}/delete" not in text_of(alice_client)
    finish(job)
    page = text_of(alice_client)
    assert f"{PAGE}/delete" in page
    assert f"{PAGE}/stop" not in page


def test_an_existing_endpoints_performance_is_shown(job: Job, bob_client: Client) -> None:
    reading = {"kind": "plateau", "invocations_per_minute": 1234.0, "model_latency_us": 5600}
    existing = {"existing_endpoint": True, "instance_type": "", "endpoint_name": "live"}
    make_step(job, status="COMPLETED", reading=reading, **existing)
    page = text_of(bob_client)
    assert "Endpoint performance" in page
    assert "1,234" in page
    assert "5.60 ms" in page


@pytest.mark.parametrize("path", ["", "/progress", "/recommendations", "/test"])
def test_a_stranger_finds_nothing(job: Job, charlie_client: Client, path: str) -> None:
    assert charlie_client.get(PAGE + path).status_code == 404


def test_who_is_signed_out_is_sent_to_sign_in(job: Job, client: Client) -> None:
    assert client.get(PAGE).status_code == 302


def test_the_page_asks_the_same_however_many_tests(
    job: Job, actor: Actor, bob_client: Client, django_assert_max_num_queries
) -> None:
    for ordinal in range(1, 9):
        make_result(make_step(job, ordinal, status="COMPLETED"))
    with django_assert_max_num_queries(16):
        text_of(bob_client)


def test_the_percentile_of_the_latency_is_named_wherever_it_is_shown(
    job: Job, bob_client: Client
) -> None:
    threshold = {"Percentile": "P95", "ValueInMilliseconds": 50}
    job.request["StoppingConditions"] = {"ModelLatencyThresholds": [threshold]}
    job.save(update_fields=["request"])
    make_result(make_step(job, status="COMPLETED", traffic_started_at=moment(START)))
    page = text_of(bob_client)
    for shown in ("Model latency (P95)", "P95, milliseconds", "p50, p95 and p99, milliseconds"):
        assert shown in page
    assert "p50, p90 and p99, milliseconds" in page  # OverheadLatency knows no threshold.


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_the_downloads_follow_the_chosen_importance(
    job: Job, bob_client: Client, kind: str
) -> None:
    make_result(make_step(job, status="COMPLETED"))
    page = text_of(bob_client, f"{PAGE}?cost=Highest")
    (address,) = re.findall(rf'href="(/api/v1/[^"]*as={kind}[^"]*)"', page)
    assert "cost=Highest" in address
    answer = bob_client.get(unescape(address))
    assert answer["Content-Disposition"] == f'attachment; filename="churn-1.{kind}"'


def test_a_job_without_results_offers_its_story_as_json(job: Job, bob_client: Client) -> None:
    make_step(job, status="FAILED", failure_reason="It answered 415.")
    finish(job, "FAILED")
    page = text_of(bob_client)
    assert "as=json" in page
    assert "as=csv" not in page


def test_log_lines_in_a_reason_are_shown_as_log_lines_alone(job: Job, bob_client: Client) -> None:
    reason = "The model server ended.\nLast log lines:\nTraceback\nRuntimeError: no weights"
    detail = {"log_lines": ["Traceback", "RuntimeError: no weights"]}
    make_step(job, status="FAILED", failure_reason=reason, failure_detail=detail)
    Job.objects.update(status="FAILED", failure_reason=reason)
    page = text_of(bob_client)
    assert page.count("The model server ended.") == 3  # The job's, the row's, the test's.
    assert "Last log lines" not in page
    assert page.count("RuntimeError: no weights") == 1
