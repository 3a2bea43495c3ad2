"""What the sweep finds and heals."""

import pytest

from consoleapp.accounts.actor import Actor
from endpoints import sweep, wake
from endpoints.hosts import registry
from endpoints.hosts.fake import FakeRunner
from endpoints.models import Endpoint, EndpointConfig, Instance
from endpoints.services import delete_endpoint, delete_endpoint_config
from tests.endpoints.build import instances, make_endpoint, serve, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    seen: list[int] = []
    monkeypatch.setattr(wake, "endpoint", lambda pk, **_: seen.append(pk))
    return seen


def test_an_endpoint_on_its_way_is_woken(actor: Actor, fake: FakeRunner, woken: list[int]) -> None:
    endpoint = make_endpoint(actor)
    woken.clear()
    sweep.working_endpoints()
    assert woken == [endpoint.pk]


def test_an_endpoint_that_rests_is_left_alone(
    actor: Actor, fake: FakeRunner, woken: list[int]
) -> None:
    serve(actor)
    woken.clear()
    sweep.working_endpoints()
    sweep.instances()
    assert woken == []


def test_a_dead_instance_wakes_its_endpoint(
    actor: Actor, fake: FakeRunner, woken: list[int]
) -> None:
    endpoint = serve(actor, instances=2)
    fake.end(instances(endpoint)[1].name, -9)
    woken.clear()
    sweep.instances()
    assert woken == [endpoint.pk]


def test_what_runs_without_a_row_is_stopped(actor: Actor, fake: FakeRunner) -> None:
    endpoint = serve(actor, instances=2)
    first, second = instances(endpoint)
    Instance.objects.filter(pk=second.pk).delete()
    sweep.strays()
    assert fake.find() == [first.name]


def test_a_failed_endpoint_with_a_left_over_instance_is_woken(
    actor: Actor, fake: FakeRunner, woken: list[int]
) -> None:
    endpoint = serve(actor)
    Endpoint.objects.update(status="Failed")
    fake.end(instances(endpoint)[0].name, 1)
    woken.clear()
    sweep.instances()
    assert woken == [endpoint.pk]
    settle(endpoint)
    assert fake.find() == []


def test_a_failed_endpoint_whose_other_instances_serve_is_woken(
    actor: Actor, fake: FakeRunner, woken: list[int]
) -> None:
    # As when the worker that failed it was killed before it could ask for the next step.
    endpoint = serve(actor)
    Endpoint.objects.update(status="Failed")
    woken.clear()
    sweep.instances()
    assert woken == [endpoint.pk]
    settle(endpoint)
    assert fake.find() == []


def test_a_deleted_configuration_stays_until_no_endpoint_runs_it(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor)
    delete_endpoint_config(actor, name="e-c")
    sweep.deleted_rows()
    assert EndpointConfig.objects.exists()
    delete_endpoint(actor, name="e")
    settle(endpoint)
    sweep.deleted_rows()
    assert not EndpointConfig.objects.exists()


def test_an_unknown_host_is_refused() -> None:
    with pytest.raises(Exception, match="no host 'mainframe'"):
        registry.runner("mainframe")
