"""What a question expects, and what became of a message at it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from ...model.inbound import Inbound
from ...model.quick import quick
from ..content import Content, Options
from ..locale import locale_of

_COUNTRY = re.compile(r"[A-Z]{2}\Z")


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An open question, ready to read answers."""

    expect: str = "text"
    bounds: Mapping[str, Any] = field(default_factory=dict)  # `with:`, its expressions already filled in
    options: Options = ()
    match: str = "close"
    lang: str = "en"
    country: str = ""  # for numbers without a country code, and the order of day and month
    today: date | None = None  # the contact's own day
    content: Content | None = None  # words for yes, no, today, tomorrow
    whole: bool = False  # what is better not kept is kept whole: the step is `sensitive`


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the message said; `choice` is set when it was one of the choices."""

    value: Any  # of JSON's types
    choice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why it is no answer: the entry `error.<code>` says so, with `params` as names."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return "error." + self.code


Bound = Callable[[Any], str]  # what is wrong with a constant bound, to be read behind its name; "" when nothing is


class Kind(Protocol):
    """A type of answer: one module beside this one. It may have `together`, which looks at bounds beside each other."""

    BOUNDS: Mapping[str, Bound]

    def read(self, inbound: Inbound, asked: Asked) -> Answer | Refused: ...


def said(inbound: Inbound) -> str:
    """The text of a message: typed, or a tapped label; "" when it has none."""
    text = inbound.text if inbound.kind == "text" else ""
    if inbound.kind == "tap" and inbound.tap:
        text = inbound.tap.title or inbound.tap.choice
    if not text.isascii():
        text = text.encode("utf-8", "ignore").decode()
    return text.replace("\0", "").strip()


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def a_number(value: Any) -> str:
    return "" if is_number(value) else f"should be a number, not {value!r}"


def a_count(value: Any) -> str:
    """
    >>> a_count(3), a_count(-1)
    ('', 'should be a whole number, not -1')
    """
    good = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return "" if good else f"should be a whole number, not {value!r}"


def a_text(value: Any) -> str:
    return "" if isinstance(value, str) and value else f"should be a text, not {value!r}"


def a_table(value: Any) -> str:
    return "" if isinstance(value, Mapping) and value else f"should be names with values, not {value!r}"


def a_flag(value: Any) -> str:
    return "" if isinstance(value, bool) else f"should be true or false, not {value!r}"


def a_country(value: Any) -> str:
    """
    >>> a_country("CO"), a_country("Colombia")
    ('', "should be a country's code of two letters such as CO, not 'Colombia'")
    """
    good = isinstance(value, str) and value in locale_of("en").territories and _COUNTRY.match(value)
    return "" if good else f"should be a country's code of two letters such as CO, not {value!r}"


def countries(value: Any) -> str:
    wrong = texts(value) or next(filter(None, map(a_country, value)), "")
    return wrong and wrong.replace("should be a country's code", "should hold countries' codes")


def one_of(*known: str, shown: tuple[str, ...] = ()) -> Bound:
    """`shown`: those of them that a message names.

    >>> one_of("image", "video")(["image", "vidio"])
    "takes image, video, not 'vidio'"
    """

    return OneOf(known, shown or known)


@dataclass(frozen=True, slots=True)
class OneOf:
    """A list of these words."""

    known: tuple[str, ...]
    shown: tuple[str, ...]

    def __call__(self, value: Any) -> str:
        other = [item for item in value if item not in self.known] if not texts(value) else []
        return texts(value) or (f"takes {', '.join(self.shown)}, not {other[0]!r}" if other else "")


def listed(bound: Any) -> tuple[str, ...]:
    """A bound that is a list of texts; one text alone counts as a list, and what a `{{ }}` made else as none.

    >>> listed(["a", "b"]), listed("a"), listed(None)
    (('a', 'b'), ('a',), ())
    """
    items = [bound] if isinstance(bound, str) else bound
    return tuple(item for item in items if isinstance(item, str)) if isinstance(items, (list, tuple)) else ()


def texts(value: Any) -> str:
    good = isinstance(value, (list, tuple)) and bool(value) and all(isinstance(item, str) for item in value)
    return "" if good else f"should be a list of texts, not {value!r}"
