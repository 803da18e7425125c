"""What `--update` writes: a transcript's expectations as the bot now speaks; what the contact says stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import FlowbotError
from ..library.library import Library
from ..model.problem import Path, Source
from ..testing import Said
from .align import Gap, gaps
from .compare import ANY_ORDER, facts, same
from .edits import Edit, apply
from .fresh import fresh
from .read import Transcript
from .run import act, begin, chat_for, zone_of


def revised(source: Source, tests: Sequence[Transcript], library: Library) -> str:
    """The file's text with the expectations of these tests rewritten where they do not come true."""
    rows = source.data["tests"]
    edits: list[Edit] = []
    for test in tests:
        lines = [number for number in range(len(rows)) if source.at(("tests", number, "test"))[0] == test.number]
        if len(lines) == 1:  # tests that share a line are left alone
            edits += revise(test, ("tests", lines[0]), library)
    return apply(source.text, edits)


def revise(test: Transcript, path: Path, library: Library) -> list[Edit]:
    """The edits of the test at `path`, up to the first line that cannot be played."""
    edits: list[Edit] = []
    if not test.chat:
        return edits
    try:
        chat = chat_for(test, library)
        zone = zone_of(test, library)
        for action, block in _stretches(test):
            said = begin(chat, test) if action is None else act(chat, test.chat[action], zone)
            expected = [test.chat[number].what for number in block]
            for gap in gaps(expected, said):
                edits += _gap(gap, block, action, said, (*path, "chat"), alone=len(gap.lines) == len(block))
    except FlowbotError:
        return edits
    found = facts(chat)
    for name, wanted in test.expect.items():
        edits += _expect((*path, "expect", name), wanted, found[name])
    return edits


def _stretches(test: Transcript) -> Iterator[tuple[int | None, list[int]]]:
    """What happens, and the `bot:` lines behind it, as numbers of the chat's lines."""
    action: int | None = None
    block: list[int] = []
    for number, line in enumerate(test.chat):
        if line.who == "bot":
            block.append(number)
            continue
        yield action, block
        action, block = number, []
    yield action, block


def _gap(
    gap: Gap, block: list[int], action: int | None, said: Sequence[Said], path: Path, *, alone: bool
) -> Iterator[Edit]:
    """Lines that do not come true, against messages that no line expects."""
    lines, groups = [block[number] for number in gap.lines], list(gap.groups)
    if not groups:
        if alone and not said and lines:
            yield Edit(path=(*path, lines.pop(0), "bot"), kind="set", value="nothing")
        yield from (Edit(path=(*path, number), kind="drop") for number in lines)
        return
    for place, number in enumerate(lines):
        if not groups:
            yield Edit(path=(*path, number), kind="drop")
            continue
        old = gap.expected[place]
        early, groups = _before(groups, old)
        if early:
            yield Edit(path=(*path, number), kind="before", value=[{"bot": fresh(one)} for one in early])
        count = len(groups) if place == len(lines) - 1 else len(old)
        taken = groups[:count] if isinstance(old, list) else groups[:1]
        groups = groups[len(taken) :]
        new = [fresh(one) for one in taken] if isinstance(old, list) else fresh(taken[0], old)
        yield Edit(path=(*path, number, "bot"), kind="set", value=new)
    if groups:
        items = [{"bot": fresh(one)} for one in groups]
        before = lines[-1] if lines else block[gap.after] if gap.after >= 0 else action
        if before is None:
            yield Edit(path=(*path, 0), kind="before", value=items)
        else:
            yield Edit(path=(*path, before), kind="after", value=items)


def _before(groups: list[tuple[Said, ...]], old: Any) -> tuple[list[tuple[Said, ...]], list[tuple[Said, ...]]]:
    """The messages before the one that the old line means by its key, and those from it on."""
    key = old.get("key") if isinstance(old, Mapping) else old
    at = next((number for number, group in enumerate(groups) if key and group[0].outbound.key == key), 0)
    return groups[:at], groups[at:]


def _expect(path: Path, wanted: Any, real: Any) -> Iterator[Edit]:
    """Of a mapping the members that are wanted, each where it stands."""
    if isinstance(wanted, Mapping) and isinstance(real, Mapping):
        for name, item in wanted.items():
            if name in real:
                yield from _expect((*path, name), item, real[name])
        return
    if path[-1] in ANY_ORDER and isinstance(wanted, list):
        wanted = sorted(wanted)
    if not same(wanted, real):
        yield Edit(path=path, kind="set", value=real)
