"""The endpoint, configuration and model that a test has for itself: made, found again, removed.

Names are deterministic, so a crash between any two steps leaves something findable.
"""

import contextlib
import hashlib
from collections.abc import Mapping
from typing import Any, Final

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import CallerError, InUse, NotFound
from endpoints import queries, services
from endpoints.models import Endpoint
from endpoints.specs import VariantSpec
from recommender.errors import TestFailed
from recommender.models import Job, JobStep
from recommender.rules.subject import additional_specifications

PREFIX: Final = "sm-epc-"
#: AWS's "AllTraffic" is the usual name of an only variant.
VARIANT: Final = "AllTraffic"
#: Names of a job's children are cut there, as at AWS.
_LONGEST: Final = 40
_DIGEST: Final = 10


def name_for(job: Job, ordinal: int) -> str:
    seed = f"{job.team.account_id}/{job.region}/{job.pk}/{job.created_at:%s}/{ordinal}"
    digest = hashlib.sha256(seed.encode()).hexdigest()[:_DIGEST]
    readable = f"{PREFIX}{job.name}"[: _LONGEST - _DIGEST - 1].rstrip("-")
    return f"{readable}-{digest}"


def actor_of(job: Job) -> Actor:
    return Actor.system(job.team, job.region)


def find(job: Job, name: str) -> Endpoint | None:
    with contextlib.suppress(NotFound):
        return queries.endpoint(actor_of(job), name)
    return None


def ensure(step: JobStep) -> Endpoint:
    """The test's endpoint, made now if it is not there. Raises TestFailed with the refusal."""
    job = step.job
    found = find(job, step.endpoint_name)
    if found is not None:
        return found
    actor = actor_of(job)
    try:
        _ensure_config(actor, step)
        with contextlib.suppress(InUse):
            services.create_endpoint(
                actor,
                name=step.endpoint_name,
                config_name=step.endpoint_name,
                purpose=Endpoint.Purpose.BENCHMARK,
                scale=job.scale,
            )
        return queries.endpoint(actor, step.endpoint_name)
    except CallerError as refused:
        raise TestFailed(
            f"An error occurred ({refused.code}) when calling the CreateEndpoint operation:"
            f" {refused.message}"
        ) from refused


def remove(job: Job, name: str) -> bool:
    """Asks for all of it to go; True once the endpoint is gone."""
    remove_named(actor_of(job), name)
    return find(job, name) is None


def remove_named(actor: Actor, name: str) -> None:
    with contextlib.suppress(NotFound):
        services.delete_endpoint(actor, name=name)
    with contextlib.suppress(NotFound):
        services.delete_endpoint_config(actor, name=name)
    with contextlib.suppress(NotFound):
        services.delete_model(actor, name=name)


def _ensure_config(actor: Actor, step: JobStep) -> None:
    with contextlib.suppress(InUse):
        services.create_endpoint_config(
            actor,
            name=step.endpoint_name,
            variants=[
                VariantSpec(
                    name=VARIANT,
                    model_name=_model_name(actor, step),
                    instance_type=step.instance_type,
                    environment=step.environment,
                )
            ],
        )


def _model_name(actor: Actor, step: JobStep) -> str:
    """The job's own model; for a registered version a temporary one, named as the endpoint."""
    job = step.job
    if not job.model_package_arn:
        return job.model_name
    package = queries.package(actor, job.model_package_arn)
    container: Mapping[str, Any] | None = None
    for specification in additional_specifications(package):
        if specification.get("Name") == step.inference_specification_name:
            container = (specification.get("Containers") or [None])[0]
    with contextlib.suppress(InUse):
        services.create_model(
            actor,
            name=step.endpoint_name,
            primary_container=container,
            package=package,
            execution_role_arn=job.role_arn,
        )
    return step.endpoint_name
