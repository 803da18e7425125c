"""A template's places are filled by name, and what does not fit is refused before anything leaves."""

from __future__ import annotations

from typing import Any

import pytest

from flowbot.engine.filling import fill
from flowbot.errors import TemplateRefused
from flowbot.gateways.meta_send import message_body
from flowbot.model import codec
from flowbot.model.gateway import Sending
from flowbot.model.outbound import Attachment, Choice, Outbound
from flowbot.model.template import Button, FilledButton, Header, Parameter, Template, Wording

WORDS = Wording(
    language="pt-BR",
    header=Header(value="Pedido {{ order }}"),
    body="Olá {{ name }}, o pedido {{order}} saiu. {{ name }}, quer ver?",
    footer="PARE para sair",
    buttons=(
        Button(kind="quick_reply", id="continue", text="Ver"),
        Button(kind="url", text="Abrir", value="https://loja.example/p/{{ order }}"),
        Button(kind="phone", text="Ligar", value="+5531988887777"),
        Button(kind="copy_code", text="Copy code", value="{{ coupon }}"),
    ),
)
PHOTO = Wording(language="en", header=Header(kind="image", value="example.jpg"), body="Look.")
GIVEN = {"name": "Ana\n  Luz", "order": 7.0, "coupon": "X-1"}


def filled(wording: Wording, given: dict[str, Any], **more: Any) -> Outbound:
    return fill(Template(name="t", wordings={wording.language: wording}, **more), wording, given, visit=4)


def mistakes(wording: Wording, given: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(TemplateRefused) as caught:
        filled(wording, given)
    found: list[tuple[str, str]] = [one[:2] for one in caught.value.facts["mistakes"]]
    assert str(caught.value).startswith(f"template t, {found[0][0]}: {found[0][1]}")
    return found


def test_names_become_positions() -> None:
    out = filled(WORDS, GIVEN)
    assert (out.kind, out.visit, out.lang, out.footer) == ("template", 4, "pt-BR", "PARE para sair")
    assert out.text == "Olá Ana Luz, o pedido 7 saiu. Ana Luz, quer ver?"
    assert out.choices == (Choice(id="continue", title="Ver"),)
    template = out.template
    assert template is not None and (template.name, template.language, template.heading) == ("t", "pt_BR", "Pedido 7")
    assert template.header == (Parameter(name="order", value="7"),)
    assert [one.value for one in template.body] == ["Ana Luz", "7", "Ana Luz"]
    assert template.buttons[1:] == (
        FilledButton(kind="url", text="Abrir", value="7", target="https://loja.example/p/7"),
        FilledButton(kind="phone", text="Ligar", target="+5531988887777"),
        FilledButton(kind="copy_code", text="Copy code", value="X-1", target="X-1"),
    )
    assert codec.decode(Outbound, codec.encode(out)) == out


def test_an_address_stays_one() -> None:
    found = filled(WORDS, {**GIVEN, "order": "a b/ñ?x=1"})
    assert found.template is not None
    assert found.template.buttons[1].target == "https://loja.example/p/a%20b/%C3%B1?x=1"


@pytest.mark.parametrize("missing", [{}, {"name": None}, {"name": "  "}])
def test_a_missing_value_names_its_component(missing: dict[str, Any]) -> None:
    """R026, R083."""
    given = {**{name: value for name, value in GIVEN.items() if name != "name"}, **missing}
    assert mistakes(WORDS, given) == [("body", "the variable 'name' has no value")]


def test_every_mistake_is_named() -> None:
    """R026, R083."""
    assert mistakes(WORDS, {"name": "Ana", "nome": "x", "coupon": "much longer than that"}) == [
        ("header", "the variable 'order' has no value"),
        ("body", "the variable 'order' has no value"),
        ("button 2", "the variable 'order' has no value"),
        ("parameters", "there is no variable 'nome': there are order, name, coupon"),
        ("button 4", "21 characters; WhatsApp takes 15"),
    ]


def test_every_mistake_tells_its_variable() -> None:
    """R083: the one that is missing, unknown, or the longest of what is too long."""
    given = {**GIVEN, "name": "x" * 1100, "nome": "x", "coupon": ""}
    with pytest.raises(TemplateRefused) as caught:
        filled(WORDS, given)
    found = [(component, name) for component, _, name in caught.value.facts["mistakes"]]
    assert found == [("button 4", "coupon"), ("parameters", "nome"), ("body", "name")]


def test_values_that_make_it_too_long() -> None:
    """R008."""
    found = mistakes(WORDS, {**GIVEN, "name": "x" * 600, "order": "9" * 60})
    assert [component for component, _ in found] == ["header", "body"]


@pytest.mark.parametrize(
    ("where", "attachment"),
    [
        ("https://a.example/b.jpg", Attachment(kind="image", url="https://a.example/b.jpg")),
        ("promo/b.jpg", Attachment(kind="image", path="promo/b.jpg", filename="b.jpg")),
    ],
)
def test_the_file_of_a_header(where: str, attachment: Attachment) -> None:
    """R027."""
    out = filled(PHOTO, {"media_url": where})
    assert out.attachment == attachment and out.template is not None and out.template.params == {"media_url": where}


def test_a_file_that_is_missing_or_none() -> None:
    """R027, R083."""
    assert mistakes(PHOTO, {}) == [("header", "its image is missing: give media_url")]
    assert mistakes(PHOTO, {"media_url": "../x"})[0][0] == "header"
    assert mistakes(Wording(language="en", body="Hello."), {"media_url": "https://a.example/b.jpg"}) == [
        ("parameters", "there is no variable 'media_url': it has none")
    ]


def test_a_value_that_is_no_text_names_its_component() -> None:
    """R083."""
    given = {**GIVEN, "name": {"first": "Ana"}}
    assert ("body", "the value of 'name' is an object; it takes a text or a number") in mistakes(WORDS, given)


def test_the_end_of_an_address_is_each_sends_own() -> None:
    """R085: whoever sends gives it, as any other variable; the provider gets it at the button's place."""
    told = []
    for order in ("A-1", "B-2"):
        outbound = filled(WORDS, {**GIVEN, "order": order})
        body = message_body(Sending(id="ms_1_x", to="573001112233", outbound=outbound))
        (button,) = [one for one in body["template"]["components"] if one.get("sub_type") == "url"]
        told.append((button["index"], button["parameters"]))
    assert told == [("1", [{"type": "text", "text": "A-1"}]), ("1", [{"type": "text", "text": "B-2"}])]
