"""Whatever is killed in mid-job, the job resumes, retries or fails with the reason."""

from collections.abc import Iterator

import psutil
import pytest

from tests.e2e import jobs
from tests.e2e.shifting import configure, in_service, shift
from tests.live import SHORT_QUOTAS, Console, wait_for

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console that these tests may hurt."""
    console = Console(tmp_path_factory.mktemp("mortal") / "var").start()
    for code, value in SHORT_QUOTAS.items():
        console.set_quota(code, value)
    yield console
    assert console.stop() == 0


def kill(console: Console, pattern: str) -> set[int]:
    victims = console.processes(pattern)
    assert victims, f"nothing matches {pattern}"
    for victim in victims:
        try:
            victim.kill()
        except psutil.NoSuchProcess:
            continue
    return {victim.pid for victim in victims}


def back(console: Console, pattern: str, gone: set[int]) -> None:
    """supervisord has started another in its place, and everything answers."""
    wait_for(
        f"{pattern} to be restarted",
        lambda: {each.pid for each in console.processes(pattern)} - gone,
        timeout_s=60,
    )
    import httpx

    def healthy() -> bool:
        try:
            return httpx.get(f"{console.url}/health", timeout=5, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    wait_for("every part to answer", healthy, timeout_s=60)


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"celery .*-Q loadtest", id="the load-test worker"),
        pytest.param(r"celery .*-Q control", id="the control worker"),
        pytest.param(r"uvicorn consoleapp.asgi", id="the web process"),
        pytest.param(r"redis-server|valkey-server", id="Redis"),
        pytest.param(r"celery .* beat", id="beat"),
    ],
)
def test_a_job_survives_the_kill_of(mortal: Console, pattern: str) -> None:
    name = jobs.start(mortal, jobs.request(seconds=25))
    jobs.wait_running(mortal, name)
    back(mortal, pattern, kill(mortal, pattern))
    job = jobs.ended(mortal, name, timeout_s=300)
    (step,) = jobs.steps(mortal, name)
    assert job["status"] == "COMPLETED", (job["failure_reason"], step)
    assert step["attempt"] <= 3
    assert step["reading"]["invocations_per_minute"] > 0


def test_a_killed_model_server_ends_the_attempt_and_not_the_job(mortal: Console) -> None:
    name = jobs.start(mortal, jobs.request(seconds=25))
    step = jobs.wait_running(mortal, name)
    servers = [
        each
        for each in psutil.process_iter(["environ"])
        if step["endpoint_name"]
        in (each.info["environ"] or {}).get("INFERENCE_CONSOLE_INSTANCE", "")
    ]
    assert servers
    for server in servers:
        server.kill()
    job = jobs.ended(mortal, name, timeout_s=300)
    (step,) = jobs.steps(mortal, name)
    if job["status"] == "FAILED":
        assert step["failure_reason"] or step["invalid_reason"]
    else:
        assert step["reading"]["invocations_per_minute"] > 0


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"celery .*-Q control", id="the control worker"),
        pytest.param(r"redis-server|valkey-server", id="Redis"),
    ],
)
def test_a_traffic_shift_survives_the_kill_of(mortal: Console, pattern: str) -> None:
    model = "breast-cancer-xgboost-small"
    name = configure(mortal, (model, 1.0, 1), (model, 1.0, 1))
    mortal.post("/endpoints", {"name": name, "config_name": name})
    in_service(mortal, name)
    wanted = {"to": "Variant2", "routing": "LINEAR", "size": {"value": 25}, "wait_s": 3}
    mortal.post(f"/endpoints/{name}/shifts", wanted)

    def baking() -> bool:
        return any(step["status"] == "Baking" for step in shift(mortal, name)["steps"])

    wait_for("a step to bake", baking)
    back(mortal, pattern, kill(mortal, pattern))
    ended = in_service(mortal, name)
    assert shift(mortal, name)["status"] == "Completed"
    assert [variant["current_weight"] for variant in ended["variants"]] == [0.0, 2.0]
    with mortal.rest as rest:
        assert rest.delete(f"/endpoints/{name}").status_code == 204
