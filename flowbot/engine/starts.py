"""What starts a conversation on a channel: whole messages and first words of all its flows, and the consent words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .content import Content
from .flow import Flow
from .folding import squeeze

OTHERS = ("referral", "new_contact", "default", "out_of_hours")  # starts without words: one flow has each


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Two flows that start by the same words on one channel."""

    kind: str  # messages, keywords
    words: str  # as the second flow writes them
    flow: str
    other: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Starts:
    messages: Mapping[str, str] = field(default_factory=dict)  # folded -> flow id
    keywords: Mapping[str, str] = field(default_factory=dict)  # folded -> flow id
    longest: int = 1  # words in the longest keyword
    opt_out: frozenset[str] = frozenset()  # folded
    opt_in: frozenset[str] = frozenset()  # folded
    patterns: tuple[tuple[str, str], ...] = ()  # pattern, flow id
    referral: str = ""  # flow ids
    new_contact: str = ""
    default: str = ""
    out_of_hours: str = ""
    every_time: frozenset[str] = frozenset()  # default, out_of_hours
    contents: Mapping[str, Content] = field(default_factory=dict)  # language -> words of the first flow that speaks it
    clashes: tuple[Clash, ...] = ()

    @classmethod
    def of(cls, flows: Iterable[Flow], channel: str = "") -> Starts:
        """The starts of these flows on a channel; the first of two that clash wins."""
        messages: dict[str, str] = {}
        keywords: dict[str, str] = {}
        clashes: list[Clash] = []
        consent: dict[str, set[str]] = {"opt_out": set(), "opt_in": set()}
        contents: dict[str, Content] = {}
        patterns: list[tuple[str, str]] = []
        others: dict[str, str] = {}
        every: set[str] = set()
        for flow in flows:
            for lang in flow.languages:
                contents.setdefault(lang, flow.content)
            for word, change in flow.consent.items():
                consent[change].add(word)
            if flow.start.channels and channel and channel not in flow.start.channels:
                continue
            patterns += [(pattern, flow.id) for pattern in flow.start.patterns]
            for word in OTHERS:
                if getattr(flow.start, word):
                    other = others.setdefault(word, flow.id)
                    if other != flow.id:
                        clashes.append(Clash(kind=word, words=word, flow=flow.id, other=other))
                    elif word in flow.start.every_time:
                        every.add(word)
            for kind, written, table in (
                ("messages", flow.start.messages, messages),
                ("keywords", flow.start.keywords, keywords),
            ):
                for text in written:
                    other = table.setdefault(squeeze(text), flow.id)
                    if other != flow.id:
                        clashes.append(Clash(kind=kind, words=text, flow=flow.id, other=other))
        return cls(
            messages=messages,
            keywords=keywords,
            longest=max((len(word.split()) for word in keywords), default=1),
            opt_out=frozenset(consent["opt_out"]),
            opt_in=frozenset(consent["opt_in"]),
            patterns=tuple(patterns),
            every_time=frozenset(every),
            **others,
            contents=contents,
            clashes=tuple(clashes),
        )

    @property
    def content(self) -> Content | None:
        """The words for replies when no flow is open."""
        return next(iter(self.contents.values()), None)

    def words(self, lang: str) -> Content | None:
        """The same, of a flow that speaks the language where there is one."""
        return self.contents.get(lang) or self.content

    def spoken(self, change: str, folded: str) -> str:
        """The language of a word of consent; "" when that is not told."""
        found = {content.spoken(change, folded) for content in self.contents.values()} - {""}
        return found.pop() if len(found) == 1 else ""

    def language(self, flow: Flow, folded: str) -> str:
        """The language in which these words start the flow; "" when that is not told."""
        found = flow.start.spoken.get(folded, "")
        return found or flow.start.spoken.get(self._key(folded), "")

    def message(self, folded: str) -> str:
        """The flow that this whole message starts; "" when none does."""
        return self.messages.get(folded, "")

    def keyword(self, folded: str) -> str:
        """The flow whose keyword the message begins with; "" when none does."""
        return self.keywords.get(self._key(folded), "")

    def _key(self, folded: str) -> str:
        """The keyword that the message begins with."""
        words = folded.split(None, self.longest)
        if self.longest == 1 and words:
            return words[0] if words[0] in self.keywords else ""
        for count in range(min(self.longest, len(words)), 0, -1):
            first = " ".join(words[:count])
            if first in self.keywords:
                return first
        return ""
