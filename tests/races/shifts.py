"""Shifts that go on and back at the same moment: `python -m tests.races.shifts`.

Prints what each process met that was no answer, and how each shift stands then, as JSON.
"""

import json
import os
from collections.abc import Callable
from typing import Any

import django

from tests.races.one_job import PROCESSES, race

ROUNDS = 10


def shift(actor: Any, name: str) -> Any:
    """A shift that has sent half of the traffic on."""
    from endpoints.models import Endpoint
    from endpoints.shifting import lifecycle
    from tests.endpoints.build import make_endpoint
    from tests.endpoints.shifting.build import start

    Endpoint.objects.filter(pk=make_endpoint(actor, name, variants=2).pk).update(status="InService")
    made = start(actor, name)
    assert lifecycle.activate(made.endpoint, made.steps.get(number=1), "half")
    return made


def passing(actor: Any) -> dict[str, Any]:
    """The step that is passed is also given up."""
    from endpoints.shifting import advance

    return _raced(actor, "passing", lambda made, step: advance._pass(made.endpoint, made, step, 0))


def finishing(actor: Any) -> dict[str, Any]:
    """The shift that is finished is also turned back."""
    from endpoints.shifting import advance

    return _raced(actor, "finishing", lambda made, step: advance._finish(made.endpoint, made))


def _raced(actor: Any, how: str, forward: Callable[[Any, Any], object]) -> dict[str, Any]:
    from endpoints.models import Deployment

    errors: list[str] = []
    for turn in range(ROUNDS):
        bodies = _bodies(shift(actor, f"{how}-{turn}"), forward)
        errors += [str(told) for told in race(bodies) if told is not None]
    found = Deployment.objects.filter(endpoint__name__startswith=how).select_related("endpoint")
    ends = [(each.endpoint.status, each.status, each.steps.get(number=1).status) for each in found]
    return {"errors": errors, "ends": ends}


def _bodies(made: Any, forward: Callable[[Any, Any], object]) -> list[Callable[[], None]]:
    """Half of the processes go on, half go back, all from what was read before the race."""
    from endpoints.shifting import lifecycle

    endpoint, step = made.endpoint, made.steps.get(number=1)

    def go_on() -> None:
        forward(made, step)

    def go_back() -> None:
        lifecycle.roll_back(endpoint, made, "raced")

    return [go_on, go_back] * (PROCESSES // 2)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "consoleapp.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("migrate", database="metrics", verbosity=0)
    from endpoints.hosts import registry
    from tests.factories import make_actor, make_team

    registry.DEFAULT = "fake"
    # Of their own: other races run on the same database.
    actor = make_actor(make_team("shifts", "200000000000"), username="shifter")
    print(json.dumps({each.__name__: each(actor) for each in (passing, finishing)}))


if __name__ == "__main__":
    main()
