"""A WhatsApp template: the words that a provider has to approve, with named variables in them.

Providers know variables by their position. Every occurrence counts as one, from the left: that way no number is ever
used twice, which some of them refuse.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from .ids import digest
from .quick import quick

MARKETING = "marketing"  # a topic too: a provider may tell that a contact wants none
CATEGORIES = (MARKETING, "utility", "authentication")
MEDIA = ("image", "video", "document")
BUTTONS = ("quick_reply", "url", "phone", "copy_code")
CONTINUE, CANCEL = "continue", "cancel"  # the ids of an invitation's two buttons
MEDIA_URL = "media_url"  # what a send calls the file of a media header
CODE = "code"  # the one variable of an authentication template
APPROVED, PAUSED, QUEUED = "APPROVED", "PAUSED", "QUEUED"  # QUEUED: it waits for us to hand it in
PENDING = ("QUEUED", "PENDING", "IN_APPEAL")  # it may yet be approved
GONE = "DELETED"  # the provider has it no longer
UNKNOWN = "UNKNOWN"  # nobody has told yet what the provider says
VARIABLE = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}", re.ASCII)


@functools.lru_cache(maxsize=4096)
def names_in(text: str) -> tuple[str, ...]:
    """The variables of a text, one for each occurrence; a broadcast asks for the same ones a million times.

    >>> names_in("Hi {{ name }}, {{ order }} for {{name}}.")
    ('name', 'order', 'name')
    """
    return tuple(VARIABLE.findall(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    kind: str = "text"  # text, image, video, document
    value: str = ""  # the text, with one variable at most; of a file, one to show the provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    kind: str  # quick_reply, url, phone, copy_code
    text: str = ""  # the label
    id: str = ""  # of a quick reply: what a tap on it means to the flow
    value: str = ""  # the address (one variable at its end, if any), the number, or the code


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A template in one language."""

    language: str  # as its file writes it: es, pt-BR
    header: Header | None = None
    body: str = ""
    footer: str = ""
    buttons: tuple[Button, ...] = ()  # an invitation's two come first
    examples: Mapping[str, str] = field(default_factory=dict)
    expires: int = 0  # authentication: minutes that a code is good for; 0: it does not say
    security: bool = True  # authentication: it says not to share the code

    @property
    def variables(self) -> tuple[str, ...]:
        """What a send has to give, in the order of the text; the file of a header last.

        >>> Wording(language="en", body="Hi {{ name }}, {{name}}!", header=Header(kind="image")).variables
        ('name', 'media_url')
        """
        texts = [self.header.value] if self.header and self.header.kind == "text" else []
        texts += [self.body, *(button.value for button in self.buttons)]
        found = dict.fromkeys(name for text in texts for name in names_in(text))
        return (*found, MEDIA_URL) if self.header and self.header.kind in MEDIA else tuple(found)

    @property
    def replies(self) -> tuple[Button, ...]:
        """The buttons whose tap comes back to us."""
        return tuple(button for button in self.buttons if button.kind == "quick_reply")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    name: str
    category: str = "utility"
    topic: str = ""  # what a contact may opt out of
    notification: bool = False  # it asks for nothing, so it has no Continue and Cancel
    named: bool = False  # the provider knows its variables by name
    wordings: Mapping[str, Wording] = field(default_factory=dict)  # by language, the fall-back first
    # what a broadcast takes for a variable that nobody gives: the first of these texts that is not empty
    defaults: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def is_out(self, opted_out: Collection[str], topic: str = "") -> bool:
        """Whether who has opted out of that does not get it; each is about its category too, whatever its topic.

        >>> offers = Template(name="offers", category="marketing", topic="offers")
        >>> [offers.is_out([one]) for one in ("all", "offers", "marketing", "orders")], offers.is_out(["x"], "x")
        ([True, True, True, False], True)
        """
        return bool({"all", topic or self.topic, self.category} & set(opted_out))

    @property
    def invites(self) -> bool:
        """Whether a flow can begin with it: it has Continue and Cancel."""
        ids = {button.id for wording in self.wordings.values() for button in wording.replies}
        return {CONTINUE, CANCEL} <= ids

    @property
    def variables(self) -> tuple[str, ...]:
        """Those of all languages."""
        return tuple(dict.fromkeys(name for wording in self.wordings.values() for name in wording.variables))

    @property
    def replies(self) -> tuple[str, ...]:
        """The ids of the buttons whose tap comes back, of all languages."""
        return tuple(dict.fromkeys(one.id for wording in self.wordings.values() for one in wording.replies))

    def wording(self, *languages: str) -> Wording | None:
        """In the first of these languages, or its base, that it has; None when it has none of them.

        >>> both = {lang: Wording(language=lang) for lang in ("en", "pt-BR")}
        >>> Template(name="t", wordings=both).wording("es", "pt_BR").language
        'pt-BR'
        >>> Template(name="t", wordings=both).wording("pt").language, Template(name="t", wordings=both).wording("es")
        ('pt-BR', None)
        """
        known = {_folded(language): wording for language, wording in self.wordings.items()}
        for wanted in map(_folded, filter(None, languages)):
            base = wanted.partition("-")[0]
            found = known.get(wanted) or known.get(base)
            found = found or next((one for key, one in known.items() if key.partition("-")[0] == base), None)
            if found is not None:
                return found
        return None


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What stands in a variable's place."""

    name: str
    value: str


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class FilledButton:
    kind: str
    text: str = ""
    id: str = ""  # of a quick reply
    value: str = ""  # what the provider has to be told: the end of the address, the code; "" for nothing
    target: str = ""  # what a tap leads to, as people see it


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A template as one contact gets it: each place with its value, in the provider's order.

    The words themselves, for whoever shows them, stand in the message that it goes out in.
    """

    name: str
    language: str  # as providers write it: es, pt_BR
    provider_id: str = ""  # what the provider calls it, when that is known: some want it in place of the name
    category: str = ""
    named: bool = False
    heading: str = ""  # a text header, as it is shown
    header: tuple[Parameter, ...] = ()
    body: tuple[Parameter, ...] = ()
    buttons: tuple[FilledButton, ...] = ()  # all of them: a button's index is its place here
    params: Mapping[str, str] = field(default_factory=dict)  # what the send was given

    @property
    def links(self) -> list[dict[str, str]]:
        """The buttons whose tap stays with the contact: their words and where they lead."""
        return [{"text": one.text, "target": one.target} for one in self.buttons if one.kind != "quick_reply"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What a provider says of a template in one language."""

    name: str
    language: str  # es, pt_BR
    status: str  # PENDING, APPROVED, REJECTED, PAUSED, DISABLED …
    reason: str = ""
    provider_id: str = ""
    at: int = 0  # ms UTC when we heard it
    category: str = ""  # as the provider has it: it may change it
    quality: str = ""  # green, yellow, red
    digest: str = ""  # of the content that we handed in; "" when that was not done from here
    outcome: str = ""  # of handing it in the last time: queued, created, edited, refused, unchanged …
    detail: str = ""  # why so


