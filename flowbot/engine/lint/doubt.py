"""Which parts of a flow have mistakes: what a rule would say of these may only follow from the mistake."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...model.problem import Path, Problem, Source, suggest

# Mistakes that take nothing from a flow: all that it does and where it leads is there.
ASIDE = frozenset({"E301", "E302", "F212", "F213", "F214", "F218", "F221", "F222", "F223", "F232", "M511"})
TIMES = frozenset({"F213", "F218", "F232"})  # of those the ones that leave a time unknown
NOWHERE = "F207"  # a way to no step: all others are there
# Mistakes behind which anything may have been meant: another verb, another way, an end.
BLIND = frozenset({"F201", "F202", "F206", "F208", "Y001", "Y002"})
WAYS = frozenset({"next", "then", "else", "choices", "branch", "split"})
_MEANT = re.compile(r"did you mean '(.+)'\?")
_WORD = re.compile(r"\w+")
_TIMING = {"settings", "reengage", "defaults"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Nothing of a sound flow is in doubt."""

    steps: frozenset[str] = frozenset()  # with mistakes
    blind: frozenset[str] = frozenset()  # those of them of which nobody knows what they were meant to do
    keys: frozenset[str] = frozenset()  # of the flow beside `steps`
    times: frozenset[str] = frozenset()  # steps and keys with a time that nobody knows
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)  # step, or key -> all that is written there
    asked: frozenset[str] = frozenset()  # content keys of the questions that steps in doubt may ask
    meant: Mapping[str, frozenset[str]] = field(default_factory=dict)  # step -> where its ways to no step should go
    adrift: frozenset[str] = frozenset()  # keys with ways to no step
    aims: frozenset[str] = frozenset()  # where those should go

    def __bool__(self) -> bool:
        return bool(self.steps or self.keys or self.meant or self.adrift or self.times)

    def named(self, step: str) -> frozenset[str]:
        """What a step may name beside what the flow says."""
        return self.words.get(step, frozenset()) | self.meant.get(step, frozenset())

    @property
    def lost(self) -> frozenset[str]:
        """Steps of whose ways nobody knows where they should go."""
        return frozenset(step for step, near in self.meant.items() if not near)

    @property
    def outside(self) -> frozenset[str]:
        """The same of all keys."""
        return self.aims.union(*(self.words.get(key, ()) for key in self.keys))

    @property
    def written(self) -> frozenset[str]:
        """All that is written where something is wrong."""
        return frozenset().union(*self.words.values())

    @property
    def timing(self) -> bool:
        """Whether nobody knows what the flow says of silence."""
        return bool(self.keys & _TIMING)


NONE = Doubt()


def doubt_of(
    source: Source, problems: Iterable[Problem], known: Collection[str], guessed: Collection[int] = ()
) -> Doubt:
    """`problems` are those of the flow's compiling, `known` the keys that a flow may have, `guessed` lines of the file
    of which nobody knows what they were meant to be.

    >>> source = Source(file="", text="", data={"strat": {"api": True}, "steps": {"a": {"sya": "b"}}})
    >>> found = [source.problem(("steps", "a", "sya"), "F201", ""), source.problem(("strat",), "F201", "")]
    >>> doubt = doubt_of(source, found, ["start", "steps"])
    >>> sorted(doubt.blind), sorted(doubt.keys), sorted(doubt.words["a"])
    (['a'], ['start', 'strat'], ['b', 'sya'])
    """
    errors = [(_parts(one.pointer), one) for one in problems if one.level == "error" and one.pointer]
    wrong = [(path, one.code) for path, one in errors if one.code not in ASIDE and one.code != NOWHERE]
    wrong += [(tuple(map(str, one.path)), "Y002") for one in source.lost]
    wrong += [(tuple(map(str, path)), "Y001") for path, (line, _) in source.keys.items() if line in guessed]
    inner = [(path, code) for path, code in wrong if _inside(path) and "with" not in path[2:]]
    steps = frozenset(path[1] for path, _ in inner)
    keys = {path[0] for path, _ in wrong if path[0] != "steps"}
    misspelled = {near[1] for key in keys - set(known) if (near := _MEANT.match(suggest(key, known)))}
    lines = _guesses(source, guessed)
    nowhere = [(path, _MEANT.match(one.hint)) for path, one in errors if one.code == NOWHERE]
    return Doubt(
        steps=steps,
        blind=frozenset(path[1] for path, code in inner if code in BLIND or WAYS & {*path[2:]}),
        keys=frozenset({*keys, *misspelled, *lines}),
        times=frozenset(path[_inside(path)] for path, one in errors if one.code in TIMES),
        words={**{home: frozenset(_written(source, home, home in steps)) for home in (*steps, *keys)}, **lines},
        asked=steps.union(*(_asked(source.value(("steps", step))) for step in steps)),
        meant=_meant(nowhere),
        adrift=frozenset(path[0] for path, _ in nowhere if not _inside(path)),
        aims=frozenset(near[1] for path, near in nowhere if near and not _inside(path)),
    )


def _meant(nowhere: Iterable[tuple[tuple[str, ...], re.Match[str] | None]]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for path, near in nowhere:
        if _inside(path):
            found[path[1]] = found.get(path[1], frozenset()) | ({near[1]} if near else set())
    return found


def _inside(path: tuple[str, ...]) -> bool:
    """Whether it is of a step."""
    return path[0] == "steps" and len(path) > 1


def _guesses(source: Source, lines: Collection[int]) -> dict[str, frozenset[str]]:
    """What stands in lines that are of no step or key any more."""
    text = source.text.splitlines()
    return {"": frozenset(word for line in lines for word in _WORD.findall(text[line - 1]))} if lines else {}


def _parts(pointer: str) -> tuple[str, ...]:
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def _written(source: Source, home: str, is_step: bool) -> Iterator[str]:
    path: Path = ("steps", home) if is_step else (home,)
    yield from _texts(source.value(path))
    for lost in source.lost:
        if lost.path[: len(path)] == path:
            yield from _texts(lost.value)


def _asked(step: Any) -> Iterator[str]:
    keys = [key for key in step if key != "next"] if isinstance(step, Mapping) else []
    return (step[key] for key in keys if isinstance(step[key], str))


def _texts(data: Any) -> Iterator[str]:
    """Every key and every text below."""
    waiting = [data]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            yield from map(str, item)
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, str):
            yield item
