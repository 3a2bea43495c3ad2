"""Endpoints of the seeded models, made and watched by REST."""

import contextlib
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import psutil

from endpoints.samples import dataset
from tests.live import Console, wait_for

SMALL, LARGE = "breast-cancer-xgboost-small", "breast-cancer-xgboost-large"
MARK = "INFERENCE_CONSOLE_INSTANCE"


def row() -> bytes:
    """One row of features as the models take it."""
    return dataset.csv(dataset.split().test[:1, 1:]).strip()


def make_config(console: Console, name: str, **variants: Any) -> None:
    """`Variant1={"model_name": ...}`; what is not given is the least."""
    whole = [
        {"name": each, "instance_type": "ml.c5.large", "instance_count": 1, "weight": 1.0} | members
        for each, members in variants.items()
    ]
    console.post("/endpoint-configs", {"name": name, "variants": whole})


@contextlib.contextmanager
def endpoint(console: Console, **variants: Any) -> Iterator[str]:
    """In service while the test has it, and gone after."""
    name = f"e2e-{uuid.uuid4().hex[:8]}"
    make_config(console, f"{name}-config", **variants)
    console.post("/endpoints", {"name": name, "config_name": f"{name}-config"})
    try:
        in_service(console, name)
        yield name
    finally:
        delete(console, name)


def in_service(console: Console, name: str, *, timeout_s: float = 180) -> Any:
    def look() -> Any:
        found = console.get(f"/endpoints/{name}")
        assert found["status"] != "Failed", found["failure_reason"]
        return found if found["status"] == "InService" else None

    return wait_for(f"endpoint {name} in service", look, timeout_s=timeout_s)


def delete(console: Console, name: str) -> None:
    with console.rest as rest:
        rest.delete(f"/endpoints/{name}")

        def gone() -> bool:
            return rest.get(f"/endpoints/{name}").status_code == httpx.codes.NOT_FOUND

        wait_for(f"endpoint {name} to be gone", gone, timeout_s=90)


def change_weights(console: Console, name: str, **weights: float) -> None:
    desired = [{"variant": variant, "weight": weight} for variant, weight in weights.items()]
    console.post(f"/endpoints/{name}/weights", {"desired": desired})
    in_service(console, name)


def instances(console: Console, name: str, variant: str = "") -> list[dict[str, Any]]:
    found = console.get(f"/endpoints/{name}/instances")
    return [one for one in found if not variant or one["variant"] == variant]


def events(console: Console, name: str) -> list[str]:
    """Newest first."""
    found = console.get(f"/endpoints/{name}/events", limit=100)
    return [one["message"] for one in found["results"]]


def servers(instance: str) -> list[psutil.Process]:
    """The processes of one instance's model server."""
    return [
        process
        for process in psutil.process_iter(["environ"])
        if (process.info["environ"] or {}).get(MARK) == instance
    ]
