"""An A/B test in a real browser: from two models to all traffic on the second variant."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import variants
from tests.e2e.invoking import request, send
from tests.e2e.variants import LARGE, SMALL
from tests.live import Console

pytestmark = pytest.mark.e2e
NAME = "churn-ab"


def fill_variant(page: Page, number: int, model: str) -> None:
    page.locator(f"[name=variant-{number}-model_name]").fill(model)
    page.locator(f"[name=variant-{number}-instance_type]").fill("ml.c5.large")


def create(page: Page, keep_screenshot: Any) -> None:
    page.goto("/console/endpoints")
    page.get_by_role("link", name="Create endpoint").first.click()
    page.get_by_label("Endpoint name").fill(NAME)
    page.get_by_label("Endpoint configuration name").fill(f"{NAME}-config")
    fill_variant(page, 0, SMALL)
    page.get_by_role("button", name="Add variant").click()
    fill_variant(page, 1, LARGE)
    shares = page.locator("[data-share]")
    expect(shares).to_have_text(["50%", "50%"])
    page.locator("[name=variant-1-weight]").fill("3")
    expect(shares).to_have_text(["25%", "75%"])
    page.locator("[name=variant-1-weight]").fill("1")
    expect(page.locator("#field-variant-1-instance_type [data-hint]")).to_contain_text("2 vCPU")
    keep_screenshot(page, "1-create")
    page.get_by_role("button", name="Create endpoint").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)


def comes_into_service(page: Page) -> None:
    """By itself, without a reload: the page follows."""
    expect(page.locator("#endpoint .status--success")).to_be_visible(timeout=120_000)
    expect(page.locator("#weights").get_by_role("button", name="Update weights")).to_be_enabled()


def try_inference(page: Page, target: str, answered_by: str) -> None:
    panel = page.locator("#test")
    panel.get_by_label("Request body").fill(variants.row().decode())
    panel.get_by_label("Target variant").select_option(target)
    panel.get_by_role("button", name="Send request").click()
    facts = page.locator("#answer .answer__facts")
    expect(facts).to_contain_text("Complete")
    expect(facts).to_contain_text(answered_by)


def fail_inference(page: Page) -> None:
    panel = page.locator("#test")
    panel.get_by_label("Request body").fill("no number")
    panel.get_by_role("button", name="Send request").click()
    expect(page.locator("#answer .answer__facts")).to_contain_text("ModelError")


def nothing_is_cut(page: Page) -> None:
    """Tables and the answer are as wide as their place on the page, whatever they say."""
    cut = page.evaluate(
        """() => [...document.querySelectorAll(".table-wrap, #answer")]
            .filter(each => each.scrollWidth > each.clientWidth + 1)
            .map(each => each.innerText.slice(0, 60))"""
    )
    assert not cut


def set_weights(page: Page, button: str, shares: list[str]) -> None:
    form = page.locator("#weights form")
    form.get_by_role("button", name=button, exact=True).click()
    expect(form.locator("[data-share]")).to_have_text(shares)
    form.get_by_role("button", name="Update weights").click()
    expect(page.locator("#weights")).to_contain_text("The new weights hold")
    column = page.locator("#endpoint .share span")
    expect(column).to_have_text(shares, timeout=10_000)


def test_from_creation_to_all_traffic_on_the_second_variant(
    page: Page, console: Console, keep_screenshot: Any
) -> None:
    create(page, keep_screenshot)
    comes_into_service(page)
    for variant in ("Variant1", "Variant2"):
        try_inference(page, variant, variant)
    expect(page.locator("#call-code")).to_contain_text("TargetVariant='Variant2'")
    keep_screenshot(page, "2-test")
    fail_inference(page)
    nothing_is_cut(page)

    raw, enough = request(console, NAME, variants.row()), threading.Event()
    with ThreadPoolExecutor(1) as background:
        traffic = background.submit(
            send, console, raw, clients=4, pause_s=0.02, until=enough.is_set
        )
        try:
            set_weights(page, "25:75", ["25%", "75%"])
            comes_into_service(page)
            set_weights(page, "All to Variant2", ["0%", "100%"])
            comes_into_service(page)
            mark = page.locator("#chart-share .annotation-text", has_text="0:1")
            page.locator("#monitoring").scroll_into_view_if_needed()
            expect(mark).to_be_visible(timeout=20_000)
            keep_screenshot(page, "3-all-on-variant2")
        finally:
            enough.set()
        load = traffic.result(60)
    # Two changes of weights under load: not one request was lost.
    assert not load.failed, load.failed[:3]
    assert set(send(console, raw, count=500).by_variant) == {"Variant2"}

    remove_the_first(page)
    assert set(send(console, raw, count=100).by_variant) == {"Variant2"}
    delete(page, console)


def remove_the_first(page: Page) -> None:
    """The endpoint moves to a configuration without it."""
    page.get_by_role("link", name="Update configuration").click()
    page.get_by_role("link", name="Create from the current one").click()
    page.get_by_label("Endpoint configuration name").fill(f"{NAME}-second-only")
    page.get_by_role("button", name="Remove variant 1").click()
    expect(page.locator("[name=variant-0-name]")).to_have_value("Variant2")
    page.get_by_role("button", name="Create endpoint configuration").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{NAME}-second-only")
    page.goto(f"/console/endpoints/{NAME}/update")
    page.get_by_label("Endpoint configuration", exact=True).select_option(f"{NAME}-second-only")
    expect(page.locator("#update-preview")).to_contain_text(f"Then: {NAME}-second-only")
    page.get_by_role("button", name="Update endpoint").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    expect(page.locator("#endpoint tbody tr")).to_have_count(1, timeout=120_000)
    comes_into_service(page)


def delete(page: Page, console: Console) -> None:
    page.get_by_role("button", name="Delete", exact=True).first.click()
    dialog = page.locator("#delete-dialog")
    dialog.get_by_label("To confirm").fill("delete")
    dialog.get_by_role("button", name="Delete").click()
    page.wait_for_url(re.compile("/console/endpoints$"))
    expect(page.get_by_role("link", name=NAME)).to_have_count(0, timeout=60_000)
