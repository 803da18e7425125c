"""The picture of a flow in a real browser, in both schemes: every text stays within what it is written on."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from flowbot.engine.graph import draw
from flowbot.library.load import load
from tests.engine.graph.growing import grown
from tests.engine.talk import flow_of
from tests.walk.stranger import ROOT

pytestmark = pytest.mark.browser
WORDS = ", ".join(f"keyword_number_{one}" for one in range(30))
FLOWS = {
    **load(ROOT, {}).flows,
    "grown": flow_of(grown(80)),
    "wordy": flow_of(f"start: {{keywords: [{WORDS}]}}\n{grown(80)}"),
}
OUTSIDE = """() => [...document.querySelectorAll('g')].flatMap(part => {
  const field = part.querySelector('rect:not(.bar)');
  if (!field) return [];
  const room = field.getBBox();
  return [...part.querySelectorAll('text')].filter(text => {
    const box = text.getBBox();
    return box.x < room.x || box.x + box.width > room.x + room.width || box.y < room.y
      || box.y + box.height > room.y + room.height + 1;
  }).map(text => text.textContent);
})"""
BEYOND = """() => {
  const page = document.querySelector('.page').getBBox();
  return [...document.querySelectorAll('text')].filter(text => {
    const box = text.getBBox();
    return box.x < page.x || box.x + box.width > page.x + page.width;
  }).map(text => text.textContent);
}"""
CONTRAST = """() => {
  const light = color => {
    const [r, g, b] = color.match(/[0-9.]+/g).map(one => one / 255)
      .map(one => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const page = document.querySelector('.page');
  return Math.min(...[...document.querySelectorAll('text')].map(text => {
    const field = text.parentNode.querySelector('rect:not(.bar)') || page;
    const [a, b] = [text, field === text ? page : field].map(one => light(getComputedStyle(one).fill));
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }));
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_texts_fit_and_can_be_read(browser: Browser, flow: object, scheme: str) -> None:
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_content(draw(flow))  # type: ignore[arg-type]
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate(BEYOND) == []
    assert page.evaluate(CONTRAST) >= 4.5
    page.close()
