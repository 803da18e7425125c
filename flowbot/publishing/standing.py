"""Who stands on which version of a flow, out of the live store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..engine.carry import KEPT, fate
from ..engine.compiler import from_bundle
from ..engine.flow import Flow
from ..errors import ParseError
from ..model.session import Process, Session
from ..store import flows, sessions
from ..store.client import Store

Pair = tuple[str, str]  # contact, channel


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Here:
    """So many processes at one step of one version."""

    version: str
    step: str
    state: str  # open, parked, handed_off
    becomes: str  # carried, restarted or kept, if they were to go on with the new version
    count: int = 0


def standing(
    store: Store, flow: str, new: Flow | None, channels: Collection[str], olds: Mapping[str, Flow]
) -> tuple[Here, ...]:
    """Everybody on a version of the flow other than `new`, counted; `olds` are the versions that anybody stands on."""
    counts: Counter[Here] = Counter()
    for version, old in olds.items():
        if old.id != flow or (new is not None and version == new.version):
            continue
        for _, session in sessions_on(store, version, channels):
            for process, moves in _levels(session):
                if process.flow != flow or process.flow_version != version:
                    continue
                becomes = fate(old, new, process) if new is not None and moves else KEPT
                counts[Here(version=version, step=process.step, state=process.state, becomes=becomes)] += 1
    found = [
        Here(version=one.version, step=one.step, state=one.state, becomes=one.becomes, count=count)
        for one, count in counts.items()
    ]
    order = {id: {step: at for at, step in enumerate(old.steps)} for id, old in olds.items()}
    return tuple(sorted(found, key=lambda one: (one.version, order[one.version].get(one.step, 0), one)))


def versions_stood_on(store: Store) -> dict[str, Flow]:
    """Every version that any process of any account stands on; one that cannot be read is left out."""
    counts = store.all([flows.standing(partition) for partition in range(store.partitions)])
    return read_versions(store, {version for one in counts for version, count in one.items() if count > 0 and version})


def read_versions(store: Store, wanted: Iterable[str]) -> dict[str, Flow]:
    """These, as they were kept; one that cannot be read is left out."""
    alive, found = sorted(wanted), {}
    for version, bundle in zip(alive, store.all([flows.get(one) for one in alive]), strict=True):
        try:
            found[version] = from_bundle(bundle or b"", version=version)
        except ParseError:
            continue
    return found


def sessions_on(store: Store, version: str, channels: Collection[str]) -> Iterator[tuple[Pair, Session]]:
    """The sessions that stand on a version, of these channels, some hundred at a time."""
    for partition in range(store.partitions):
        cursor = ""
        while cursor != "0":
            cursor, members = store.run(flows.who(partition, version, cursor or "0"))
            pairs = [pair for pair in members if pair[1] in channels]
            for pair, found in zip(pairs, store.run(sessions.load(partition, pairs)) if pairs else (), strict=True):
                if not isinstance(found, ParseError) and found[0] is not None:
                    yield pair, found[0]


def _levels(session: Session) -> Iterable[tuple[Process, bool]]:
    """Every process of the session; those left by a word that may come `back` are never moved."""
    moving = [session.process, *session.parked] if session.process else [*session.parked]
    for one in moving:
        moving += [one.parent] if one.parent else []
        yield one, True
        aside = one.aside
        while aside is not None:
            yield aside, False
            aside = aside.parent
