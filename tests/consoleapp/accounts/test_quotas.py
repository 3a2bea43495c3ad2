import pytest

from consoleapp.accounts import quotas
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import Forbidden, ValidationFailed
from consoleapp.accounts.models import AuditEvent, Quota


@pytest.mark.parametrize(
    ("code", "default"),
    [
        # As AWS documents them, and the spawn rate as its own sample sends it.
        ("recommender.initial_users.min", 1),
        ("recommender.initial_users.max", 3),
        ("recommender.spawn_rate.max", 60),
        ("recommender.phase_seconds.min", 120),
        ("recommender.phase_seconds.max", 3600),
        ("recommender.users_per_step.max", 3),
        ("recommender.phase_user_jump.max", 3),
        ("recommender.job_seconds.max", 18000),
        ("recommender.tests.max", 10),
        ("recommender.parallel_tests.max", 10),
        ("recommender.max_invocations.max", 30000),
        ("recommender.endpoint_configurations.max", 10),
    ],
)
def test_a_new_team_has_the_documented_limits(actor: Actor, code: str, default: float) -> None:
    assert quotas.limit(actor.team, code) == default


def test_an_admin_widens_a_limit_for_their_team_alone(actor: Actor, charlie: Actor) -> None:
    quotas.set_limit(actor, code="recommender.tests.max", value=25)
    assert quotas.limit(actor.team, "recommender.tests.max") == 25
    assert quotas.limits(actor.team)["recommender.tests.max"] == 25
    assert quotas.limit(charlie.team, "recommender.tests.max") == 10
    assert AuditEvent.objects.get().detail == {"code": "recommender.tests.max", "value": 25}


def test_none_goes_back_to_the_default(actor: Actor) -> None:
    quotas.set_limit(actor, code="recommender.tests.max", value=25)
    quotas.set_limit(actor, code="recommender.tests.max", value=None)
    assert quotas.limit(actor.team, "recommender.tests.max") == 10
    assert not Quota.objects.exists()


def test_zero_is_a_limit_and_not_the_default(actor: Actor) -> None:
    quotas.set_limit(actor, code="endpoints.endpoints.max", value=0)
    assert quotas.limit(actor.team, "endpoints.endpoints.max") == 0


def test_only_an_admin_sets_one(bob: Actor) -> None:
    with pytest.raises(Forbidden):
        quotas.set_limit(bob, code="recommender.tests.max", value=25)


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_a_limit_is_a_number_from_zero(actor: Actor, value: float) -> None:
    with pytest.raises(ValidationFailed):
        quotas.set_limit(actor, code="recommender.tests.max", value=value)


def test_a_code_that_is_none_is_refused(actor: Actor) -> None:
    with pytest.raises(ValidationFailed, match="no quota 'recommender.moon'"):
        quotas.set_limit(actor, code="recommender.moon", value=1)
    with pytest.raises(KeyError):
        quotas.limit(actor.team, "recommender.moon")


def test_the_effective_list_shows_what_was_changed(actor: Actor) -> None:
    quotas.set_limit(actor, code="recommender.tests.max", value=25)
    changed = [each.code for each in quotas.effective(actor.team) if each.changed]
    assert changed == ["recommender.tests.max"]
    assert len(quotas.effective(actor.team)) == len(quotas.DEFAULTS)


def test_all_limits_take_one_query(actor: Actor, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):
        quotas.limits(actor.team)
