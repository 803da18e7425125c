"""What a publication would do: the difference to what is published, who stands where, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..engine.diff import Change, compare
from ..engine.flow import Flow
from ..engine.starts import Starts
from ..errors import InvalidRequest, NotFound
from ..library.library import Library
from ..model.problem import suggest
from ..model.project import Account
from ..steps.run import Run
from ..store import publications
from ..store.client import Store
from ..store.publications import Pointers
from .standing import Here, standing, versions_stood_on


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowPlan:
    flow: str
    before: str  # the version that is published; "" when none is
    after: str  # "" takes it out
    new: Flow | None
    changes: tuple[Change, ...]
    standing: tuple[Here, ...] = ()  # on other versions than the new one

    @property
    def changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    account: str
    seen: int  # the number of the publication that it starts from
    flows: tuple[FlowPlan, ...]
    obstacles: tuple[str, ...] = ()  # with one of these nothing is published
    undoes: int = 0  # the publication that it takes back

    @property
    def changes(self) -> dict[str, tuple[str, str]]:
        return {one.flow: (one.before, one.after) for one in self.flows if one.changed}


def plan(store: Store, library: Library, account: Account, names: Sequence[str] = ()) -> Plan:
    """Publish these flows as their files are now; without names all, and those that have no file are taken out.

    NotFound for a name that is no flow of the account.
    """
    pointers = store.run(publications.current(account.name))
    mine = {id for id in library.made if not account.flows or id in account.flows}
    for name in names:
        if name not in mine:
            near = suggest(name, mine) or f"there are: {', '.join(sorted(mine)) or 'none'}"
            raise NotFound(f"account '{account.name}' has no flow '{name}'; {near}")
    wanted = list(dict.fromkeys(names)) or sorted(mine | pointers.flows.keys())
    unsound = [id for id in wanted if id in mine and id not in library.flows]
    targets = {id: library.flows.get(id) for id in wanted if id not in unsound}
    broken = [f"flows/{id}.yaml has mistakes: `flowbot check` tells them" for id in unsound]
    return plan_for(store, library, account, targets, pointers, broken)


def plan_for(
    store: Store,
    library: Library,
    account: Account,
    targets: Mapping[str, Flow | None],
    pointers: Pointers,
    broken: Sequence[str] = (),
    *,
    undoes: int = 0,
) -> Plan:
    """Point each flow to its target, None for none."""
    olds = versions_stood_on(store)
    channels = real_channels(account)
    flows = []
    for id, new in targets.items():
        before = pointers.flows.get(id, "")
        old = _found(library, id, before)
        flows.append(
            FlowPlan(
                flow=id,
                before=before,
                after=new.version if new else "",
                new=new,
                changes=compare(old, new) if old is None or new is None or old.version != new.version else (),
                standing=standing(store, id, new, channels, olds),
            )
        )
    kept = {id: _found(library, id, version) for id, version in pointers.flows.items() if id not in targets}
    result = {id: flow for id, flow in {**kept, **targets}.items() if flow is not None}
    obstacles = (*broken, *_missing(result), *_clashes(result, account))
    return Plan(account=account.name, seen=pointers.number, flows=tuple(flows), obstacles=obstacles, undoes=undoes)


def real_channels(account: Account) -> frozenset[str]:
    """Those with people at the other end; the simulator has the files as they are."""
    return frozenset(channel.key for channel in account.channels.values() if not channel.simulated)


def check(plan: Plan) -> None:
    """InvalidRequest when something speaks against it."""
    if plan.obstacles:
        raise InvalidRequest("\n".join(plan.obstacles))


def _found(library: Library, id: str, version: str) -> Flow | None:
    try:
        return library.flow(id, version) if version else None
    except NotFound:
        return None


def _missing(flows: Mapping[str, Flow]) -> Iterator[str]:
    """Flows that a published one needs, and that would not be."""
    for id, flow in flows.items():
        for needed in sorted(_needs(flow) - flows.keys()):
            yield f"{id} goes on with {needed}, which is not published: publish both"


def _needs(flow: Flow) -> set[str]:
    """The flows that it jumps to or runs."""
    found = {target.name for target in flow.ends.values() if target.kind == "jump"}
    for step in flow.steps.values():
        if isinstance(step.main, Run):
            found.add(step.main.flow)
    return found


def _clashes(flows: Mapping[str, Flow], account: Account) -> Iterator[str]:
    found = {}
    for channel in account.channels.values():
        for one in Starts.of([flow for _, flow in sorted(flows.items())], channel.name).clashes:
            found[one] = f"{one.flow} and {one.other} both start with {one.words!r}"
    yield from found.values()
