"""Which names an expression or a text of a flow may read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ..model.problem import suggest

CONTACT = frozenset({"id", "name", "phone", "number", "language", "timezone", "country", "labels", "groups"})
PROCESS = frozenset({"id", "flow", "version", "state", "step", "started_at", "started_by", "account_id"})
CHANNEL = frozenset({"name", "number", "gateway"})
ACCOUNT = frozenset({"name", "title", "timezone"})
OPEN = frozenset({"config", "office", "event"})  # what is below them is not known here
SINGLE = frozenset({"now", "lang", "n", "answer"})
RESERVED = frozenset(
    {"contact", "answers", "inputs", "vars", "process", "channel", "account", "back", "loop", *OPEN, *SINGLE}
) | {"true", "false", "none", "null", "and", "or", "not", "in", "is", "if", "else"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """`members`: namespace -> what is known below it; a namespace that is missing there may hold anything."""

    members: Mapping[str, Collection[str]]
    steps: Collection[str] = ()

    def unknown(self, dotted: str) -> tuple[str, str] | None:
        """What is wrong with a name, and a hint; None when something may provide it.

        >>> names = Names(members={"answers": ["city"]}, steps=["ask_city"])
        >>> names.unknown("answers.city"), names.unknown("now"), names.unknown("answers.citty")
        (None, None, ("nothing provides 'answers.citty'", "did you mean 'answers.city'?"))
        >>> names.unknown("city")
        ("nothing provides 'city'", "did you mean 'answers.city'?")
        """
        root, _, rest = dotted.partition(".")
        if root in SINGLE or root in OPEN or root in self.steps:
            return None
        message = f"nothing provides {dotted!r}"
        if root not in RESERVED:
            everywhere = [f"{home}.{name}" for home, inner in self.members.items() for name in inner if name == root]
            hint = f"did you mean {everywhere[0]!r}?" if everywhere else suggest(root, [*RESERVED, *self.steps])
            return message, hint
        if not rest or root not in self.members:
            return None
        first = rest.partition(".")[0]
        if first in self.members[root]:
            return None
        near = suggest(first, self.members[root])
        return message, near.replace("'", f"'{root}.", 1) if near else ""
