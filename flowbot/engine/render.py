"""From an entry to what goes out; a text without `{{ }}` never meets Jinja2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import RenderError
from ..model.ids import digest
from ..model.outbound import Attachment, Choice, Outbound
from ..model.quick import builder, replace
from .compare import number
from .content import Options
from .entry import Bubble, Entry, Wording
from .expressions import Report, Scope

_outbound, _choice = builder(Outbound), builder(Choice)


def render(
    entry: Entry,
    scope: Scope,
    *,
    options: Options = (),
    visit: int = 0,
    seed: str = "",
    request: str = "",
    lang: str = "",
    report: Report | None = None,
) -> tuple[Outbound, ...]:
    """The messages of an entry; RenderError when a text cannot be made.

    The choices go with the last one. `seed` (the process's id) makes `{any: …}` choose the same each time. With
    `request="location_request"` the last message asks for the contact's place, with `form` it opens one. `report` is
    called with every name that is not set.
    """
    found: list[Outbound] = []
    last = len(entry.bubbles) - 1
    lang = lang or entry.lang
    for at, alternatives in enumerate(entry.bubbles):
        bubble = alternatives[_pick(seed, entry.key, at, len(alternatives))]
        found += _messages(
            bubble,
            scope,
            report,
            entry.key,
            lang,
            with_choices=bool(options) and at == last,
            with_button=(bool(options) or request == "form") and at == last,
        )
    if options:
        if not found or found[-1].kind == "location":
            found.append(Outbound(key=entry.key, lang=lang))
        choices = tuple(_choice(id=one.id, title=one.title, description=one.description) for one in options)
        found[-1] = replace(found[-1], choices=choices, visit=visit)
    elif request and found and found[-1].kind == "text" and found[-1].attachment is None:
        found[-1] = replace(found[-1], kind=request)
    return tuple(found)


def _messages(
    bubble: Bubble,
    scope: Scope,
    report: Report | None,
    key: str,
    lang: str,
    *,
    with_choices: bool,
    with_button: bool,
) -> list[Outbound]:
    """The bubble's text with its file, and its place; what would be empty is left out."""

    def said(wording: Wording | None) -> str:
        return wording.render(scope, report) if wording else ""

    attachment = _attachment(bubble, scope, report)
    text = said(bubble.text)
    found: list[Outbound] = []
    if text or attachment or with_choices:
        button = said(bubble.button) if with_button else ""
        footer = said(bubble.footer)
        found.append(_outbound(text=text, footer=footer, button=button, attachment=attachment, key=key, lang=lang))
    if bubble.place is not None:
        pin = Outbound(kind="location", place=_place(bubble.place(scope)), key=key, lang=lang)
        found = [pin, *found] if with_choices else [*found, pin]
    return found


def _attachment(bubble: Bubble, scope: Scope, report: Report | None) -> Attachment | None:
    if bubble.attachment is None:
        return None
    kind, wording, named = bubble.attachment
    where = wording.render(scope, report)
    if not where:
        return None
    filename = named.render(scope, report) if named else ""
    found = attached(kind, where, filename)
    if found is None:
        raise RenderError("a file to send lies below content/media/ or has an https address")
    return found


def attached(kind: str, where: str, filename: str = "") -> Attachment | None:
    """The file at an address, or below content/media/; None for what is neither.

    >>> attached("image", "promo/a.jpg").path, attached("image", "../secret"), attached("image", "https://a.b/c").url
    ('promo/a.jpg', None, 'https://a.b/c')
    """
    if where.startswith(("https://", "http://")):
        return Attachment(kind=kind, url=where, filename=filename)
    if where.startswith(("/", "\\")) or ".." in where.replace("\\", "/").split("/") or "\0" in where or ":" in where:
        return None
    return Attachment(kind=kind, path=where, filename=filename or where.rpartition("/")[2])


def _place(given: Mapping[str, Any]) -> dict[str, Any]:
    latitude, longitude = number(given.get("latitude")), number(given.get("longitude"))
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        raise RenderError("a location needs a latitude and a longitude")
    names = {name: str(given[name]) for name in ("name", "address") if given.get(name)}
    return {"latitude": float(latitude), "longitude": float(longitude), **names}


def _pick(seed: str, key: str, at: int, count: int) -> int:
    return 0 if count == 1 else int(digest(seed, key, at), 36) % count
