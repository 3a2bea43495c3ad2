"""The job list: rows, filters, order, pages, drafts, and its polls."""

import pytest
from django.test import Client
from django.utils import timezone

from consoleapp.accounts.actor import Actor
from recommender.models import Job, WizardDraft
from recommender.views import drafts
from tests.recommender.views.measured import make_result, make_step

LIST = "/console/recommender/jobs"


def make_rows(actor: Actor, count: int, **columns: object) -> list[Job]:
    given = {"type": "Advanced", "request": {}, "model_name": "plain", **columns}
    return [
        Job.objects.create(team=actor.team, region=actor.region, name=f"job-{n:02}", **given)
        for n in range(count)
    ]


def names(client: Client, query: str = "") -> list[str]:
    return [row.job.name for row in client.get(f"{LIST}?{query}").context["rows"]]


def test_without_jobs_the_page_offers_the_first_one(
    alice_client: Client, bob_client: Client
) -> None:
    assert "Create job" in alice_client.get(LIST).content.decode()
    assert "/create-job" not in bob_client.get(LIST).content.decode()


def test_a_row_shows_status_model_duration_and_best_result(job: Job, bob_client: Client) -> None:
    now = timezone.now()
    Job.objects.filter(pk=job.pk).update(
        status="COMPLETED", started_at=now - timezone.timedelta(seconds=95), completed_at=now
    )
    make_result(make_step(job, 1, status="COMPLETED", phase="done"))
    dear = make_step(job, 2, instance_type="ml.m5.large")
    make_result(dear, cost_per_inference_usd=1e-6, model_latency_us=99_000)
    page = bob_client.get(LIST).content.decode()
    for shown in ("churn-1", "Completed", "churn version 1", "1 min 35 s", "ml.c5.large", "1/2"):
        assert shown in page


def test_no_result_is_the_best_where_every_price_is_unknown(job: Job, bob_client: Client) -> None:
    make_result(make_step(job), cost_per_hour_usd=None, cost_per_inference_usd=None)
    page = bob_client.get(LIST).content.decode()
    assert "not ranked: prices unknown" in page
    assert "ml.c5.large" not in page


def test_it_filters_by_name_status_and_type(actor: Actor, bob_client: Client) -> None:
    make_rows(actor, 2, status="FAILED")
    Job.objects.filter(name="job-01").update(status="COMPLETED", type="Default")
    assert names(bob_client, "name=00") == ["job-00"]
    assert names(bob_client, "status=COMPLETED") == ["job-01"]
    assert names(bob_client, "type=Default") == ["job-01"]


def test_a_filter_that_matches_nothing_can_be_cleared(actor: Actor, bob_client: Client) -> None:
    make_rows(actor, 1)
    page = bob_client.get(f"{LIST}?name=nothing").content.decode()
    assert "No matches" in page
    assert "Clear filter" in page


def test_it_sorts_by_the_column_and_turns_round(actor: Actor, bob_client: Client) -> None:
    make_rows(actor, 3)
    assert names(bob_client)[0] == "job-02"
    assert names(bob_client, "sort=Name&order=asc")[0] == "job-00"
    page = bob_client.get(f"{LIST}?sort=Name&order=asc").content.decode()
    assert 'aria-sort="ascending"' in page
    assert "order=desc" in page


def test_it_shows_twenty_to_a_page(actor: Actor, bob_client: Client) -> None:
    make_rows(actor, 21)
    assert len(names(bob_client)) == 20
    assert names(bob_client, "page=2") == ["job-00"]
    assert "(21)" in bob_client.get(LIST).content.decode()


def test_a_poll_gets_nothing_until_a_row_changes(actor: Actor, bob_client: Client) -> None:
    (one,) = make_rows(actor, 1, status="IN_PROGRESS")
    hx = {"HX-Request": "true"}
    first = bob_client.get(LIST, headers=hx)
    revision = first.context["revision"]
    assert bob_client.get(f"{LIST}?revision={revision}", headers=hx).status_code == 204
    Job.objects.filter(pk=one.pk).update(revision=1)
    changed = bob_client.get(f"{LIST}?revision={revision}", headers=hx)
    assert changed.status_code == 200
    assert "<html" not in changed.content.decode()


def test_polling_ends_when_no_job_runs(actor: Actor, bob_client: Client) -> None:
    make_rows(actor, 1, status="COMPLETED")
    assert "hx-trigger" not in bob_client.get(LIST).content.decode()
    assert bob_client.get(LIST, headers={"HX-Request": "true"}).status_code == 286


def test_the_filter_keeps_the_order(alice_client: Client, actor: Actor) -> None:
    make_rows(actor, 1)
    page = alice_client.get(f"{LIST}?sort=Name&order=desc&name=job").content.decode()
    assert '<input type="hidden" name="sort" value="Name">' in page
    assert '<input type="hidden" name="order" value="desc">' in page
    assert 'name="sort"' not in alice_client.get(LIST).content.decode()


def test_drafts_are_listed_for_their_owner_until_submitted(
    actor: Actor, alice_client: Client, bob_client: Client
) -> None:
    answers = {"model": {"model_name": ["plain"], "job_type": ["Default"]}}
    draft = WizardDraft.objects.create(
        team=actor.team, region=actor.region, user=actor.user, answers=answers
    )
    page = alice_client.get(LIST).content.decode()
    assert f"/console/recommender/create-job/{draft.pk}/model" in page
    assert "plain" in page
    assert str(draft.pk) not in bob_client.get(LIST).content.decode()
    drafts.mark_passed(draft, "model")
    assert (
        f"/console/recommender/create-job/{draft.pk}/instances"
        in alice_client.get(LIST).content.decode()
    )
    draft.submitted_job = make_rows(actor, 1)[0]
    draft.save(update_fields=["submitted_job"])
    assert str(draft.pk) not in alice_client.get(LIST).content.decode()


def test_drafts_of_one_model_are_told_apart_by_their_names(
    actor: Actor, alice_client: Client
) -> None:
    for answers in ({"name": ["tuesday"]}, {"name": []}, {}):
        drafts.begin_with(actor, {"model": {"model_name": ["plain"]}, "parameters": answers})
    rows = alice_client.get(LIST).context["drafts"]
    assert sorted(row.name for row in rows) == ["", "", "tuesday"]


def test_more_drafts_than_are_shown_are_said(actor: Actor, alice_client: Client) -> None:
    for _ in range(12):
        drafts.begin_with(actor, {"model": {"model_name": ["plain"]}})
    answer = alice_client.get(LIST)
    assert len(answer.context["drafts"]) == 10
    page = answer.content.decode()
    assert "(12)" in page
    assert "These are the 10 saved last" in page


def test_a_stranger_sees_none_of_it(job: Job, charlie_client: Client) -> None:
    assert "churn-1" not in charlie_client.get(LIST).content.decode()


@pytest.mark.parametrize("count", [1, 15])
def test_the_list_asks_the_same_however_many_jobs(
    actor: Actor, bob_client: Client, count: int, django_assert_max_num_queries
) -> None:
    for row in make_rows(actor, count, status="COMPLETED"):
        make_result(make_step(row))
    with django_assert_max_num_queries(10):
        bob_client.get(LIST)


def test_the_navigation_marks_the_recommender_on_its_pages_and_its_form(
    alice_client: Client,
) -> None:
    marked = 'href="/console/recommender/jobs" aria-current="page"'
    form = alice_client.get("/console/recommender/create-job", follow=True)
    for page in (alice_client.get(LIST), form):
        assert marked in page.content.decode()
    assert marked not in alice_client.get("/console/models").content.decode()
