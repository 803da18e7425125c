"""A template with its places filled: checked against its structure before anything leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from ..errors import TemplateRefused
from ..model.outbound import Attachment, Choice, Outbound
from ..model.template import (
    MEDIA,
    MEDIA_URL,
    VARIABLE,
    Button,
    Filled,
    FilledButton,
    Parameter,
    Template,
    Wording,
    names_in,
    provider_language,
)
from .plain import plain
from .render import attached

BODY, HEADER, CODE = 1024, 60, 15  # characters, with the values in them
_URL_SAFE = "/?&=:%#+,;@!$'()*~-._"
Values = Mapping[str, str]
Mistakes = list[tuple[str, str, str]]  # component, message, the variable that it is said of


def fill(template: Template, wording: Wording, given: Mapping[str, Any], *, visit: int = 0) -> Outbound:
    """The message; TemplateRefused names the component that does not fit, and all others that do not.

    `visit` goes with its buttons, so that a tap is known for what it answers.

    >>> words = Wording(language="en", body="Order {{ order }} has left.")
    >>> fill(Template(name="left", wordings={"en": words}), words, {"order": 7}).text
    'Order 7 has left.'
    >>> fill(Template(name="left", wordings={"en": words}), words, {})
    Traceback (most recent call last):
    flowbot.errors.TemplateRefused: template left, body: the variable 'order' has no value
    """
    values = {name: _value(value) for name, value in given.items()}
    mistakes = [*_unfit(template, wording, values), *_untextual(wording, given)]
    media, why = _media(wording, values)
    header = wording.header if wording.header and wording.header.kind == "text" else None
    heading = _filled(header.value, values) if header else ""
    text = _filled(wording.body, values)
    buttons = tuple(_button(button, values) for button in wording.buttons)
    mistakes += [("header", why, MEDIA_URL)] if why else []
    mistakes += _long(wording, values, heading, text, buttons)
    if mistakes:
        raise TemplateRefused.of(template.name, mistakes)
    filled = Filled(
        name=template.name,
        language=provider_language(wording.language),
        category=template.category,
        named=template.named,
        heading=heading,
        header=_parameters(header.value, values) if header else (),
        body=_parameters(wording.body, values),
        buttons=buttons,
        params={name: values[name] for name in wording.variables},
    )
    return Outbound(
        kind="template",
        text=text,
        footer=wording.footer,
        attachment=media,
        choices=tuple(Choice(id=button.id, title=button.text) for button in wording.replies),
        visit=visit,
        template=filled,
        lang=wording.language,
    )


def _value(value: Any) -> str:
    """White space is collapsed: a value with line breaks is refused by providers."""
    return " ".join(plain(value).split())


def _unfit(template: Template, wording: Wording, values: Values) -> Iterator[tuple[str, str, str]]:
    """Variables without a value, each at the part that reads it; values that no language has a variable for."""
    for component, text in _parts(wording):
        for name in dict.fromkeys(names_in(text)):
            if not values.get(name):
                yield component, f"the variable '{name}' has no value", name
    known = template.variables
    for name in values:
        if name not in known:
            there = f"there are {', '.join(known)}" if known else "it has none"
            yield "parameters", f"there is no variable '{name}': {there}", name


def _untextual(wording: Wording, given: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What stands in a text has to be one, or to read as one."""
    for component, text in _parts(wording):
        for name in dict.fromkeys(names_in(text)):
            if isinstance(given.get(name), Mapping):
                yield component, f"the value of '{name}' is an object; it takes a text or a number", name


def _parts(wording: Wording) -> Iterator[tuple[str, str]]:
    if wording.header is not None and wording.header.kind == "text":
        yield "header", wording.header.value
    yield "body", wording.body
    for number, button in enumerate(wording.buttons, 1):
        yield f"button {number}", button.value


def _media(wording: Wording, values: Values) -> tuple[Attachment | None, str]:
    if wording.header is None or wording.header.kind not in MEDIA:
        return None, ""
    where = values.get(MEDIA_URL, "")
    if not where:
        return None, f"its {wording.header.kind} is missing: give {MEDIA_URL}"
    found = attached(wording.header.kind, where)
    return found, "" if found else f"{MEDIA_URL} is neither an https address nor a file below content/media/"


def _filled(text: str, values: Values) -> str:
    return VARIABLE.sub(lambda found: values.get(found[1], ""), text)


def _parameters(text: str, values: Values) -> tuple[Parameter, ...]:
    return tuple(Parameter(name=name, value=values.get(name, "")) for name in names_in(text))


def _button(button: Button, values: Values) -> FilledButton:
    names = names_in(button.value)
    value = values.get(names[0], "") if names else ""
    if button.kind == "url":
        value = quote(value, safe=_URL_SAFE)
    target = VARIABLE.sub(lambda _: value, button.value)
    told = target if button.kind == "copy_code" else value
    return FilledButton(kind=button.kind, text=button.text, id=button.id, value=told, target=target)


def _long(wording: Wording, values: Values, heading: str, text: str, buttons: tuple[FilledButton, ...]) -> Mistakes:
    """Each said of the longest of its values: the words of the template alone would fit."""
    sizes = [("header", len(heading), HEADER), ("body", len(text), BODY)]
    sizes += [
        (f"button {number}", len(button.value), CODE)
        for number, button in enumerate(buttons, 1)
        if button.kind == "copy_code"
    ]
    read = {part: VARIABLE.findall(written) for part, written in _parts(wording)}
    return [
        (
            part,
            f"{size} characters; WhatsApp takes {most}",
            max(read.get(part, ()), key=lambda name: len(values.get(name, "")), default=""),
        )
        for part, size, most in sizes
        if size > most
    ]
