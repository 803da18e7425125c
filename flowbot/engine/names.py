"""Which names an expression or a text of a flow may read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..model.problem import suggest

CONTACT = frozenset({"id", "name", "phone", "number", "user_id", "language", "timezone", "country", "labels", "groups"})
PROCESS = frozenset({"id", "flow", "version", "state", "step", "started_at", "started_by", "account_id"})
CHANNEL = frozenset({"name", "number", "gateway"})
ACCOUNT = frozenset({"name", "title", "timezone"})
OPEN = frozenset({"event"})  # what is below them is not known here
ANYTHING = ("*",)  # what is below a name is not known here
_NO_CONFIG = "write it below config of an account in flowbot.yaml"
_KEEPS_NOTHING = "that step keeps nothing under its name; answers are at answers.<name>"
PASSED = frozenset({"code"})  # given to some texts of ours alone: a step may be called so
SINGLE = frozenset({"now", "lang", "n", "answer"})
RESERVED = (
    frozenset(
        {"contact", "answers", "inputs", "vars", "process", "channel", "account", "config", "office", "back", "loop"}
    )
    | {*OPEN, *SINGLE}
    | {"true", "false", "none", "null", "and", "or", "not", "in", "is", "if", "else"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """`members`: namespace -> what is known below it; a namespace that is missing there may hold anything."""

    members: Mapping[str, Collection[str]]
    steps: Mapping[str, Collection[str]] = field(default_factory=dict)  # step -> what it finds; ANYTHING
    lacking: Mapping[str, Collection[str]] = field(default_factory=dict)  # a key of config -> accounts without it

    @classmethod
    def of_config(cls, accounts: Mapping[str, Collection[str]]) -> Mapping[str, Any]:
        """What they know below `config`, as `members` and `lacking` take it; `accounts`: each with its keys.

        >>> Names(**Names.of_config({"a": ["fax", "phone"], "b": ["phone"]})).empty("config.fax")
        ("'config.fax' is empty for the account 'b'", 'write it below config of that account in flowbot.yaml')
        """
        known = dict.fromkeys(key for keys in accounts.values() for key in keys)
        lacking = {key: tuple(name for name, keys in accounts.items() if key not in keys) for key in known}
        return {"members": {"config": tuple(known)}, "lacking": {key: names for key, names in lacking.items() if names}}

    def empty(self, dotted: str) -> tuple[str, str] | None:
        """What is to be said of a name that some account has and others lack, and a hint."""
        root, _, rest = dotted.partition(".")
        without = self.lacking.get(rest.partition(".")[0], ()) if root == "config" and self.lacking else ()
        if not without:
            return None
        named = ", ".join(f"'{one}'" for one in without)
        whose = "the accounts" if len(without) > 1 else "the account"
        that = "those accounts" if len(without) > 1 else "that account"
        return f"{dotted!r} is empty for {whose} {named}", f"write it below config of {that} in flowbot.yaml"

    def unknown(self, dotted: str) -> tuple[str, str] | None:
        """What is wrong with a name, and a hint; None when something may provide it.

        >>> names = Names(members={"answers": ["city"]}, steps={"city": [], "survey": ["reason"]})
        >>> names.unknown("answers.city"), names.unknown("now"), names.unknown("answers.citty")
        (None, None, ("nothing provides 'answers.citty'", "did you mean 'answers.city'?"))
        >>> names.unknown("city")
        ("nothing provides 'city'", "did you mean 'answers.city'?")
        >>> names.unknown("survey.reasn")
        ("nothing provides 'survey.reasn'", "did you mean 'survey.reason'?")
        """
        root, _, rest = dotted.partition(".")
        if root in SINGLE or root in OPEN or root in PASSED:
            return None
        message = f"nothing provides {dotted!r}"
        if found := self.steps.get(root, ()):
            return self._below(root, rest, found, message)
        if root not in RESERVED:
            everywhere = [f"{home}.{name}" for home, inner in self.members.items() for name in inner if name == root]
            if everywhere:
                return message, f"did you mean {everywhere[0]!r}?"
            return message, _KEEPS_NOTHING if root in self.steps else suggest(root, [*RESERVED, *self.steps])
        return self._below(root, rest, self.members.get(root, ANYTHING), message)

    def _below(self, root: str, rest: str, known: Collection[str], message: str) -> tuple[str, str] | None:
        first = rest.partition(".")[0]
        if not first or "*" in known or first in known:
            return None
        near = suggest(first, known)
        if near:
            return message, near.replace("'", f"'{root}.", 1)
        return message, _NO_CONFIG if root == "config" else ""
