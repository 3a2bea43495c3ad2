import io
import tarfile

import pytest
from django.core.management import call_command

from consoleapp.accounts.errors import Forbidden
from consoleapp.accounts.models import Team
from consoleapp.storage import s3
from endpoints import queries, services
from endpoints.models import Model, ModelPackage
from endpoints.samples.catalogue import GROUP, SAMPLES
from endpoints.samples.seed import seed

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def _store(object_store):
    """A real object store, empty buckets."""


def test_seeding_fills_a_team_and_again_only_completes_it(actor, charlie):
    lines: list[str] = []
    seed(actor, lines.append)
    assert {model.name for model in queries.models(actor)} == {s.name for s in SAMPLES}
    packages = list(queries.packages(actor, group_name=GROUP))
    assert [package.version for package in packages] == [4, 3, 2, 1]
    assert any("training" in line for line in lines)
    _check_package(actor, packages[-1])
    _check_payloads(actor, packages[-1].sample_payload_url)
    assert not queries.models(charlie).exists()

    again: list[str] = []
    seed(actor, again.append)
    assert again == []
    assert (Model.objects.count(), ModelPackage.objects.count()) == (4, 4)

    services.delete_model(actor, name=SAMPLES[0].name)
    seed(actor, again.append)
    assert again == [f"{SAMPLES[0].name}: model registered"]


def _check_package(actor, package):
    specification = package.inference_specification
    container = specification["Containers"][0]
    assert (package.domain, package.task) == ("MACHINE_LEARNING", "CLASSIFICATION")
    assert (package.framework, package.nearest_model_name) == ("XGBOOST", "xgboost")
    assert package.approval_status == "Approved"
    assert specification["SupportedContentTypes"] == ["text/csv"]
    assert "ml.c5.large" in specification["SupportedRealtimeInferenceInstanceTypes"]
    with _tar(s3.get_bytes(actor, container["ModelDataUrl"], MIB)) as archive:
        assert archive.getnames() == ["model.ubj"]
    test = s3.get_bytes(actor, f"{package.sample_payload_url.rpartition('/')[0]}/test.csv", MIB)
    assert len(test.splitlines()[0].split(b",")) == 31


def _check_payloads(actor, url):
    with _tar(s3.get_bytes(actor, url, MIB)) as archive:
        members = archive.getmembers()
        assert len(members) == 100
        assert all("/" not in member.name for member in members)
        first = archive.extractfile(members[0])
        assert first is not None
        assert len(first.read().strip().split(b",")) == 30


def _tar(packed: bytes) -> tarfile.TarFile:
    return tarfile.open(fileobj=io.BytesIO(packed))


def test_a_viewer_cannot_seed(bob):
    with pytest.raises(Forbidden):
        seed(bob)


@pytest.mark.django_db
def test_the_command_seeds_the_first_team_and_tells_its_steps(capsys):
    call_command("seed")
    out = capsys.readouterr().out
    assert "breast-cancer-onnx: model registered" in out
    assert Team.objects.count() == 1
    assert Model.objects.count() == 4
