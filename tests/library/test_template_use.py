"""What `flowbot check` says of how templates are used: in flows, in words, in flowbot.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowbot.library.load import load
from tests.library.test_load import put

INVITE = """
category: utility
examples: {name: Ana, order: A-1}
languages:
  en: {body: "Hello {{ name }}, see {{ order }} now.", continue: "Yes", cancel: "No"}
  es: {body: "Hola {{ name }}, mira {{ order }} ya.", continue: Sí, cancel: "No"}
"""
ASKS = """
category: utility
languages:
  en: {body: Will you come?, buttons: [{quick_reply: coming, text: Yes}, {quick_reply: later, text: Later}]}
"""
PHOTO = "category: marketing\nlanguages: {en: {header: {image: a.jpg}, body: Look at this.}}\n"
CODE = "category: authentication\nlanguages: {en: {}}\n"
PROJECT = "accounts: {acme: {languages: [en], channels: {main: {gateway: simulator}}%s}}\n"
FLOW = """
flow: demo
start: {%s}
steps:
  one: {%s}
  done: {say: bye, succeed: {}}
"""
END = "next: {refused: {fail: no}}"
WITH = "with: {name: Ana, order: '7'}"
CASES = [
    (f"template: invite, {WITH}, {END}", []),
    (f"template: invite, {END}", ["M512 the template 'invite' lacks a value for name, order"]),
    (f"template: invite, with: {{name: Ana}}, {END}", ["M512 the template 'invite' lacks a value for order"]),
    (
        f"template: invite, with: {{name: Ana, order: '7', media_url: x}}, {END}",
        ["M512 the template 'invite' has no variable 'media_url'"],
    ),
    (f"template: photo, {END}", ["M512 the template 'photo' lacks a value for media_url"]),
    (f"template: {{name: invite, language: es}}, {WITH}, {END}", []),
    (f"template: {{name: invite, language: fr}}, {WITH}, {END}", ["M515 the template 'invite' is not written in 'fr'"]),
    (f"template: asks, choices: {{coming: done, later: done}}, {END}", []),
    (
        f"template: asks, choices: {{coming: done}}, {END}",
        ["M513 nothing waits for the button later of the template 'asks'"],
    ),
    (
        f"template: asks, choices: {{coming: done, latr: done}}, {END}",
        [
            "M513 nothing waits for the button later of the template 'asks'",
            "M513 the template 'asks' has no button 'latr'",
        ],
    ),
    (f"template: code, {END}", ["M514 the template 'code' carries one-time codes and nothing else"]),
    (f"template: nothing, {END}", ["M511 there is no template 'nothing'"]),
]


def said(folder: Path, flow: str, *, words: str = "bye: Bye.\n", account: str = "") -> list[str]:
    put(folder, "flowbot.yaml", PROJECT % account)
    for name, text in (("invite", INVITE), ("asks", ASKS), ("photo", PHOTO), ("code", CODE)):
        put(folder, f"content/templates/{name}.yaml", text)
    put(folder, "content/media/a.jpg", "x")
    put(folder, "content/en/demo.yaml", words)
    put(folder, "flows/demo.yaml", flow)
    return sorted(f"{one.code} {one.message}" for one in load(folder, {}).problems if one.code.startswith("M51"))


@pytest.mark.parametrize(("step", "wanted"), CASES, ids=[step for step, _ in CASES])
def test_a_step_fits_its_template(tmp_path: Path, step: str, wanted: list[str]) -> None:
    """R026, R027, R083, R084."""
    assert said(tmp_path, FLOW % ("api: true", step)) == wanted


def test_what_does_not_fit_stops_no_flow(tmp_path: Path) -> None:
    assert said(tmp_path, FLOW % ("api: true", f"template: invite, {END}"))
    assert "demo" in load(tmp_path, {}).flows


@pytest.mark.parametrize(
    ("outside", "wanted"),
    [
        ("{template: invite, with: {name: Ana, order: '7'}}", []),
        ("{template: invite}", ["M512 the template 'invite' lacks a value for name, order"]),
        ("{template: invit, with: {name: Ana}}", ["M511 there is no template 'invit'"]),
        ("{template: code}", ["M514 the template 'code' carries one-time codes and nothing else"]),
    ],
)
def test_so_does_what_stands_for_an_entry(tmp_path: Path, outside: str, wanted: list[str]) -> None:
    words = f"bye: {{text: Bye., outside: {outside}}}\n"
    assert said(tmp_path, FLOW % ("api: true", "say: bye"), words=words) == wanted


@pytest.mark.parametrize(
    ("start", "wanted"),
    [
        ("template: invite", []),
        ("template: {name: asks, expires: 2h}", ["M514 the template 'asks' has no Continue and Cancel"]),
    ],
)
def test_a_flow_begins_with_one_that_invites(tmp_path: Path, start: str, wanted: list[str]) -> None:
    """R024."""
    assert said(tmp_path, FLOW % (start, "say: bye")) == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("code", []),
        ("cod", ["M511 there is no template 'cod'"]),
        ("asks", ["M514 the template 'asks' is utility"]),
    ],
)
def test_codes_go_by_an_authentication_template(tmp_path: Path, name: str, wanted: list[str]) -> None:
    assert said(tmp_path, FLOW % ("api: true", "say: bye"), account=f", codes: {{template: {name}}}") == wanted


@pytest.mark.parametrize(
    ("step", "wanted"),
    [
        ("verify: otp, with: {template: code}", []),
        ("verify: otp, with: {template: asks}", ["M514 the template 'asks' is utility"]),
        ("event: {name: told, with: {template: code}}", []),
        ("set: {vars.a: {template: asks}}", []),
    ],
)
def test_a_step_s_own_code_template_and_values_that_are_called_so(tmp_path: Path, step: str, wanted: list[str]) -> None:
    assert said(tmp_path, FLOW % ("api: true", step)) == wanted


def test_so_does_a_rule(tmp_path: Path) -> None:
    rule = "remind: {event: visit.scheduled, at: {after: 1h}, to: subject, template: invite, with: {name: Ana}}\n"
    put(tmp_path, "rules/visits.yaml", rule)
    wanted = ["M512 the template 'invite' lacks a value for order"]
    assert said(tmp_path, FLOW % ("api: true", "say: bye")) == wanted
