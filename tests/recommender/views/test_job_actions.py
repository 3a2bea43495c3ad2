"""Stop, clone and delete from the page, and who may."""

import pytest
from django.test import Client

from recommender.models import Job, WizardDraft
from recommender.statuses import JobStatus
from tests.recommender.views.measured import make_step

PAGE = "/console/recommender/jobs/churn-1"


def test_stop_asks_the_job_to_stop(job: Job, alice_client: Client) -> None:
    make_step(job, status="IN_PROGRESS", phase="running")
    Job.objects.filter(pk=job.pk).update(status=JobStatus.IN_PROGRESS)
    answer = alice_client.post(f"{PAGE}/stop", follow=True)
    job.refresh_from_db()
    assert job.status == JobStatus.STOPPING
    assert "Stopping churn-1" in answer.content.decode()


def test_a_finished_job_cannot_be_stopped_and_says_so(job: Job, alice_client: Client) -> None:
    Job.objects.filter(pk=job.pk).update(status=JobStatus.COMPLETED)
    answer = alice_client.post(f"{PAGE}/stop", follow=True)
    assert "only a job in progress can be stopped" in answer.content.decode()


def test_delete_needs_the_word(job: Job, alice_client: Client) -> None:
    Job.objects.filter(pk=job.pk).update(status=JobStatus.COMPLETED)
    answer = alice_client.post(f"{PAGE}/delete", {"confirm": "yes"}, follow=True)
    assert "type delete to confirm" in answer.content.decode()
    assert Job.objects.get().status == JobStatus.COMPLETED


def test_delete_with_the_word_deletes(job: Job, alice_client: Client) -> None:
    Job.objects.filter(pk=job.pk).update(status=JobStatus.COMPLETED)
    answer = alice_client.post(f"{PAGE}/delete", {"confirm": "delete"})
    assert answer["Location"] == "/console/recommender/jobs"
    assert not Job.objects.exclude(status=JobStatus.DELETING).exists()


def test_a_running_job_is_not_deleted(job: Job, alice_client: Client) -> None:
    answer = alice_client.post(f"{PAGE}/delete", {"confirm": "delete"}, follow=True)
    assert "Stop it before you delete it" in answer.content.decode()


def test_clone_opens_the_wizard_with_the_jobs_answers(job: Job, alice_client: Client) -> None:
    answer = alice_client.post(f"{PAGE}/clone")
    draft = WizardDraft.objects.get()
    assert answer["Location"] == f"/console/recommender/create-job/{draft.pk}/model"
    page = alice_client.get(f"/console/recommender/create-job/{draft.pk}/instances")
    assert 'id="type-ml.m5.large" aria-label="ml.m5.large" checked' in page.content.decode()
    assert alice_client.get(f"/console/recommender/create-job/{draft.pk}/review").status_code == 200


def test_clone_says_what_the_wizard_has_no_field_for(job: Job, alice_client: Client) -> None:
    # Not even a role that the team has no row of, which every other door takes.
    assert "cannot carry" not in alice_client.post(f"{PAGE}/clone", follow=True).content.decode()
    threshold = {"Percentile": "P95", "ValueInMilliseconds": 100}
    job.request["StoppingConditions"] = {"ModelLatencyThresholds": [threshold]}
    job.request["InputConfig"]["VolumeKmsKeyId"] = "a-key"
    job.save(update_fields=["request"])
    page = alice_client.post(f"{PAGE}/clone", follow=True).content.decode()
    assert (
        "cannot carry over InputConfig.VolumeKmsKeyId,"
        " StoppingConditions.ModelLatencyThresholds" in page
    )


@pytest.mark.parametrize("action", ["stop", "clone", "delete"])
def test_a_viewer_may_not_and_a_stranger_finds_nothing(
    job: Job, bob_client: Client, charlie_client: Client, action: str
) -> None:
    assert bob_client.post(f"{PAGE}/{action}").status_code == 403
    assert charlie_client.post(f"{PAGE}/{action}", {"confirm": "delete"}).status_code == 404
    assert bob_client.get(f"{PAGE}/{action}").status_code == 405
