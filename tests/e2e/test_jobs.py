"""Jobs through REST on a running console: results, stops, limits, failures, cleaning up."""

import csv
import io
import json
import tarfile

import pytest

from tests.e2e import jobs
from tests.live import Console, wait_for

pytestmark = pytest.mark.e2e


def endpoints_left(console: Console, name: str) -> list[str]:
    found = console.get("/endpoints")["results"]
    return [each["name"] for each in found if each["name"].startswith(f"sm-epc-{name}"[:40])]


def test_a_job_measures_each_size_once_and_ranks_every_type(console: Console) -> None:
    wanted = jobs.request("ml.c5.large", "ml.m5.large", "ml.c5.xlarge")
    name = jobs.start(console, wanted)
    job = jobs.completed(console, name)

    answer = console.get(f"/recommender/jobs/{name}/recommendations")
    rows = {each["recommendation"]["instance_type"]: each for each in answer["ranking"]}
    assert set(rows) == {"ml.c5.large", "ml.m5.large", "ml.c5.xlarge"}
    for ranked in rows.values():
        row = ranked["recommendation"]
        assert row["max_invocations"] > 0
        assert row["model_latency_us"] > 0
        # CostPerInference is CostPerHour / (MaxInvocations x 60), exactly.
        per_inference = row["cost_per_hour_usd"] / (row["max_invocations"] * 60)
        assert row["cost_per_inference_usd"] == pytest.approx(per_inference, rel=1e-9)
        assert row["projected"] is (job["scale"] < 1)
    c5, m5 = (rows[each]["recommendation"] for each in ("ml.c5.large", "ml.m5.large"))
    assert c5["max_invocations"] == m5["max_invocations"], "equal grants share one measurement"
    assert c5["cost_per_hour_usd"] < m5["cost_per_hour_usd"]
    assert {each["score"] for each in answer["ranking"]} == {
        each["score"] for each in sorted(answer["ranking"], key=lambda r: -r["score"])
    }
    assert not endpoints_left(console, name)


def test_the_numbers_on_the_page_are_those_of_the_metrics_store(console: Console) -> None:
    name = jobs.start(console, jobs.request(seconds=15))
    jobs.completed(console, name)
    (step,) = jobs.steps(console, name)

    counted = console.get(
        "/metrics/data",
        **{
            "namespace": "/aws/sagemaker/InferenceRecommendationsJobs",
            "name": "ClientInvocations",
            "dim.JobName": name,
            "dim.EndpointName": step["endpoint_name"],
            "start": step["traffic_started_at"],
            "end": step["traffic_ended_at"],
            "period": 60,
            "statistics": "Sum",
        },
    )
    total = sum(point["values"]["Sum"] for point in counted)
    assert total > 100
    assert step["reading"]["invocations_per_minute"] > 0
    assert step["measured"], "a result says how it was measured"


def test_stopping_in_mid_test_ends_the_traffic_and_leaves_no_endpoint(console: Console) -> None:
    name = jobs.start(console, jobs.request(seconds=600))
    jobs.wait_running(console, name)
    console.post(f"/recommender/jobs/{name}/stop")
    assert jobs.ended(console, name, timeout_s=60)["status"] == "STOPPED"
    wait_for("the endpoint's removal", lambda: not endpoints_left(console, name), timeout_s=60)
    assert not console.processes(f"generator.*{name}")


def test_two_jobs_at_once_both_finish_and_take_turns_at_the_cores(console: Console) -> None:
    names = [jobs.start(console, jobs.request(seconds=12)) for _ in range(2)]
    for name in names:
        jobs.completed(console, name, timeout_s=300)
    spans = sorted(
        (step["traffic_started_at"], step["traffic_ended_at"])
        for name in names
        for step in jobs.steps(console, name)
    )
    import os

    if (os.cpu_count() or 1) <= 2:
        assert spans[0][1] <= spans[1][0], "one measurable core: one test at a time"


def test_a_target_is_reached_and_says_that_capacity_was_not_found(console: Console) -> None:
    name = jobs.start(console, jobs.request(seconds=60, MaxInvocations=600))
    jobs.completed(console, name)
    (step,) = jobs.steps(console, name)
    assert step["stop_reason"] == "MaxInvocations"
    assert "capacity not found" in step["reading"]["note"]


def test_a_payload_that_the_model_refuses_fails_in_the_preflight_with_its_answer(
    console: Console,
) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        content = b"not,a,row"
        member = tarfile.TarInfo("wrong.csv")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    url = upload(console, "bad-payload.tar.gz", archive.getvalue())
    wanted = jobs.request()
    wanted["InputConfig"]["ContainerConfig"] = {
        "PayloadConfig": {"SamplePayloadUrl": url, "SupportedContentTypes": ["text/csv"]}
    }
    name = jobs.start(console, wanted)
    job = jobs.ended(console, name, timeout_s=90)
    assert job["status"] == "FAILED"
    assert "wrong.csv" in job["failure_reason"] + str(job["preflight"])
    assert job["preflight"]["status"] == 400
    assert job["preflight"]["answer"]
    assert not endpoints_left(console, name)


def test_an_archive_that_is_none_is_refused_and_no_job_is_made(console: Console) -> None:
    wanted = jobs.request()
    wanted["InputConfig"]["ContainerConfig"] = {
        "PayloadConfig": {
            "SamplePayloadUrl": upload(console, "broken.tar.gz", b"this is no archive"),
            "SupportedContentTypes": ["text/csv"],
        }
    }
    with console.rest as rest:
        refused = rest.post("/recommender/jobs", json=wanted)
        made = rest.get(f"/recommender/jobs/{wanted['JobName']}")
    assert refused.status_code == 400
    assert "is not a .tar.gz archive" in refused.json()["message"]
    assert refused.json()["field"].endswith("SamplePayloadUrl")
    assert made.status_code == 404


def test_results_are_downloaded_as_csv_and_json(console: Console) -> None:
    name = jobs.start(console, jobs.request(seconds=12))
    jobs.completed(console, name)
    with console.rest as rest:
        table = rest.get(f"/recommender/jobs/{name}/results", params={"as": "csv"})
        whole = rest.get(f"/recommender/jobs/{name}/results", params={"as": "json"})
    (row,) = csv.DictReader(io.StringIO(table.text))
    assert row["instance_type"] == "ml.c5.large"
    assert json.loads(whole.text)["name"] == name


def test_the_logs_tell_the_story_after_the_endpoint_is_gone(console: Console) -> None:
    name = jobs.start(console, jobs.request(seconds=12))
    jobs.completed(console, name)
    group = "/aws/sagemaker/InferenceRecommendationsJobs"
    told = console.get("/logs/events", group=group, stream=f"{name}/execution")
    text = "\n".join(each["message"] for each in told)
    assert "ml.c5.large" in text
    (step,) = jobs.steps(console, name)
    streams = console.get(
        "/logs/streams", group_prefix=f"/aws/sagemaker/Endpoints/{step['endpoint_name']}"
    )
    assert streams


def upload(console: Console, key: str, content: bytes) -> str:
    import boto3

    told = console.credentials
    s3 = boto3.client(
        "s3",
        endpoint_url=told["AWS_ENDPOINT_URL"],
        aws_access_key_id=told["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=told["AWS_SECRET_ACCESS_KEY"],
        region_name=told["AWS_DEFAULT_REGION"],
    )
    bucket = "sagemaker-us-east-1-123456789012"
    s3.put_object(Bucket=bucket, Key=f"e2e/{key}", Body=content)
    return f"s3://{bucket}/e2e/{key}"