def provider_language(language: str) -> str:
    """A language as providers write it.

    >>> provider_language("pt-br"), provider_language("es"), provider_language("en_US")
    ('pt_BR', 'es', 'en_US')
    """
    base, separator, region = language.replace("-", "_").partition("_")
    return f"{base.lower()}_{region.upper()}" if separator else base.lower()


def fingerprint(template: Template, wording: Wording) -> str:
    """A word for what a provider is asked to approve: another one when the file has changed since.

    >>> words = Wording(language="en", body="Hi {{ name }}, hello.")
    >>> one, other = (Template(name="t", category=kind) for kind in ("utility", "marketing"))
    >>> fingerprint(one, words) == fingerprint(one, words), fingerprint(one, words) == fingerprint(other, words)
    (True, False)
    """
    header = [wording.header.kind, wording.header.value] if wording.header else []
    buttons = [part for one in wording.buttons for part in (one.kind, one.text, one.value)]
    more = [str(template.named), str(wording.expires), str(wording.security)]
    return digest(template.category, *header, wording.body, wording.footer, *buttons, *more)


def positional(text: str) -> str:
    """The text with numbers in the places of its variables, as it is handed in.

    >>> positional("Hi {{ name }}, order {{ order }} for {{name}}.")
    'Hi {{1}}, order {{2}} for {{3}}.'
    """
    numbers = iter(range(1, 1 + len(VARIABLE.findall(text))))
    return VARIABLE.sub(lambda _: f"{{{{{next(numbers)}}}}}", text)


def _folded(language: str) -> str:
    return language.replace("_", "-").lower()
