"""What a provider says of templates: a hash for each account of ours and each account at a provider (`holder`).

Each fact (status, category, quality, what was handed in) has a time of its own and gives way to newer ones only. Two of
our accounts that share a provider's account have a hash each: nothing of the one is ever read for the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from ..model.template import UNKNOWN, Approval
from . import keys
from .call import Call, Part, as_pairs, command
from .scripts import fcall

STATUS, CATEGORY, QUALITY, SENT, TRY = "status", "category", "quality", "sent", "try"
_NUMBER, _PULLED, _TRIED, _WANTED, _WHY = "#n", "#pulled", "#tried", "#wanted", "#why"
Name = tuple[str, str]  # of a template, and its language


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that is known of a template in a language since `at` (ms UTC)."""

    kind: str  # status, category, quality, sent
    name: str
    language: str
    at: int
    value: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """All that is known of one provider's account; times in ms UTC, 0 for never."""

    number: int = 0  # rises with every change
    pulled_at: int = 0  # when the provider last told everything
    tried_at: int = 0  # when it was last asked
    wanted_at: int = 0  # when somebody last missed something
    why: str = ""  # the last try failed: why
    approvals: Mapping[Name, Approval] = field(default_factory=dict)


def read(account: str, holder: str) -> Call[Table]:
    return command("HGETALL", keys.approvals(account, holder), read=_table, repeatable=True)


def number(account: str, holder: str) -> Call[int]:
    """Whoever knows this number knows all that `read` says of templates."""
    return command("HGET", keys.approvals(account, holder), _NUMBER, read=lambda one: int(one or 0), repeatable=True)


def note(account: str, holder: str, facts: Iterable[Fact]) -> Call[int]:
    """Keep what is news; how many facts changed."""
    args: list[Part] = []
    for one in facts:
        value = orjson.dumps(dict(one.value), option=orjson.OPT_SORT_KEYS)
        args += [f"{one.kind}|{one.name}|{one.language}", one.at, value]
    return fcall("note_approvals", [keys.approvals(account, holder)], args, read=int, repeatable=True)


def tried(account: str, holder: str, at: int, why: str = "") -> Call[int]:
    """The provider was asked for everything, and told it, unless `why` says what went wrong."""
    key = keys.approvals(account, holder)
    told: list[Part] = [] if why else [_PULLED, at]
    return command("HSET", key, _TRIED, at, _WHY, why, *told, read=int, repeatable=True)


def want(account: str, holder: str, at: int) -> Call[int]:
    """Somebody asked for a template of which nothing is known: the provider should be asked soon."""
    return command("HSET", keys.approvals(account, holder), _WANTED, at, read=int, repeatable=True)


def queue(account: str, holder: str, name: str) -> Call[int]:
    """The template, in all its languages, is to be handed in there; how many were not queued yet."""
    return command("SADD", keys.submissions(account, holder), name, read=int, repeatable=True)


def queued(account: str, holder: str) -> Call[list[str]]:
    key = keys.submissions(account, holder)
    return command("SMEMBERS", key, read=lambda reply: sorted(one.decode() for one in reply), repeatable=True)


def unqueue(account: str, holder: str, name: str) -> Call[int]:
    return command("SREM", keys.submissions(account, holder), name, read=int, repeatable=True)


def lease(account: str, holder: str, ms: int) -> Call[bool]:
    """Whether it is ours to ask the provider now: one process does at a time."""
    key = keys.approvals_asked(account, holder)
    return command("SET", key, "1", "NX", "PX", ms, read=bool)


def release(account: str, holder: str) -> Call[int]:
    return command("DEL", keys.approvals_asked(account, holder), read=int, repeatable=True)


def _table(reply: list[bytes]) -> Table:
    found: dict[Name, dict[str, tuple[int, dict[str, str]]]] = {}
    own: dict[str, str] = {}
    for key, kept in as_pairs(reply).items():
        if key.startswith("#"):
            own[key] = kept.decode()
            continue
        kind, name, language = key.split("|", 2)
        at, _, value = kept.partition(b"\n")
        found.setdefault((name, language), {})[kind] = (int(at), orjson.loads(value))
    return Table(
        number=int(own.get(_NUMBER, 0)),
        pulled_at=int(own.get(_PULLED, 0)),
        tried_at=int(own.get(_TRIED, 0)),
        wanted_at=int(own.get(_WANTED, 0)),
        why=own.get(_WHY, ""),
        approvals={name: _approval(*name, kinds) for name, kinds in sorted(found.items())},
    )


def _approval(name: str, language: str, kinds: Mapping[str, tuple[int, dict[str, Any]]]) -> Approval:
    at, status = kinds.get(STATUS, (0, {}))
    made = Approval(
        name=name,
        language=language,
        at=at,
        status=status.get("status", UNKNOWN),
        reason=status.get("reason", ""),
        provider_id=status.get("provider_id", ""),
    )
    told = {kind: kinds[kind][1].get(kind, "") for kind in (CATEGORY, QUALITY) if kind in kinds}
    sent, tried_ = kinds.get(SENT, (0, {}))[1], kinds.get(TRY, (0, {}))[1]
    more = {"outcome": tried_.get("outcome", ""), "detail": tried_.get("detail", ""), "digest": sent.get("digest", "")}
    return replace(made, **told, **more, provider_id=made.provider_id or sent.get("id", ""))
