"""A real browser, and jobs short enough for tests."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.live import ROOT, Console

ARTIFACTS = ROOT / "artifacts"
#: Chromium's own chatter to its maker's hosts is turned off: nothing leaves this machine.
_ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

# A busy machine is slow, and no page is wrong for it.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    assert Path(executable).exists(), f"{executable} is missing: apt install chromium"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=_ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, console: Console) -> Iterator[Page]:
    """Signed in as the admin. A page that throws, or breaks its own policy, fails the test."""
    context = browser.new_context(base_url=console.url, viewport={"width": 1400, "height": 1000})
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on(
        "console",
        lambda message: (
            faults.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    opened.goto("/console/sign-in")
    opened.locator("[name=username]").fill(console.credentials["CONSOLE_USER"])
    opened.locator("[name=password]").fill(console.credentials["CONSOLE_PASSWORD"])
    opened.locator("[name=password]").press("Enter")
    opened.wait_for_url("**/console/recommender/jobs")
    yield opened
    context.close()
    assert not faults


@pytest.fixture
def keep_screenshot(request: pytest.FixtureRequest) -> Any:
    """Saves what the page shows as artifacts/<test>-<word>.png."""
    ARTIFACTS.mkdir(exist_ok=True)

    def keep(page: Page, word: str) -> None:
        name = request.node.name.removeprefix("test_")[:60]
        page.screenshot(path=ARTIFACTS / f"{name}-{word}.png", full_page=True)

    return keep
