"""Endpoints of a few variants on a running console, and their traffic shifts."""

import uuid
from typing import Any

from tests.live import Console, wait_for


def configure(console: Console, *variants: tuple[str, float, int]) -> str:
    name = f"shift-{uuid.uuid4().hex[:8]}"
    rows = [
        {
            "name": f"Variant{number}",
            "model_name": model,
            "instance_type": "ml.c5.large",
            "instance_count": instances,
            "weight": weight,
        }
        for number, (model, weight, instances) in enumerate(variants, start=1)
    ]
    console.post("/endpoint-configs", {"name": name, "variants": rows})
    return name


def in_service(console: Console, name: str, *, timeout_s: float = 180) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = dict(console.get(f"/endpoints/{name}"))
        assert found["status"] != "Failed", found["failure_reason"]
        return found if found["status"] == "InService" else None

    return wait_for(f"{name} to be in service", look, timeout_s=timeout_s)


def shift(console: Console, name: str, number: int = 1) -> dict[str, Any]:
    return dict(console.get(f"/endpoints/{name}/shifts/{number}"))
