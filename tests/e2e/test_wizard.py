"""The four steps in a real browser, from an empty form to a ranked recommendation."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.live import Console

pytestmark = pytest.mark.e2e


def fill_model_step(page: Page) -> None:
    page.get_by_label("Model group").select_option("breast-cancer")
    expect(page.locator("#id_package_version option")).not_to_have_count(1)
    page.get_by_label("Model version").select_option(label="Version 1 (Approved)")
    role = page.locator("#id_role_arn")
    role.select_option(index=1)
    page.locator("[name=phase_users]").fill("5")
    page.locator("[name=phase_spawn]").fill("30")
    page.locator("[name=phase_seconds]").fill("20")


def next_step(page: Page, heading: str) -> None:
    page.get_by_role("button", name="Next", exact=True).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def make_role(page: Page) -> None:
    if page.locator("#id_role_arn option").count() > 1:
        return
    page.get_by_role("button", name="Create new role").click()
    page.locator("#new_role").fill("wizard-role")
    page.locator("#role-dialog").get_by_role("button", name="Create").click()


def choose_goals(page: Page) -> None:
    # Two choices at once: the answer to the first does not take the second back.
    page.locator("#formula summary").click()
    page.get_by_label("Latency", exact=True).select_option("Low")
    page.get_by_label("Throughput", exact=True).select_option("High")
    expect(page).to_have_url(re.compile("cost=Highest&latency=Low&throughput=High$"))
    expect(page.get_by_label("Throughput", exact=True)).to_have_value("High")
    # What was opened stays open, also over a reload.
    expect(page.locator(".formula")).to_be_visible()
    page.reload()
    expect(page.locator(".formula")).to_be_visible()


def test_a_job_is_created_step_by_step_and_ends_with_a_ranking(
    page: Page, console: Console, keep_screenshot: Any
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("link", name="Create job").first.click()
    make_role(page)
    fill_model_step(page)
    keep_screenshot(page, "1-model")
    assert any("preview.json" in url for url in asked)
    assert not [url for url in asked if "csrfmiddlewaretoken" in url]
    next_step(page, "Instances and environment parameters")

    for each in ("ml.c5.large", "ml.m5.large"):
        page.get_by_placeholder("Find instance types").fill(each)
        page.get_by_label(each, exact=True).check()
    keep_screenshot(page, "2-instances")
    next_step(page, "Job parameters")

    page.locator("[name=name]").fill("browser")
    page.locator("[name=latency_ms]").fill("500")
    keep_screenshot(page, "3-parameters")
    next_step(page, "Review job")

    # A closed tab loses nothing: the draft is on the list, and every answer in it.
    review = page.url
    page.goto("/console/recommender/jobs")
    page.goto(review)
    expect(page.get_by_text("ml.m5.large").first).to_be_visible()
    for code in ("create_inference_recommendations_job", "aws sagemaker", "/api/v1/recommender"):
        expect(page.get_by_text(re.compile(re.escape(code))).first).to_be_attached()
    keep_screenshot(page, "4-review")
    page.get_by_role("button", name="Submit").last.click()

    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^browser-\d"))
    expect(page.locator("#progress")).to_contain_text("Load test running", timeout=120_000)
    keep_screenshot(page, "5-running")
    expect(page.locator("#recommendations")).to_contain_text("ml.m5.large", timeout=180_000)
    page.reload()
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=20_000)
    keep_screenshot(page, "6-finished")

    # Two types of one size differ in price alone: cost decides, whatever else matters.
    page.get_by_label("Cost", exact=True).select_option("Highest")
    expect(page.locator("#recommendations tbody tr").first).to_contain_text("ml.c5.large")

    choose_goals(page)


def test_wrong_answers_are_told_at_their_field_and_keep_the_others(page: Page) -> None:
    page.get_by_role("link", name="Create job").first.click()
    make_role(page)
    fill_model_step(page)
    page.locator("[name=phase_users]").fill("4000")
    page.get_by_role("button", name="Next", exact=True).last.click()
    expect(page.locator(".field__error").first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Model configuration")
    expect(page.get_by_label("Model group")).to_have_value("breast-cancer")

    # Back from the next step shows the step as it is kept now, not its refusal.
    page.locator("[name=phase_users]").fill("4")
    next_step(page, "Instances and environment parameters")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Model configuration")
    expect(page.locator("[name=phase_users]")).to_have_value("4")
    expect(page.locator(".field__error")).to_have_count(0)
    expect(page.get_by_label("Model version")).to_have_value(re.compile("breast-cancer/1$"))


@pytest.mark.parametrize(
    "path",
    [
        *("/console/recommender/jobs", "/console/models", "/console/model-packages"),
        *("/console/endpoint-configs", "/console/endpoints", "/console/storage"),
        *("/console/team", "/console/alarms", "/console/metrics", "/console/logs", "/admin/"),
    ],
)
def test_every_page_of_the_navigation_opens(page: Page, path: str) -> None:
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200
    expect(page.get_by_role("heading", level=1).first).to_be_visible()


def test_a_stranger_is_sent_to_the_sign_in_page(browser: Any, console: Console) -> None:
    context = browser.new_context(base_url=console.url)
    page = context.new_page()
    page.goto("/console/recommender/jobs")
    expect(page).to_have_url(re.compile("/console/sign-in"))
    context.close()
