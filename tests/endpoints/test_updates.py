"""Where every change of an endpoint begins."""

import pytest

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import ValidationFailed
from endpoints import queries, services
from endpoints.hosts.fake import FakeRunner
from endpoints.updates import begin_update
from tests.endpoints.build import make_config, serve, settle

pytestmark = pytest.mark.django_db(transaction=True)


def test_only_one_change_at_a_time(actor: Actor, fake: FakeRunner) -> None:
    serve(actor)
    first, second = queries.endpoint(actor, "e"), queries.endpoint(actor, "e")
    begin_update(first, "one")
    with pytest.raises(ValidationFailed, match="Cannot update in-progress endpoint"):
        begin_update(second, "another")


def test_it_begins_from_what_serves_by_then_and_not_from_what_did_when_it_was_read(
    actor: Actor, fake: FakeRunner
) -> None:
    endpoint = serve(actor)
    read_before = queries.endpoint(actor, "e")
    make_config(actor, "green")
    services.update_endpoint(actor, name="e", config_name="green")
    settle(endpoint)
    begin_update(read_before, "another")
    assert (read_before.fleet, read_before.config.name) == (1, "green")
