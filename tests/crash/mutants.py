"""The product with one promise broken on purpose: what a run has to notice. A door becomes one by `TOWN_MUTANT`."""

from __future__ import annotations

import dataclasses
import itertools
import logging
import random
from collections.abc import Callable, Mapping
from typing import Any

WRITE = "redis.call(write[1], KEYS[3 + i], unpack(write, 2))"
LUA: Mapping[str, tuple[str, str, str]] = {  # name -> function, what stands there, what stands there instead
    "i1_an_event_is_dropped": (
        "_arrivals",
        "redis.call('XADD', inbox, '*', ...)",
        "if string.find(table.concat({ ... }), 'answer 2') then return true end redis.call('XADD', inbox, '*', ...)",
    ),
    "i2_nothing_is_known_again": (
        "push_inbox",
        "if redis.call('SADD', KEYS[4], ARGV[1]) == 0 then\n  return 0",
        "if redis.call('SADD', KEYS[4], ARGV[1]) == 0 then",
    ),
    "i4_a_message_is_dropped": (
        "_states",
        "for i = first, last, 8 do",
        "for i = first, last - 8, 8 do",
    ),
    "i6_the_last_goes_first": ("_states", "redis.call('RPUSH', tag .. 'q:'", "redis.call('LPUSH', tag .. 'q:'"),
    "i7_the_claim_does_not_look": ("claim_messages", "if m[2] == 'business' and m[8] then", "if false then"),
    "i8_a_hook_is_dropped": (
        "commit_turn",
        WRITE,
        f"if not (string.find(KEYS[3 + i], 'hooks$') and string.find(write[#write], 'succeeded')) then {WRITE} end",
    ),
    "i9_a_timer_is_dropped": (
        "commit_turn",
        WRITE,
        f"if not (write[1] == 'ZADD' and string.find(KEYS[3 + i], '.t$')) then {WRITE} end",
    ),
    "i9_a_timer_fires_again": (
        "fire_timers",
        "  redis.call('ZREM', KEYS[3], due[i])",
        "  if redis.call('INCR', KEYS[3] .. ':x') % 2 == 0 then redis.call('ZREM', KEYS[3], due[i]) end",
    ),
}


def become(name: str) -> None:
    """Break this process in that way; nothing for no name."""
    if name in LUA:
        _rewrite(*LUA[name])
    elif name:
        PYTHON[name]()


def _rewrite(function: str, before: str, after: str) -> None:
    from flowbot.store import scripts

    bodies = dict(scripts._bodies())
    assert before in bodies[function], f"{function} has changed: mend the mutant"
    bodies[function] = bodies[function].replace(before, after, 1)
    scripts._bodies = lambda: bodies  # type: ignore[assignment]


def _wrap(module: Any, name: str, around: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    setattr(module, name, around(getattr(module, name)))


def _backwards() -> None:
    """What a worker takes comes in the other order."""
    from flowbot.store import inbox

    def around(real: Callable[..., Any]) -> Callable[..., Any]:
        def read(reply: Any) -> Any:
            taken = real(reply)
            return dataclasses.replace(taken, entries=tuple(reversed(taken.entries)))

        return read

    _wrap(inbox, "_taken", around)


def _twice() -> None:
    """Every tenth send goes out twice."""
    from flowbot.sender import send

    count = itertools.count()

    def around(real: Callable[..., Any]) -> Callable[..., Any]:
        async def exchange(client: Any, request: Any, **more: Any) -> Any:
            if next(count) % 10 == 0:
                await real(client, request, **more)
            return await real(client, request, **more)

        return exchange

    _wrap(send, "exchange", around)


def _turned(change: Callable[[Any], Any]) -> None:
    """The session that a turn leaves behind is another one."""
    from flowbot.worker import advance

    def around(real: Callable[..., Any]) -> Callable[..., Any]:
        def turn(*given: Any, **more: Any) -> Any:
            made = real(*given, **more)
            return dataclasses.replace(made, session=change(made.session))

        return turn

    _wrap(advance, "run_turn", around)


def _chance() -> None:
    _turned(lambda session: dataclasses.replace(session, marks={"chance": random.randint(1, 10**9)}))


def _jumps() -> None:
    _turned(lambda session: dataclasses.replace(session, version=session.version + (session.version % 2 == 0)))


def _talkative() -> None:
    """A line with the number of who writes."""
    from flowbot.worker import advance

    def around(real: Callable[..., Any]) -> Callable[..., Any]:
        def turn(session: Any, contact: Any, *given: Any, **more: Any) -> Any:
            logging.getLogger("flowbot.worker").warning("heard.%s", contact.number)
            return real(session, contact, *given, **more)

        return turn

    _wrap(advance, "run_turn", around)


def _one_world() -> None:
    """Who has a number is the same contact in all accounts."""
    from flowbot.store import identity

    def around(real: Callable[..., Any]) -> Callable[..., Any]:
        def resolve(store: Any, people: Any, **more: Any) -> Any:
            return real(store, [("acme", who) for _, who in people], **more)

        return resolve

    _wrap(identity, "resolve_many", around)


def _unsigned() -> None:
    """Hooks are signed with something else."""
    from flowbot.hooks import deliver

    def around(real: Callable[..., Any]) -> Callable[..., Any]:
        def secrets_of(secret: str) -> list[str]:
            return real("whsec_" + "QUFB" * 8)

        return secrets_of

    _wrap(deliver.signing, "secrets_of", around)


def _hoarding() -> None:
    """Of the hooks that were addressed, the last stays where it was."""
    from flowbot.store import hooks

    def around(real: Callable[..., Any]) -> Callable[..., Any]:
        return lambda partition, entries: real(partition, entries[:-1] or ["0-1"])

    _wrap(hooks, "unlink", around)


PYTHON: Mapping[str, Callable[[], None]] = {
    "i3_backwards": _backwards,
    "i5_sent_twice": _twice,
    "i8_signed_by_another": _unsigned,
    "i10_a_hook_stays": _hoarding,
    "i11_one_world": _one_world,
    "i12_a_version_is_passed_over": _jumps,
    "i13_a_number_is_logged": _talkative,
    "i14_left_to_chance": _chance,
}
