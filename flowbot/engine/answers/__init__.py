"""Reading answers: what a contact sent, as a value of the type that the question expects, or why it is none."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

from ...model.inbound import Inbound
from ..match import choose
from . import (
    any_media,
    audio,
    card,
    contact,
    country,
    date,
    document,
    email,
    form,
    iban,
    image,
    integer,
    language,
    location,
    money,
    national_id,
    number,
    phone,
    regex,
    text,
    time,
    url,
    video,
    yes_no,
)
from .asked import Answer, Asked, Kind, Refused, is_number, said

__all__ = [
    "KINDS",
    "LISTED",
    "YES_NO",
    "Answer",
    "Asked",
    "Kind",
    "Refused",
    "check",
    "read",
    "said",
    "takes",
    "unseen",
]

KINDS: Mapping[str, Kind] = {
    "text": text,
    "regex": regex,
    "number": number,
    "integer": integer,
    "money": money,
    "date": date,
    "time": time,
    "yes_no": yes_no,
    "phone": phone,
    "email": email,
    "url": url,
    "country": country,
    "language": language,
    "national_id": national_id,
    "iban": iban,
    "card": card,
    "image": image,
    "document": document,
    "audio": audio,
    "video": video,
    "any_media": any_media,
    "location": location,
    "contact": contact,
    "form": form,
}
YES_NO = yes_no.IDS
# Types that are more than a text: several of them are a list.
LISTED = frozenset({"image", "document", "audio", "video", "any_media", "location", "contact", "form"})
_CARRIERS = {"phone": ("contacts",), "contact": ("contacts",), "form": ("form",), "any_media": ("sticker",)}


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    """The answer, or why there is none; choices first, then the type that is expected beside them.

    >>> from flowbot.model.contact import Identity
    >>> read(Inbound(id="1", sender=Identity(), kind="text", text="1,5"), Asked(expect="number"))
    Answer(value=1.5, choice='')
    """
    if asked.options:
        found = _chosen(inbound, asked)
        if found or asked.expect == "text":
            return Answer(value=found, choice=found) if found else Refused(code="choice")
    return KINDS[asked.expect].read(inbound, asked)


def takes(expect: str, kind: str) -> bool:
    """Whether the type reads this kind of message, which other questions don't understand at all.

    >>> takes("phone", "contacts"), takes("phone", "sticker"), takes("email", "contacts")
    (True, False, False)
    """
    return kind in _CARRIERS.get(expect, ())


def unseen(inbound: Inbound, asked: Asked) -> bool:
    """Whether the file ought to be fetched and looked at (media/look.py) before it is read: a bound is about its bytes.

    >>> from flowbot.model.contact import Identity
    >>> from flowbot.model.inbound import Media
    >>> photo = Inbound(id="1", sender=Identity(), kind="image", media=Media(kind="image"))
    >>> unseen(photo, Asked(expect="image")), unseen(photo, Asked(expect="image", bounds={"min_width": 800}))
    (False, True)
    """
    judge = getattr(KINDS[asked.expect], "unseen", None)
    return judge is not None and inbound.media is not None and bool(judge(inbound.media, asked))


def check(expect: str, bounds: Mapping[str, Any]) -> list[tuple[tuple[str, ...], str]]:
    """What is wrong with `expect` and `with`, each with its path in the step; bounds with `{{ }}` are not looked into.

    >>> check("number", {"min": "low", "max": "{{ vars.top }}"})
    [(('with', 'min'), "'min' should be a number, not 'low'")]
    >>> check("integer", {"min": 9, "max": 3})
    [(('with', 'max'), 'no answer is at least 9 and at most 3')]
    """
    if expect not in KINDS:
        return [(("expect",), _unknown(expect))]
    known = KINDS[expect].BOUNDS
    found: list[tuple[tuple[str, ...], str]] = []
    for name, value in bounds.items():
        if name not in known:
            found.append((("with", name), _foreign(expect, name)))
        elif wrong := "" if _is_open(value) else known[name](value):
            found.append((("with", name), f"{name!r} {wrong}"))
    together = getattr(KINDS[expect], "together", lambda _: ())
    return found or _crossed(bounds) or [(("with", name), wrong) for name, wrong in together(bounds)]


def _is_open(value: Any) -> bool:
    """Known only when the question is asked."""
    return isinstance(value, str) and "{{" in value


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) is not None


def _foreign(expect: str, name: str) -> str:
    known = KINDS[expect].BOUNDS
    takes = f"takes {', '.join(known)}" if known else "takes none"
    owners = [other for other, kind in KINDS.items() if name in kind.BOUNDS]
    belongs = f" ({name} belongs to expect: {', '.join(owners)})" if owners else ""
    return f"unknown bound {name!r}; {expect} {takes}{belongs}"


def _crossed(bounds: Mapping[str, Any]) -> list[tuple[tuple[str, ...], str]]:
    """Bounds that leave no answer."""
    found: list[tuple[tuple[str, ...], str]] = []
    for low, high in (("min", "max"), ("min_length", "max_length")):
        least, most = bounds.get(low), bounds.get(high)
        alike = (is_number(least) and is_number(most)) or (_is_date(least) and _is_date(most))
        if alike and least > most:  # type: ignore[operator]
            found.append((("with", high), f"no answer is at least {least} and at most {most}"))
    return found


def _chosen(inbound: Inbound, asked: Asked) -> str:
    if inbound.tap and inbound.tap.choice in {option.id for option in asked.options}:
        return inbound.tap.choice
    return choose(said(inbound), asked.options, asked.match) or ""


_CALLED = {  # as other tools call a type of answer -> as it is called here
    **dict.fromkeys(("string", "str", "any", "free_text"), "text"),
    **dict.fromkeys(("int", "whole_number", "count"), "integer"),
    **dict.fromkeys(("float", "decimal", "numeric"), "number"),
    **dict.fromkeys(("bool", "boolean", "yesno"), "yes_no"),
    **dict.fromkeys(("photo", "picture", "selfie"), "image"),
    **dict.fromkeys(("file", "pdf"), "document"),
    **dict.fromkeys(("voice", "sound"), "audio"),
    **dict.fromkeys(("position", "place", "geo"), "location"),
    **dict.fromkeys(("mail", "e-mail"), "email"),
    **dict.fromkeys(("phone_number", "tel", "msisdn"), "phone"),
    **dict.fromkeys(("amount", "currency"), "money"),
    **dict.fromkeys(("pattern", "regexp"), "regex"),
}


def _unknown(expect: str) -> str:
    """
    >>> _unknown("string"), _unknown("nubmer")
    ("unknown type 'string'; did you mean 'text'?", "unknown type 'nubmer'; did you mean 'number'?")
    """
    named = _CALLED.get(str(expect).lower())
    near = [named] if named else difflib.get_close_matches(str(expect), KINDS, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(KINDS)}"
    return f"unknown type {expect!r}; {hint}"
