"""What a runner is told of an instance."""

import pytest

from consoleapp.accounts.actor import Actor
from endpoints import convergence
from endpoints.hosts.fake import FakeRunner
from tests.endpoints.build import instances, serve

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_time_for_its_model_to_come_is_the_configured_one(
    actor: Actor, fake: FakeRunner
) -> None:
    (default,) = instances(serve(actor))
    (asked,) = instances(serve(actor, "other", download_timeout_s=3600))
    assert convergence.spec_of(default).download_timeout_s == 600
    assert convergence.spec_of(asked).download_timeout_s == 3600
