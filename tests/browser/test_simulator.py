"""The browser simulator, clicked through."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.running import Running

pytestmark = pytest.mark.browser


def begin(page: Page, running: Running, flow: str, words: str, language: str = "") -> None:
    page.goto(f"{running.address}/try/demo/{flow}")
    if language:
        page.get_by_label("Language").select_option(language)
    page.get_by_role("button", name=words, exact=True).click()


def says(page: Page, text: str) -> None:
    """The bot's newest bubble comes to hold this text."""
    expect(page.locator(".bubble:not(.mine)").last).to_contain_text(text)


def press(page: Page, title: str) -> None:
    page.locator(".choices:not(.old)").get_by_role("button", name=title, exact=True).click()


def write(page: Page, text: str) -> None:
    page.get_by_label("Message", exact=True).fill(text)
    page.keyboard.press("Enter")


def send_sample(page: Page) -> None:
    page.get_by_role("button", name="Attach").click()
    page.get_by_role("menuitem", name="A sample photo").click()


def row(page: Page, card: str, name: str) -> Locator:
    return page.locator(f"#{card} dt", has_text=re.compile(f"^{re.escape(name)}$")).locator("+ dd")


def test_the_whole_identity_flow(page: Page, running: Running) -> None:
    begin(page, running, "identity", "I want to verify my identity", "en")
    says(page, "Hello, Ana. I'm the assistant of Banco Ejemplo.")
    expect(row(page, "where", "step")).to_have_text("consentwaiting for a choice")
    expect(row(page, "where", "source")).to_have_text(re.compile(r"flows/identity\.yaml:\d+"))
    press(page, "Yes, I agree")
    says(page, "Which document do you have?")
    press(page, "Passport")
    says(page, "the number of your passport")
    write(page, "nn")
    says(page, "you have 2 tries left")
    expect(row(page, "where", "tries")).to_have_text("1 wrong of 3")
    write(page, "AB 123456")
    says(page, "Send a photo of the front")
    expect(row(page, "answers", "answers.document_number")).to_have_text("••••••")
    send_sample(page)
    expect(page.locator(".bubble.mine img")).to_be_visible()
    says(page, "Is that right?")
    expect(page.locator(".bubble:not(.mine) .tick").first).to_have_class(re.compile("read"))
    press(page, "Yes, it is")
    says(page, "Done! We have your details.")
    expect(row(page, "where", "ended")).to_have_text("succeeded")
    expect(row(page, "answers", "result.document_type")).to_have_text("passport")
    expect(row(page, "answers", "result.document")).to_have_text("••••••")
    expect(page.locator("#trace")).to_contain_text("process.succeeded")
    assert "AB 123456" not in page.locator(".inspector").inner_text()


def test_time_and_turns(page: Page, running: Running, tmp_path: Path) -> None:
    begin(page, running, "identity", "verify", "en")
    press(page, "Yes, I agree")
    press(page, "Passport")
    write(page, "AB 123456")
    says(page, "Send a photo of the front")
    page.get_by_role("button", name="To next timer").click()
    says(page, "Whenever you're ready")
    expect(page.locator(".note").last).to_have_text("+10 min")
    page.get_by_role("button", name="Back one turn").click()
    expect(page.locator(".note")).to_have_count(0)
    says(page, "Send a photo of the front")
    page.get_by_role("button", name="+30 min").click()
    says(page, "Whenever you're ready")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as test").click()
    download.value.save_as(tmp_path / "saved.yaml")
    assert "wait: 30m" in (tmp_path / "saved.yaml").read_text()
    page.get_by_role("button", name="To next timer").click()
    says(page, "Let's leave it here.")
    expect(row(page, "where", "ended")).to_contain_text("gave_up")
    page.get_by_role("button", name="Restart").click()
    expect(page.locator(".bubble")).to_have_count(0)
    expect(page.get_by_role("button", name="verify", exact=True)).to_be_visible()


def test_whoever_sits_at_the_page_is_the_person_who_takes_over(page: Page, running: Running) -> None:
    begin(page, running, "identity", "verify", "en")
    says(page, "Do you agree?")
    expect(page.locator("#desk")).to_be_hidden()
    write(page, "agent")
    says(page, "putting you through to a person")
    page.get_by_label("What the person writes").fill("Good day, this is Marta.")
    page.get_by_role("button", name="Say").click()
    says(page, "Good day, this is Marta.")
    page.get_by_role("button", name="Close").click()
    says(page, "Do you agree?")
    expect(page.locator("#desk")).to_be_hidden()


