"""content/templates/*.yaml: all mistakes at their line, and what comes of a sound file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from flowbot.library.load import load
from flowbot.library.templates import read_templates
from flowbot.library.yaml import read_yaml
from flowbot.model.template import Button, Header, Template
from tests.library.test_load import PROJECT, put

HERE = Path(__file__).parent
MISTAKES = yaml.safe_load((HERE / "templates" / "mistakes.yaml").read_text("utf-8"))


def read(text: str, name: str = "demo") -> tuple[Template | None, list[str]]:
    found = read_yaml(f"content/templates/{name}.yaml", text.encode())
    templates, problems = read_templates({name: found})
    return templates.get(name), [f"{one.line} {one.code} {one.message}" for one in (*found.problems, *problems)]


@pytest.mark.parametrize("case", MISTAKES, ids=lambda case: case["case"])
def test_mistakes(case: dict[str, Any]) -> None:
    """R009, R010, R024."""
    template, said = read(case["text"])
    assert len(said) == len(case["says"]), said
    left = list(said)
    for wanted in case["says"]:
        start, _, part = wanted.partition(" ")
        code, _, part = part.partition(" ")
        match = next((one for one in left if one.startswith(f"{start} {code} ") and part in one), None)
        assert match, f"{wanted} is not in {left}"
        left.remove(match)
    if not said:
        assert template is not None


@pytest.mark.parametrize("name", ["Order", "order-update", "pedido_ñ", "x" * 513])
def test_a_name_of_other_letters_is_refused(name: str) -> None:
    """R010."""
    template, said = read("category: utility\nlanguages: {en: {body: Hello.}}\n", name)
    assert template is None and "M501" in said[0]


@pytest.mark.parametrize(("extra", "sound"), [(0, True), (1, False)])
def test_body_footer_and_buttons_share_1024_characters(extra: int, sound: bool) -> None:
    """R009: placeholders count as the numbers that they are handed in with."""
    body = "{{ some_name_of_a_variable }}, hi: " + "x" * (
        1024 - 5 - len(", hi: ") - len("foot") - len("Press me") + extra
    )
    words = f"{{body: 'Hi {body}', footer: foot, buttons: [{{quick_reply: a, text: Press me}}]}}"
    words = words.replace("Hi {{", "{{")
    text = f"category: utility\nexamples: {{some_name_of_a_variable: x}}\nlanguages:\n  en: {words}\n"
    found = [one for one in read(text)[1] if "M502" in one]
    assert (not found) is sound, found


def test_a_sound_file() -> None:
    template, said = read(
        """
category: marketing
topic: offers
parameters: named
examples: {name: Ana}
languages:
  es:
    header: {image: promo/a.jpg}
    body: "Hola {{name}}, toma {{ coupon }}."
    continue: Ver
    cancel: No
    examples: {coupon: X1}
    buttons: [{copy_code: "{{ coupon }}"}, {url: "https://a.example/{{ coupon }}", text: Abrir}]
  pt-BR:
    header: {image: promo/a.jpg}
    body: "Olá {{name}}, pegue {{ coupon }}."
    continue: Ver
    cancel: Não
    examples: {coupon: X1}
    buttons: [{copy_code: "{{ coupon }}"}, {url: "https://a.example/{{ coupon }}", text: Abrir}]
"""
    )
    assert template is not None, said
    assert (template.name, template.category, template.topic, template.named) == ("demo", "marketing", "offers", True)
    assert template.invites and template.replies == ("continue", "cancel")
    assert template.variables == ("name", "coupon", "media_url")
    spanish = template.wordings["es"]
    assert spanish.header == Header(kind="image", value="promo/a.jpg")
    assert spanish.buttons[:2] == (
        Button(kind="quick_reply", id="continue", text="Ver"),
        Button(kind="quick_reply", id="cancel", text="No"),
    )
    assert spanish.examples == {"name": "Ana", "coupon": "X1"}
    assert template.wording("pt") is template.wordings["pt-BR"] is template.wording("xx", "pt_br")
    assert template.wording("fr") is None


def test_an_authentication_template_shows_whatsapps_words() -> None:
    template, said = read("category: authentication\nlanguages:\n  es: {expires: 10m}\n  xx: {security: false}\n")
    assert template is not None and not said
    spanish, other = template.wordings.values()
    assert spanish.body == "*{{ code }}* es tu código de verificación. Por tu seguridad, no lo compartas."
    assert (spanish.footer, spanish.expires) == ("Este código caduca en 10 minutos.", 10)
    assert spanish.variables == ("code",) and spanish.buttons[0].text == "Copiar código"
    assert other.body == "*{{ code }}* is your verification code." and not other.footer


def test_a_broken_template_stays_as_it_last_was(tmp_path: Path) -> None:
    put(tmp_path, "flowbot.yaml", PROJECT)
    put(tmp_path, "content/templates/hello.yaml", "category: utility\nlanguages: {en: {body: Hello.}}\n")
    library = load(tmp_path, {})
    assert library.sound and library.template("hello").wordings["en"].body == "Hello."
    put(tmp_path, "content/templates/hello.yaml", "category: utility\nlanguages: {en: {body: Hello, bodi: 1}}\n")
    broken = load(tmp_path, {}, before=library)
    assert not broken.sound and broken.template("hello").wordings["en"].body == "Hello."
    (tmp_path / "content/templates/hello.yaml").unlink()
    assert not load(tmp_path, {}, before=broken).templates
