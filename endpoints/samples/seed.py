"""Puts the samples into a team: data and models in its bucket, Models, and registry versions.

Running it again completes what is missing and trains nothing that is there.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.errors import NotFound
from consoleapp.storage import s3
from endpoints import queries, services
from endpoints.models import ModelPackage
from endpoints.samples import archives, dataset, training
from endpoints.samples.catalogue import GROUP, GROUP_DESCRIPTION, SAMPLES, Sample
from endpoints.stacks.build import OnLine

_PREFIX: Final = "samples/breast-cancer"
_PAYLOADS: Final = 100


def seed(actor: Actor, on_line: OnLine | None = None) -> None:
    """Needs the object store. Raises StackBuildFailed or TrainingFailed with the reason."""
    say = on_line or (lambda line: None)
    base = f"s3://{s3.default_bucket(actor)}/{_PREFIX}"
    _put_once(actor, f"{base}/payload.tar.gz", payloads)
    _put_once(actor, f"{base}/test.csv", lambda: dataset.csv(dataset.split().test))
    for sample in SAMPLES:
        url = f"{base}/{sample.name}/model.tar.gz"
        _put_once(actor, url, partial(training.train, sample, say))
        _model(actor, sample, url, say)
        _version(actor, sample, url, f"{base}/payload.tar.gz", say)


def payloads() -> bytes:
    """A sample payload archive: plain CSV files at its root, one row of 30 features in each."""
    rows = dataset.split().test[:_PAYLOADS, 1:]
    return archives.tar_gz(
        {
            f"row-{number:03d}.csv": dataset.csv(rows[number : number + 1])
            for number in range(len(rows))
        }
    )


def _put_once(actor: Actor, uri: str, make: Callable[[], bytes]) -> None:
    try:
        s3.head(actor, uri)
    except NotFound:
        s3.put_bytes(actor, uri, make())


def _model(actor: Actor, sample: Sample, url: str, say: OnLine) -> None:
    if queries.models(actor).filter(name=sample.name).exists():
        return
    services.create_model(actor, name=sample.name, primary_container=sample.container(url))
    say(f"{sample.name}: model registered")


def _version(actor: Actor, sample: Sample, url: str, payload: str, say: OnLine) -> None:
    if not queries.groups(actor).filter(name=GROUP).exists():
        services.create_package_group(actor, name=GROUP, description=GROUP_DESCRIPTION)
    if any(_data_of(package) == url for package in queries.packages(actor, group_name=GROUP)):
        return
    package = services.create_package(
        actor,
        group_name=GROUP,
        inference_specification=sample.specification(url),
        members={
            "ModelPackageDescription": sample.description,
            "ModelApprovalStatus": ModelPackage.Approval.APPROVED.value,
            "Domain": "MACHINE_LEARNING",
            "Task": "CLASSIFICATION",
            "SamplePayloadUrl": payload,
        },
    )
    say(f"{sample.name}: version {package.version} of {GROUP} registered")


def _data_of(package: ModelPackage) -> str:
    containers = package.inference_specification.get("Containers") or [{}]
    return str(containers[0].get("ModelDataUrl", ""))
