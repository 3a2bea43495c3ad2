"""Evaluation on a running console: seeded models, the real gateway, workers and pages."""

import contextlib
import csv
import io
import os
import signal
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import numpy as np
import pytest
from sklearn import metrics

from tests.live import Console, wait_for

pytestmark = pytest.mark.e2e
_OVER = {"COMPLETED", "FAILED", "STOPPED"}


def client(console: Console, service: str) -> Any:
    told = console.credentials
    return boto3.client(
        service,
        endpoint_url=told["AWS_ENDPOINT_URL"],
        aws_access_key_id=told["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=told["AWS_SECRET_ACCESS_KEY"],
        region_name=told["AWS_DEFAULT_REGION"],
    )


@pytest.fixture(scope="module")
def s3(console: Console) -> Iterator[Any]:
    with contextlib.closing(client(console, "s3")) as made:
        yield made


def labelled_rows(console: Console, s3: Any) -> bytes:
    """The labelled rows that every console is seeded with."""
    stored = s3.get_object(Bucket=bucket(console), Key="samples/breast-cancer/test.csv")
    with stored["Body"] as body:
        return bytes(body.read())


def bucket(console: Console) -> str:
    return f"sagemaker-us-east-1-{console.get('/whoami')['account_id']}"


@pytest.fixture(scope="module")
def endpoint(console: Console) -> Iterator[str]:
    """A quick, poor model against a slow, good one."""
    name = "evaluated"
    models = {"Small": "breast-cancer-xgboost-small", "Large": "breast-cancer-xgboost-large"}
    console.post(
        "/endpoint-configs",
        {
            "name": name,
            "variants": [
                {"name": variant, "model_name": model, "instance_type": "ml.m5.large"}
                for variant, model in models.items()
            ],
        },
    )
    console.post("/endpoints", {"name": name, "config_name": name})
    wait_for("the endpoint", lambda: in_service(console, name), timeout_s=300)
    yield name
    with console.rest as rest:
        rest.delete(f"/endpoints/{name}")


def in_service(console: Console, name: str) -> bool:
    found = console.get(f"/endpoints/{name}")
    assert found["status"] != "Failed", found["failure_reason"]
    return bool(found["status"] == "InService")


def start(console: Console, name: str, **asked: Any) -> int:
    uri = f"s3://{bucket(console)}/samples/breast-cancer/test.csv"
    made = console.post(f"/endpoints/{name}/evaluations", {"test_set_uri": uri, **asked})
    return int(made["number"])


def finished(console: Console, name: str, number: int) -> Any:
    def look() -> Any:
        found = console.get(f"/endpoints/{name}/evaluations/{number}")
        return found if found["status"] in _OVER else None

    return wait_for(f"evaluation {number}", look, timeout_s=300)


def test_the_figures_are_those_of_the_same_rows_sent_by_boto3(
    console: Console, endpoint: str, s3: Any
) -> None:
    found = finished(console, endpoint, start(console, endpoint, variants=["Small"]))
    assert found["status"] == "COMPLETED", found["failure_reason"]
    lines = labelled_rows(console, s3).decode().splitlines()
    labels = np.array([float(line.partition(",")[0]) for line in lines])
    with contextlib.closing(client(console, "sagemaker-runtime")) as runtime:
        answers = runtime.invoke_endpoint(
            EndpointName=endpoint,
            ContentType="text/csv",
            TargetVariant="Small",
            Body="\n".join(line.partition(",")[2] for line in lines),
        )
        scores = np.array([float(score) for score in answers["Body"].read().split(b",")])
    figures = found["results"][0]["figures"]
    called = scores >= 0.5
    assert figures["accuracy"]["value"] == metrics.accuracy_score(labels, called)
    assert figures["precision"]["value"] == metrics.precision_score(labels, called)
    assert figures["recall"]["value"] == metrics.recall_score(labels, called)
    assert figures["f1"]["value"] == pytest.approx(metrics.f1_score(labels, called))
    assert figures["auc"]["value"] == pytest.approx(metrics.roc_auc_score(labels, scores))


def test_an_upload_is_compared_on_the_page(console: Console, endpoint: str, s3: Any) -> None:
    typed = {
        "source": "upload",
        "label_column": "0",
        "positive_label": "1",
        "threshold": "0.5",
        "rows_per_invocation": "1",
        "variants": ["Small", "Large"],
    }
    with contextlib.closing(console.browser_session()) as pages:
        answer = pages.post(
            f"/console/endpoints/{endpoint}/evaluations/start",
            data={"csrfmiddlewaretoken": console.csrf(pages), **typed},
            files={"file": ("test.csv", labelled_rows(console, s3), "text/csv")},
        )
        assert answer.status_code == 200
        page = str(answer.url.path)
        wait_for("the end", lambda: fragment(pages, page).status_code == 286, timeout_s=120)
        text = pages.get(page).text
        figure = pages.get(f"{page}/roc").json()
        predictions = pages.get(f"{page}/predictions.csv").text
    assert "McNemar&#x27;s exact test" in text
    assert "200 of 200" in text
    assert len(figure["data"]) == 5
    lines = list(csv.reader(io.StringIO(predictions)))
    assert lines[0] == ["row", "Small", "Large"]
    assert len(lines) == 201


def fragment(pages: httpx.Client, page: str) -> httpx.Response:
    return pages.get(page, headers={"HX-Request": "true"})


@pytest.fixture(scope="module")
def long_set(console: Console, s3: Any) -> str:
    """Each row twenty times, so that there is time to kill and to stop in."""
    s3.put_object(Bucket=bucket(console), Key="long.csv", Body=labelled_rows(console, s3) * 20)
    return f"s3://{bucket(console)}/long.csv"


def test_a_killed_worker_is_followed_by_one_that_goes_on(
    console: Console, endpoint: str, long_set: str
) -> None:
    number = start(console, endpoint, test_set_uri=long_set)
    path = f"/endpoints/{endpoint}/evaluations/{number}"
    wait_for("some rows", lambda: console.get(path)["results"][0]["rows_done"] > 0, timeout_s=60)
    for process in console.processes("-Q evaluation"):
        os.kill(process.pid, signal.SIGKILL)
    found = finished(console, endpoint, number)
    assert found["status"] == "COMPLETED", found["failure_reason"]
    assert [result["rows_done"] for result in found["results"]] == [4000, 4000]
    assert found["common_rows"] == 4000
    # Twenty times the rows: what was chance on 200 is not on 4000.
    assert found["verdict"]["better"] == "Large"
    assert found["verdict"]["significant"] is True


def test_stop_ends_it_within_moments(console: Console, endpoint: str, long_set: str) -> None:
    number = start(console, endpoint, test_set_uri=long_set)
    path = f"/endpoints/{endpoint}/evaluations/{number}"
    wait_for("some rows", lambda: console.get(path)["results"][0]["rows_done"] > 0, timeout_s=60)
    console.post(f"{path}/stop")
    found = finished(console, endpoint, number)
    assert found["status"] == "STOPPED"
    assert found["verdict"] is None


def test_the_ab_test_of_a_folder_ends_with_all_traffic_on_the_better_model(
    console: Console, tmp_path: Path, s3: Any
) -> None:
    """The seeded archives as a user's folder: from nothing to 100 % on one variant."""
    for number, sample in enumerate(("small", "large"), 1):
        key = f"samples/breast-cancer/breast-cancer-xgboost-{sample}/model.tar.gz"
        s3.download_file(bucket(console), key, str(tmp_path / f"{number}.tar.gz"))
        assert tarfile.is_tarfile(tmp_path / f"{number}.tar.gz")
    s3.download_file(bucket(console), "samples/breast-cancer/test.csv", str(tmp_path / "test.csv"))
    told = console.manage(
        *("ab_test", str(tmp_path), "--image", "inference-console/xgboost:3.2"),
        *("--instance-type", "ml.m5.large", "--invocations", "200", "--delete"),
    )
    assert "200 rows, 75 of them positive" in told
    assert "Variant2 leads in 5 of 5 measures." in told
    assert "Shift 75% of the traffic to Variant2" in told
    last = told[told.index("Shift 100% of the traffic to Variant2") :]
    assert "100.0%" in last
    assert "All traffic is on Variant2; Variant1 can be removed." in last
    names = [row["name"] for row in console.get("/endpoints")["results"]]
    assert not [name for name in names if name.startswith("ab-test-")]
