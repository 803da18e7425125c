"""Debian's chromium, driven by playwright; skipped on a machine without it, never in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.running import Running
from tests.walk.stranger import ROOT

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MENU = """
flow: menu
languages: [en]
start:
  messages: [menu please]
  api: true
inputs:
  table: {type: integer, required: true}
steps:
  dish:
    ask: "*What* would you like at table {{ inputs.table }}?"
    choices: [soup, salad, pasta, fish, cake]
  where:
    ask: Where are you?
    expect: location
  done: {say: "On the way. <b>not bold</b>", succeed: {dish: "{{ answers.dish }}"}}
"""


@pytest.fixture(scope="module")  # its event loop must not outlive these tests
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no chromium: .ci/run installs it")
        pytest.skip("no chromium here")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, headless=True, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`flowbot run` on a copy of the example project with one flow more."""
    project = tmp_path_factory.mktemp("browser")
    shutil.copytree(ROOT / "flows", project / "flows")
    shutil.copytree(ROOT / "content", project / "content")
    (project / "flows" / "menu.yaml").write_text(MENU)
    shutil.copy(ROOT / "flowbot.yaml", project)
    with Running(project, project / ".flowbot") as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page whose every error in the console fails the test: a blocked style or script, a lost request."""
    wrong: list[str] = []
    context = browser.new_context(viewport={"width": 1180, "height": 860})
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    opened.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    context.close()
    assert wrong == []