def test_a_list_a_place_and_marks_as_text(page: Page, running: Running) -> None:
    page.goto(f"{running.address}/try/demo/menu")
    page.get_by_label("table").fill("7")
    page.get_by_role("button", name="Start by API").click()
    says(page, "What would you like at table 7?")
    expect(page.locator(".bubble b")).to_have_text("What")
    page.locator(".choices button").click()
    page.get_by_role("radio", name="Pasta").check()
    page.get_by_role("button", name="Send", exact=True).last.click()
    says(page, "Where are you?")
    page.get_by_role("button", name="Attach").click()
    page.get_by_role("menuitem", name="A place").click()
    page.get_by_role("button", name="Send", exact=True).last.click()
    says(page, "On the way. <b>not bold</b>")
    expect(row(page, "answers", "answers.dish")).to_have_text("pasta")


def test_a_contact_is_found_again_by_its_address_and_shared_with_nobody(page: Page, running: Running) -> None:
    begin(page, running, "identity", "verify")
    says(page, "Do you agree?")
    address = page.url
    page.reload()
    says(page, "Do you agree?")
    assert page.url == address
    page.goto(f"{running.address}/try/demo/identity")
    expect(page.get_by_role("button", name="verify", exact=True)).to_be_visible()
    expect(page.locator(".bubble")).to_have_count(0)


def speak(page: Page, language: str) -> None:
    """Choose a language, and wait until the page has begun anew with it."""
    with (
        page.expect_response(lambda answer: answer.url.endswith("/restart")),
        page.expect_response(lambda answer: answer.url.endswith("/state") and answer.status == 200),
    ):
        page.get_by_label("Language").select_option(language)


def test_hindi_by_keyboard_alone(page: Page, running: Running) -> None:
    page.goto(f"{running.address}/try/demo/antenatal_visit")
    expect(page.locator(".starts button").first).to_be_visible()
    speak(page, "hi")
    page.locator(".starts button").first.press("Enter")
    expect(page.locator(".bubble:not(.mine)").first).to_contain_text(re.compile("[\u0900-\u097f]"))


def test_what_is_pressed_during_a_restart_counts_for_the_new_contact(page: Page, running: Running) -> None:
    page.goto(f"{running.address}/try/demo/identity")
    expect(page.locator(".starts button").first).to_be_visible()
    page.get_by_label("Language").select_option("es")
    write(page, "verificar")
    says(page, "¿Estás de acuerdo?")


def test_it_fits_a_phone_and_everything_has_a_name(browser: Browser, running: Running) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    page = context.new_page()
    page.goto(f"{running.address}/try/demo/identity")
    page.get_by_role("button", name="verify", exact=True).tap()
    expect(page.locator(".choices button").first).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360, f"{wide} pixels wide"
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll('button, input, select, a[href]')].filter((one) =>
            !(one.innerText || one.getAttribute('aria-label') || one.labels?.length)).map((one) => one.outerHTML)"""
    )
    assert unnamed == []
    context.close()


def test_a_mistake_that_is_saved_shows_beside_the_chat_and_goes_when_it_is_mended(page: Page, running: Running) -> None:
    """What was good before runs on meanwhile."""
    file = running.data.parent / "flows" / "menu.yaml"
    good = file.read_text("utf-8")
    begin(page, running, "menu", "menu please", "en")
    try:
        file.write_text(good.replace("choices: [soup", "choices: [[soup"), "utf-8")
        expect(page.locator("#mistakes")).to_contain_text("flows/menu.yaml:12 the '[' opened in line 12 is not closed")
        assert "menu" in page.locator("#flows").inner_text()
    finally:
        file.write_text(good, "utf-8")
    expect(page.locator("#mistakes")).to_be_hidden()


def test_the_list_of_flows(page: Page, running: Running) -> None:
    page.goto(f"{running.address}/try")
    page.get_by_role("link", name="identity").click()
    expect(page.get_by_role("heading", name="Try: identity")).to_be_visible()


MARKUP = (
    '<img src=x onerror="window.ran=1"> *<svg onload="window.ran=1">* _<script>window.ran=1</script>_ [x](javascript:1)'
)


def test_what_somebody_writes_is_text_wherever_it_is_shown(page: Page, running: Running) -> None:
    """RELIABILITY 4.1, stored XSS: in the chat, after a reload, in the inspector and in its trace."""
    begin(page, running, "survey", "survey", "en")
    for _ in range(2):
        write(page, MARKUP)
        expect(page.locator(".bubble.mine").last).to_contain_text('<img src=x onerror="window.ran=1">')
        page.reload()
    expect(page.locator(".bubble.mine").first).to_be_visible()
    assert page.evaluate("window.ran") is None
    assert page.locator("img[src=x], .chat svg[onload], .bubble script, a[href^='javascript']").count() == 0
