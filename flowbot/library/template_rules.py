"""What WhatsApp takes of a template: how long its parts may be, where variables stand, which buttons go together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from ..model.problem import Path, Problem, Source
from ..model.template import (
    CANCEL,
    CODE,
    CONTINUE,
    MEDIA,
    MEDIA_URL,
    VARIABLE,
    Button,
    Template,
    Wording,
    positional,
)

WHOLE = 1024  # body, footer and button texts together
SMALL = 60  # header, footer
REPLY, LABEL = 20, 25  # a quick reply; any other button
PHONE, CODE_LENGTH = 20, 15
MOST = {"quick_reply": 10, "url": 2, "phone": 1, "copy_code": 1}
ALL = 10
_PHONE = re.compile(r"\+[0-9][0-9 ()-]{4,}\Z", re.ASCII)
_BRACES = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{\{|\}\}|\{%", re.DOTALL)
_EDGE = re.compile(r"\A\s*\{\{|\}\}\s*\Z")
_ADJACENT = re.compile(r"\}\}\s*\{\{")


def check(template: Template, source: Source, told: bool) -> Iterator[Problem]:
    """Every mistake; `told`: whether the file says if it is a notification."""
    for language, wording in template.wordings.items():
        path: Path = ("languages", language)
        if template.category != "authentication":
            yield from _invitation(template, wording, path, source, told)
            yield from _lengths(wording, path, source)
            yield from _variables(wording, path, source)
            yield from _buttons(wording, path, source)
        yield from _examples(template, wording, path, source)
    yield from _alike(template, source)


def _invitation(template: Template, wording: Wording, path: Path, source: Source, told: bool) -> Iterator[Problem]:
    """Continue and Cancel go together; a notification has neither."""
    has = {button.id for button in wording.replies} & {CONTINUE, CANCEL}
    if template.notification:
        for id in sorted(has):
            hint = "remove it, or is_notification"
            yield source.problem((*path, id), "M505", f"a notification has no button '{id}'", hint=hint)
    elif has or told:
        for id in (CONTINUE, CANCEL):
            if id not in has:
                hint = "the words on the button that " + ("starts the flow" if id == CONTINUE else "declines it")
                yield source.problem(path, "M505", f"the label of '{id}' is missing", hint=hint)


def _lengths(wording: Wording, path: Path, source: Source) -> Iterator[Problem]:
    whole = len(positional(wording.body)) + len(wording.footer) + sum(len(one.text) for one in wording.buttons)
    if whole > WHOLE:
        message = f"body, footer and buttons have {whole} characters together; WhatsApp takes {WHOLE}"
        yield source.problem((*path, "body"), "M502", message, hint="shorten them")
    if len(wording.footer) > SMALL:
        yield _long(source, (*path, "footer"), "the footer", wording.footer, SMALL)
    header = wording.header
    if header is not None and header.kind == "text" and len(positional(header.value)) > SMALL:
        yield _long(source, (*path, "header"), "the header", header.value, SMALL)
    for button, place in _placed(wording, path):
        limit = REPLY if button.kind == "quick_reply" else LABEL
        if len(button.text) > limit:
            at = (*place, "text") if place[-1] not in (CONTINUE, CANCEL) else place
            yield _long(source, at, "the button", button.text, limit)


def _variables(wording: Wording, path: Path, source: Source) -> Iterator[Problem]:
    texts = [("body", wording.body), ("footer", wording.footer)]
    if wording.header is not None:
        texts.append(("header", wording.header.value if wording.header.kind == "text" else ""))
    for name, text in texts:
        yield from _braces(text, (*path, name), source)
    if wording.header is not None and wording.header.kind == "text" and len(VARIABLE.findall(wording.header.value)) > 1:
        yield source.problem((*path, "header"), "M503", "a header takes one variable", hint="move one to the body")
    if VARIABLE.search(wording.footer):
        yield source.problem((*path, "footer"), "M503", "a footer takes no variables", hint="write it out")
    for found, what in ((_EDGE.search(wording.body), "begin or end"), (_ADJACENT.search(wording.body), "stand side")):
        if found and VARIABLE.search(wording.body):
            message = f"WhatsApp refuses a body in which variables {what}" + (" by side" * (what == "stand side"))
            hint = "put a word before, behind or between"
            yield source.problem((*path, "body"), "M503", message, hint=hint, level="warning")
    if MEDIA_URL in VARIABLE.findall(wording.body):
        hint = "take another name"
        yield source.problem((*path, "body"), "M503", f"'{MEDIA_URL}' is the file of the header", hint=hint)


def _braces(text: str, path: Path, source: Source) -> Iterator[Problem]:
    for found in _BRACES.findall(text):
        if not VARIABLE.fullmatch(found):
            hint = "{{ name }}: small letters, digits and _; what is computed goes into `with`"
            yield source.problem(path, "M503", f"{found[:40]} is no variable of a template", hint=hint)


def _buttons(wording: Wording, path: Path, source: Source) -> Iterator[Problem]:
    counts = Counter(button.kind for button in wording.buttons)
    for kind, most in MOST.items():
        if counts[kind] > most:
            yield source.problem(
                (*path, "buttons"), "M506", f"{counts[kind]} buttons are {kind}; WhatsApp takes {most}"
            )
    if len(wording.buttons) > ALL:
        yield source.problem((*path, "buttons"), "M506", f"{len(wording.buttons)} buttons; WhatsApp takes {ALL}")
    ids: set[str] = set()
    for button, place in _placed(wording, path):
        if button.kind == "quick_reply":
            if button.id in ids:
                yield source.problem((*place, "quick_reply"), "M506", f"the button '{button.id}' is there twice")
            ids.add(button.id)
        elif button.kind:
            yield from _value(button, (*place, button.kind), source)


def _value(button: Button, path: Path, source: Source) -> Iterator[Problem]:
    value, names = button.value, VARIABLE.findall(button.value)
    yield from _braces(value, path, source)
    if button.kind == "url":
        if not value.startswith(("https://", "http://")) or re.search(r"\s", VARIABLE.sub("", value)):
            yield source.problem(path, "M506", f"'{value}' is not a web address", hint="it begins with https://")
        elif len(names) > 1 or (names and not value.endswith("}}")):
            message = "an address takes one variable, at its very end"
            yield source.problem(path, "M503", message, hint="https://shop.example/o/{{ order }}")
    elif button.kind == "phone" and (not _PHONE.match(value) or len(value) > PHONE):
        hint = f'with + and the country code, in quotes, at most {PHONE} characters: "+573001112233"'
        yield source.problem(path, "M506", f"'{value}' is not a phone number", hint=hint)
    elif button.kind == "copy_code" and (len(names) > 1 or (names and VARIABLE.sub("", value).strip())):
        yield source.problem(path, "M503", "a code is one variable, or a text without any", hint='"{{ coupon }}"')
    elif button.kind == "copy_code" and not names and len(value) > CODE_LENGTH:
        yield _long(source, path, "the code", value, CODE_LENGTH)


def _examples(template: Template, wording: Wording, path: Path, source: Source) -> Iterator[Problem]:
    """The provider looks at one example of each variable before it approves."""
    wanted = [name for name in wording.variables if name != MEDIA_URL]
    lacks = [name for name in wanted if not wording.examples.get(name, "").strip()]
    if lacks:
        hint = f"examples: {{{lacks[0]}: …}}"
        message = f"the variable {', '.join(lacks)} has no example"
        yield source.problem((*path, "body"), "M504", message, hint=hint)
    known = {*template.variables, CODE if template.category == "authentication" else ""}
    data = source.data
    places: list[tuple[Path, object]] = [(("examples",), data.get("examples")), (("defaults",), data.get("defaults"))]
    own = data["languages"].get(wording.language)
    places.append(((*path, "examples"), own.get("examples") if isinstance(own, dict) else None))
    for here, table in places:
        for name in table if isinstance(table, dict) else ():
            if name not in known:
                message = f"no variable is called '{name}'"
                yield source.problem((*here, name), "M504", message, level="warning")


def _alike(template: Template, source: Source) -> Iterator[Problem]:
    """A flow cannot know in which language it was sent: buttons and kind of header are the same in all."""
    listed = list(template.wordings.items())
    for language, wording in listed[1:]:
        first_language, first = listed[0]
        path: Path = ("languages", language)
        ids, others = [one.id for one in wording.replies], [one.id for one in first.replies]
        if sorted(ids) != sorted(others):
            message = f"its buttons are {_named(ids)}, in {first_language} {_named(others)}"
            yield source.problem(path, "M508", message, hint="give them the same ids")
        kinds = [one.header.kind if one.header and one.header.kind in MEDIA else "none" for one in (wording, first)]
        if kinds[0] != kinds[1]:
            message = f"the file of its header is {kinds[0]}, in {first_language} {kinds[1]}"
            yield source.problem(path, "M508", message, hint="all languages send the same kind of file")
        more, fewer = set(wording.variables) - set(first.variables), set(first.variables) - set(wording.variables)
        if more or fewer:
            parts = [f"reads {', '.join(sorted(more))}"] * bool(more) + [f"lacks {', '.join(sorted(fewer))}"] * bool(
                fewer
            )
            message = f"it {' and '.join(parts)}, unlike {first_language}"
            yield source.problem((*path, "body"), "M508", message, level="warning")


def _placed(wording: Wording, path: Path) -> Iterator[tuple[Button, Path]]:
    """Each button with its place in the file."""
    own = [one for one in wording.buttons if one.id in (CONTINUE, CANCEL)]
    for button in own:
        yield button, (*path, button.id)
    for at, button in enumerate(wording.buttons[len(own) :]):
        yield button, (*path, "buttons", at)


def _named(ids: Iterable[str]) -> str:
    return ", ".join(ids) or "none"


def _long(source: Source, path: Path, what: str, text: str, limit: int) -> Problem:
    message = f"{what} has {len(positional(text))} characters; WhatsApp takes {limit}"
    return source.problem(path, "M502", message, hint="shorten it", on_value=True)
