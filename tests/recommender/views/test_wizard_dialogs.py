"""The wizard's dialogs: a new role, an upload, the bucket's files, the traffic preview."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import IamRole
from consoleapp.accounts.services import create_iam_role
from consoleapp.storage import s3
from recommender.models import WizardDraft
from tests.object_store import ObjectStore
from tests.recommender.asked import make_package

START = "/console/recommender/create-job"
TYPED = {"job_type": "Advanced", "content_type": "text/x-typed"}


def begin(client: Client) -> str:
    return str(client.get(START)["Location"])


def kept() -> dict[str, Any]:
    return WizardDraft.objects.get().answers["model"]


def test_a_new_role_is_created_and_chosen_and_the_page_keeps_what_was_typed(
    alice_client: Client,
) -> None:
    sent = {**TYPED, "action": "create-role", "new_role": "Mine", "new_role_text": "for jobs"}
    alice_client.post(begin(alice_client), sent)
    role = IamRole.objects.get()
    assert role.description == "for jobs"
    assert kept()["role_arn"] == [role.arn]
    assert kept()["content_type"] == ["text/x-typed"]


def test_a_role_name_that_is_refused_says_why(alice_client: Client) -> None:
    sent = {**TYPED, "action": "create-role", "new_role": "no spaces allowed"}
    answer = alice_client.post(begin(alice_client), sent, follow=True)
    assert "A role name has 1 to 64 letters" in answer.content.decode()
    assert not IamRole.objects.exists()


def test_an_uploaded_archive_lands_in_the_teams_bucket_and_is_chosen(
    actor: Actor, alice_client: Client, object_store: ObjectStore
) -> None:
    page, chosen = begin(alice_client), []
    for content in (b"packed", b"another of that name"):
        archive = SimpleUploadedFile("rows.tar.gz", content)
        sent = {**TYPED, "action": "upload-payload", "archive": archive}
        alice_client.post(page, sent)
        chosen += kept()["payload_url"]
    bucket = "s3://sagemaker-us-east-1-123456789012/payloads/"
    assert all(uri.startswith(bucket) and uri.endswith("/rows.tar.gz") for uri in chosen)
    assert [s3.get_bytes(actor, uri, 100) for uri in chosen] == [b"packed", b"another of that name"]


@pytest.mark.parametrize("name", ["rows.zip", ""])
def test_what_is_no_archive_is_refused(alice_client: Client, name: str) -> None:
    files = {"archive": SimpleUploadedFile(name, b"x")} if name else {}
    sent = {**TYPED, "action": "upload-payload", **files}
    answer = alice_client.post(begin(alice_client), sent, follow=True)
    assert "Choose a .tar.gz archive of sample payloads." in answer.content.decode()


def test_the_browser_opens_folders_and_offers_archives(
    actor: Actor, alice_client: Client, object_store: ObjectStore
) -> None:
    bucket = s3.default_bucket(actor)
    for key in ("a/rows.tar.gz", "a/notes.txt"):
        s3.put_bytes(actor, f"s3://{bucket}/{key}", b"x")
    top = alice_client.get(f"{START}/payloads").content.decode()
    assert "a/" in top
    inside = alice_client.get(f"{START}/payloads", {"prefix": f"s3://{bucket}/a/"})
    page = inside.content.decode()
    assert f'value="s3://{bucket}/a/rows.tar.gz">Choose' in page
    assert "Not a .tar.gz" in page


def test_a_store_that_is_away_is_said_in_the_dialogs(
    actor: Actor, alice_client: Client, object_store: ObjectStore
) -> None:
    s3.default_bucket(actor)
    draft = begin(alice_client)
    archive = SimpleUploadedFile("rows.tar.gz", b"packed")
    sent = {**TYPED, "action": "upload-payload", "archive": archive}
    with override_settings(S3_ENDPOINT_URL="http://127.0.0.1:9"):
        page = alice_client.get(f"{START}/payloads").content.decode()
        answer = alice_client.post(draft, sent, follow=True)
    assert "The object store does not answer now." in page
    assert "The object store does not answer now." in answer.content.decode()


def test_another_teams_bucket_is_not_browsed(
    actor: Actor, charlie_client: Client, object_store: ObjectStore
) -> None:
    bucket = s3.default_bucket(actor)
    s3.put_bytes(actor, f"s3://{bucket}/secret.tar.gz", b"x")
    page = charlie_client.get(f"{START}/payloads", {"prefix": f"s3://{bucket}/"}).content.decode()
    assert "secret" not in page
    assert "alert--error" in page


def test_the_preview_draws_what_is_typed(alice_client: Client) -> None:
    typed = {
        "traffic_type": "PHASES",
        "phase_users": ["1", "2"],
        "phase_spawn": ["0", "0"],
        "phase_seconds": ["120", "60"],
    }
    (trace,) = alice_client.get(f"{START}/preview.json", typed).json()["data"]
    assert (trace["x"][-1], trace["y"]) == (3.0, [1, 2, 2])


def test_the_preview_says_what_is_missing(alice_client: Client) -> None:
    typed = {"traffic_type": "PHASES", "phase_users": ["1"], "phase_spawn": [""]}
    answer = alice_client.get(f"{START}/preview.json", typed).json()
    assert answer["data"] == []
    assert answer["empty"]


def test_a_viewer_has_no_dialogs(bob_client: Client) -> None:
    for path in ("payloads", "preview.json", "model-fields"):
        assert bob_client.get(f"{START}/{path}").status_code == 403


def test_a_corrupt_archive_is_said_at_its_field(
    actor: Actor, alice_client: Client, object_store: ObjectStore
) -> None:
    url = f"s3://{s3.default_bucket(actor)}/payloads/rows.tar.gz"
    s3.put_bytes(actor, url, b"1,2,3\n" * 100)
    role, package = create_iam_role(actor, "Mine"), make_package(actor)
    sent = {
        **{"job_type": "Default", "use_registry": "on", "role_arn": role.arn, "payload_url": url},
        **{"package_group": "churn", "package_version": package.arn, "action": "next"},
    }
    answer = alice_client.post(begin(alice_client), sent)
    assert answer.status_code == 422
    assert answer.context["form"].errors["payload_url"] == [
        f"{url} is not a .tar.gz archive: its content is not compressed with gzip."
    ]


def test_a_choice_of_the_model_leaves_the_list_of_what_is_served(alice_client: Client) -> None:
    first = alice_client.get(begin(alice_client)).content.decode()
    again = alice_client.get(f"{START}/model-fields", {"use_registry": "on"}).content.decode()
    for shown in (first, again):
        assert 'id="served"' in shown
        assert "sagemaker-xgboost" in shown
