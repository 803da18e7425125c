"""A channel's rate and its pauses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import keys
from .call import Call, as_text
from .scripts import fcall


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    taken: int
    wait: int  # ms until there is a token again
    paused: str  # "", or the pause's kind: channel, hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    until: int  # ms UTC
    row: int  # pauses in a row
    new: bool  # False: the channel was paused as long already
    ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    kind: str  # "", or the pause's kind: channel, hold
    until: int  # ms UTC


def held(channel_key: str) -> Call[Held]:
    """The pause that the channel is in, or was in a moment ago."""
    key = keys.channel(channel_key, "pause")
    return Call(parts=("HMGET", key, "kind", "until"), slot=key, read=_held, repeatable=True)


def lease(channel_key: str, *, rate: float, size: int, want: int, stay: int = 0, now: int = 0) -> Call[Lease]:
    """Takes up to `want` sends out of a bucket of `size` that fills at `rate` a second; `stay` of them stay in it."""
    names = [keys.channel(channel_key, "rate"), keys.channel(channel_key, "pause")]
    return fcall("lease_tokens", names, [rate, size, want, now, stay], read=_lease)


def pause(
    channel_key: str, kind: str, *, least: int = 0, base: int = 1000, cap: int = 60_000, now: int = 0
) -> Call[Pause]:
    """Stops the channel for all senders: `base` ms, twice that when it follows on another, `least` in any case."""
    names = [keys.channel(channel_key, "pause"), keys.channel(channel_key, "rate")]
    return fcall("pause_channel", names, [kind, least, base, cap, now], read=_pause)


def resume(channel_key: str) -> Call[int]:
    """Lifts a pause."""
    key = keys.channel(channel_key, "pause")
    return Call(parts=("DEL", key), slot=key, read=int, repeatable=True)


def _held(reply: list[bytes | None]) -> Held:
    return Held(kind=as_text(reply[0]), until=int(reply[1] or 0))


def _lease(reply: Any) -> Lease:
    return Lease(taken=int(reply[0]), wait=int(reply[1]), paused=as_text(reply[2]))


def _pause(reply: Any) -> Pause:
    return Pause(until=int(reply[0]), row=int(reply[1]), new=bool(int(reply[2])), ms=int(reply[3]))
