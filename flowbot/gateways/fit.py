"""Making one message fit what a provider takes: one Outbound in, as many as it needs out, each one HTTP request.

Up to 3 choices become buttons, 4 to 10 a list, more a numbered text; a channel without buttons gets numbers always. A
text too long for its place is sent before it, split where a reader would pause. Nothing is lost: a title that must be
shortened goes out whole in the row's description, or in a numbered text, and is marked in `extra["shortened"]`.
"""

from __future__ import annotations

from ..model.choice import to_wire
from ..model.gateway import Limits
from ..model.outbound import Choice, Outbound
from ..model.quick import replace
from .split import cut, pages, tail

CAPTIONED = ("image", "video", "document")
_EMPTY = "…"  # a message with buttons may not be without a body
_LIST_LABELS = {"es": "Ver opciones", "en": "See options", "pt": "Ver opções", "fr": "Voir les choix", "hi": "विकल्प देखें"}
_FORM_LABELS = {"es": "Abrir", "en": "Open", "pt": "Abrir", "fr": "Ouvrir", "hi": "खोलें"}
_AS_THEY_ARE = ("template", "location")


def fit(outbound: Outbound, limits: Limits) -> tuple[Outbound, ...]:
    """The messages to send, in order. The same input gives the same output."""
    if outbound.kind in _AS_THEY_ARE:
        return (outbound,)
    if outbound.kind == "location_request":
        return _location_request(outbound, limits)
    if outbound.kind == "form":
        return _form(outbound, limits)
    if outbound.choices:
        return (*_attachment_alone(outbound), *_with_choices(outbound, limits))
    return _plain(outbound, limits)


def too_long(fitted: tuple[Outbound, ...]) -> bool:
    """Whether a text or a label did not fit, and had to be split or shortened.

    >>> from ..model.outbound import Outbound
    >>> too_long(fit(Outbound(kind="text", text="word " * 900), Limits()))
    True
    """
    if not fitted:
        return False
    return len(fitted) > 1 + (fitted[0].attachment is not None) or "shortened" in fitted[-1].extra


def _plain(outbound: Outbound, limits: Limits) -> tuple[Outbound, ...]:
    """Text, or a file with its caption. Only messages with buttons have a footer of their own."""
    text = _with_footer(outbound.text, outbound.footer)
    attachment = outbound.attachment
    if attachment is None:
        if text and (outbound.kind, outbound.text, outbound.footer) == ("text", text, "") and len(text) <= limits.text:
            return (outbound,)
        bare = replace(outbound, kind="text", footer="")
        return tuple(replace(bare, text=page) for page in pages(text, limits.text))
    if attachment.kind in CAPTIONED and len(text) <= limits.caption:
        return (replace(outbound, kind=attachment.kind, text=text, footer=""),)
    return (*_attachment_alone(outbound), *_texts(outbound, text, limits))


def _attachment_alone(outbound: Outbound) -> tuple[Outbound, ...]:
    if outbound.attachment is None:
        return ()
    return (replace(outbound, kind=outbound.attachment.kind, text="", footer="", choices=(), button="", visit=0),)


def _texts(outbound: Outbound, text: str, limits: Limits) -> tuple[Outbound, ...]:
    bare = replace(outbound, kind="text", footer="", attachment=None, choices=(), button="", form=None)
    return tuple(replace(bare, text=page) for page in pages(text, limits.text))


def _with_footer(text: str, footer: str) -> str:
    return "\n\n".join(part for part in (text.strip(), footer.strip()) if part)


def _location_request(outbound: Outbound, limits: Limits) -> tuple[Outbound, ...]:
    if not limits.location_request:
        return _texts(outbound, _with_footer(outbound.text, outbound.footer), limits)
    before, body = tail(_with_footer(outbound.text, outbound.footer), limits.button_body)
    return (*_texts(outbound, before, limits), replace(outbound, text=body or _EMPTY, footer=""))


def _form(outbound: Outbound, limits: Limits) -> tuple[Outbound, ...]:
    """A button that opens the form, below a text."""
    if not limits.forms:
        return _texts(outbound, _with_footer(outbound.text, outbound.footer), limits)
    label = outbound.button or _FORM_LABELS.get(outbound.lang.split("-")[0], _FORM_LABELS["en"])
    short = cut(label, limits.list_button)
    made = replace(outbound, button=short)
    if short != label:
        made = replace(made, extra={**outbound.extra, "shortened": True})
    return _interactive(made, limits, "form", limits.button_body)


def _with_choices(outbound: Outbound, limits: Limits) -> tuple[Outbound, ...]:
    count = len(outbound.choices)
    if "numbered" in outbound.extra:
        return _numbered(outbound, limits, start=outbound.extra["numbered"])
    if any(len(to_wire(choice.id, outbound.visit)) > limits.choice_id for choice in outbound.choices):
        return _numbered(outbound, limits)
    if count <= limits.buttons and _fit_buttons(outbound.choices, limits):
        return _interactive(outbound, limits, "buttons", limits.button_body)
    if count <= limits.list_rows:
        rows = tuple(_row(choice, limits) for choice in outbound.choices)
        label = outbound.button or _LIST_LABELS.get(outbound.lang.split("-")[0], _LIST_LABELS["en"])
        short = cut(label, limits.list_button)
        listed = replace(outbound, choices=rows, button=short)
        if short != label or any(row.title != choice.title for row, choice in zip(rows, outbound.choices, strict=True)):
            listed = replace(listed, extra={**outbound.extra, "shortened": True})
        return _interactive(listed, limits, "list", limits.list_body)
    return _numbered(outbound, limits)


def _fit_buttons(choices: tuple[Choice, ...], limits: Limits) -> bool:
    """A provider refuses buttons with too long or equal titles."""
    titles = {choice.title.strip() for choice in choices}
    return len(titles) == len(choices) and all(0 < len(title) <= limits.button_title for title in titles)


def _row(choice: Choice, limits: Limits) -> Choice:
    title = choice.title.strip() or choice.id
    whole = choice.description
    if len(title) > limits.list_title:
        whole = f"{title}: {choice.description}" if choice.description else title
    return Choice(id=choice.id, title=cut(title, limits.list_title), description=cut(whole, limits.list_description))


def _interactive(outbound: Outbound, limits: Limits, kind: str, body_limit: int) -> tuple[Outbound, ...]:
    text, footer = outbound.text.strip(), outbound.footer.strip()
    if len(footer) > limits.footer:
        text, footer = _with_footer(text, footer), ""
    before, body = tail(text, body_limit)
    button = outbound.button if kind in ("list", "form") else ""
    last = replace(outbound, kind=kind, text=body or _EMPTY, footer=footer, attachment=None, button=button)
    return (*_texts(outbound, before, limits), last)


def _numbered(outbound: Outbound, limits: Limits, start: int = 1) -> tuple[Outbound, ...]:
    """The choices as lines with numbers; a typed number answers. A page of many begins where the last one ended."""
    lines = []
    for position, choice in enumerate(outbound.choices, start=start):
        described = f": {choice.description}" if choice.description else ""
        lines.append(f"{position}. {choice.title.strip() or choice.id}{described}")
    text = _with_footer(_with_footer(outbound.text, "\n".join(lines)), outbound.footer)
    return _texts(outbound, text, limits)
