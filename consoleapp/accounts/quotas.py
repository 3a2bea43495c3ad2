"""Limits of a team: AWS's documented ones as defaults, changed only by an admin of the team.

Checked in services, so pages, REST and the AWS wire agree. Codes ending in `.min` are floors.
"""

import math
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from consoleapp.accounts import audit
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import ValidationFailed
from consoleapp.accounts.models import Quota, Role, Team


@dataclass(frozen=True, slots=True)
class QuotaSpec:
    default: float
    text: str


@dataclass(frozen=True, slots=True)
class Effective:
    """A quota as it holds for a team."""

    code: str
    text: str
    default: float
    value: float

    @property
    def changed(self) -> bool:
        return self.value != self.default


# AWS's "Inference Recommender" pages, where they give a number; design section 9 where they differ.
DEFAULTS: Final[dict[str, QuotaSpec]] = {
    "accounts.access_keys_per_user.max": QuotaSpec(5, "Access keys of one member"),
    "accounts.api_tokens_per_user.max": QuotaSpec(20, "API tokens of one member"),
    "accounts.iam_roles.max": QuotaSpec(1000, "IAM roles"),
    "endpoints.endpoints.max": QuotaSpec(100, "Endpoints"),
    "endpoints.instances_per_endpoint.max": QuotaSpec(20, "Instances of one endpoint"),
    "endpoints.variants.max": QuotaSpec(10, "Production variants of one endpoint configuration"),
    "models.max": QuotaSpec(1000, "Models, and versions in the model registry"),
    "models.artifact_mib.max": QuotaSpec(5120, "Size of a model archive, MiB"),
    "models.unpacked_mib.max": QuotaSpec(20480, "Size of an unpacked model archive, MiB"),
    "models.files.max": QuotaSpec(10000, "Files in a model archive"),
    "payload.archive_mib.max": QuotaSpec(1024, "Size of a sample payload archive, MiB"),
    "payload.unpacked_mib.max": QuotaSpec(2048, "Size of an unpacked payload archive, MiB"),
    "payload.files.max": QuotaSpec(1000, "Files in a sample payload archive"),
    "payload.file_mib.max": QuotaSpec(25, "Size of one sample payload, MiB"),
    "archive.ratio.max": QuotaSpec(200, "Unpacked size of an archive over its packed size"),
    "recommender.concurrent_jobs.max": QuotaSpec(20, "Jobs in progress at the same time"),
    "recommender.endpoint_configurations.max": QuotaSpec(10, "Instance types in one job"),
    "recommender.initial_users.min": QuotaSpec(1, "Initial users of a phase, at least"),
    "recommender.initial_users.max": QuotaSpec(3, "Initial users of the first phase"),
    "recommender.spawn_rate.max": QuotaSpec(60, "Users that a phase adds per minute"),
    "recommender.phase_seconds.min": QuotaSpec(120, "Length of a phase, seconds, at least"),
    "recommender.phase_seconds.max": QuotaSpec(3600, "Length of a phase, seconds"),
    "recommender.phase_user_jump.max": QuotaSpec(
        3, "Users between one phase's end and the next one's start"
    ),
    "recommender.users.max": QuotaSpec(5000, "Users of a test at the same time"),
    "recommender.users_per_step.max": QuotaSpec(3, "Users that a step of a staircase adds"),
    "recommender.job_seconds.max": QuotaSpec(18000, "Test duration of a job, seconds"),
    "recommender.tests.max": QuotaSpec(10, "Tests of one job"),
    "recommender.parallel_tests.max": QuotaSpec(10, "Tests of one job at the same time"),
    "recommender.max_invocations.max": QuotaSpec(
        30000, "Invocations per minute at which a test may be told to stop"
    ),
    "storage.buckets.max": QuotaSpec(100, "Buckets"),
    "storage.upload_mib.max": QuotaSpec(5120, "Size of one file uploaded in the browser, MiB"),
}


def limit(team: Team, code: str) -> float:
    """What holds for the team. An unknown code is a bug: KeyError."""
    default = DEFAULTS[code].default
    own = Quota.objects.filter(team=team, code=code).values_list("value", flat=True)
    return next(iter(own), default)


def limits(team: Team) -> dict[str, float]:
    """All of them in one query."""
    own = dict(Quota.objects.filter(team=team).values_list("code", "value"))
    return {code: own.get(code, spec.default) for code, spec in DEFAULTS.items()}


def effective(team: Team) -> list[Effective]:
    values = limits(team)
    return [
        Effective(code=code, text=spec.text, default=spec.default, value=values[code])
        for code, spec in DEFAULTS.items()
    ]


@transaction.atomic
def set_limit(actor: Actor, *, code: str, value: float | None) -> None:
    """Sets the team's own limit; None goes back to the default. Admins only."""
    actor.must(Role.ADMIN)
    if code not in DEFAULTS:
        raise ValidationFailed(f"There is no quota '{code}'.", field="code")
    if value is None:
        Quota.objects.filter(team=actor.team, code=code).delete()
    else:
        if not (math.isfinite(value) and value >= 0):
            raise ValidationFailed("A quota is a number, zero or more.", field="value")
        Quota.objects.update_or_create(team=actor.team, code=code, defaults={"value": value})
    audit.record(actor, "PutServiceQuota", code=code, value=value)
