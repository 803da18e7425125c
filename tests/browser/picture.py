"""The README's picture, drawn by the simulator itself:  .venv/bin/python -m tests.browser.picture"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import QUIET
from tests.browser.test_simulator import begin, press, says, send_sample, write
from tests.running import Running
from tests.walk.stranger import ROOT

if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory() as data,
        Running(ROOT, Path(data) / "data") as running,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        page = browser.new_page(viewport={"width": 1120, "height": 940})
        begin(page, running, "identity", "I want to verify my identity", "en")
        press(page, "Yes, I agree")
        press(page, "National ID")
        write(page, "1020")
        says(page, "you have 2 tries left")
        write(page, "1020304050")
        says(page, "Send a photo of the front")
        page.get_by_role("button", name="To next timer").click()
        says(page, "Whenever you're ready")
        send_sample(page)
        says(page, "Now a photo of the back")
        page.wait_for_timeout(2500)
        (ROOT / "docs" / "images").mkdir(parents=True, exist_ok=True)
        page.screenshot(path=ROOT / "docs" / "images" / "simulator.png")
        browser.close()
