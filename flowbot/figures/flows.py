"""How each flow fares: who began, who is in the middle of it and where, how it ended, and where people leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ..engine.flow import Flow
from ..model.project import Account
from ..model.session import Process, Session
from ..publishing.standing import sessions_on
from ..store import flows, funnels
from ..store.client import Store
from ..store.funnels import Funnel, Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A question of one version."""

    step: str
    asked: int
    answered: int
    waiting: int  # stand there now
    left: Mapping[str, int]  # reason -> conversations that ended there
    median_ms: int | None  # from the question to its answer

    @property
    def share(self) -> float | None:
        """Of those who were asked, and do not stand there any more."""
        done = self.asked - self.waiting
        return self.answered / done if done > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fare:
    """One version of a flow in one account or several."""

    flow: str
    version: str
    started: int
    open: int
    succeeded: int
    failed: Mapping[str, int]  # reason -> how many
    median_ms: int | None  # of those that succeeded, from start to end
    steps: tuple[Step, ...] = field(default=())


def fares(
    store: Store, versions: Mapping[str, Flow], accounts: Iterable[Account], *, simulated: bool = False
) -> list[Fare]:
    """Of each version, those that were begun most often first; what was never begun is left out."""
    found = [
        _fare(flow, version, told.funnel, told.where, told.whole)
        for version, flow, told in _told(store, versions, accounts, simulated)
    ]
    return sorted(found, key=lambda one: (one.flow, -one.started, one.version))


def summaries(
    store: Store, versions: Mapping[str, Flow], accounts: Iterable[Account], *, simulated: bool = False
) -> list[Fare]:
    """Of each flow, all its versions together, without their steps."""
    by_flow: dict[str, tuple[Flow, list[_Told]]] = {}
    for _, flow, told in _told(store, versions, accounts, simulated):
        by_flow.setdefault(flow.id, (flow, []))[1].append(told)
    found = []
    for flow, own in by_flow.values():
        whole = _fare(flow, "", _sum([one.funnel for one in own]), {}, sum(one.whole for one in own))
        found.append(replace(whole, steps=()))
    return sorted(found, key=lambda one: one.flow)


@dataclass(frozen=True, slots=True)
class _Told:
    funnel: Funnel
    where: Mapping[str, int]
    whole: int


def _told(
    store: Store, versions: Mapping[str, Flow], accounts: Iterable[Account], simulated: bool
) -> Iterator[tuple[str, Flow, _Told]]:
    accounts = list(accounts)
    stood: Counter[str] = Counter()
    for counts in store.all([flows.standing(partition) for partition in range(store.partitions)]):
        stood.update(counts)
    channels = {
        channel.key for account in accounts for channel in account.channels.values() if channel.simulated == simulated
    }
    names = [funnels.whose(account.name, simulated=simulated) for account in accounts]
    for version, flow in versions.items():
        read = store.all([funnels.read(partition, version) for partition in range(store.partitions)])
        funnel = _sum([funnels.funnel(read, name) for name in names])
        where, whole = _standing(store, version, channels) if stood[version] > 0 else (Counter[str](), 0)
        if funnel.started or funnel.steps or where:
            yield version, flow, _Told(funnel, where, whole)


def _standing(store: Store, version: str, channels: set[str]) -> tuple[Counter[str], int]:
    """Step -> how many stand there now; and how many conversations that are of this version as a whole."""
    where, whole = Counter[str](), 0
    for _, session in sessions_on(store, version, channels):
        for process in _open(session):
            if process.flow_version == version:
                where[process.step] += 1
            top = process
            while top.parent is not None:
                top = top.parent
            whole += top.flow_version == version
    return where, whole


def _open(session: Session) -> list[Process]:
    return [one for one in (session.process, *session.parked) if one is not None]


def _fare(flow: Flow, version: str, funnel: Funnel, where: Mapping[str, int], whole: int) -> Fare:
    order = {name: at for at, name in enumerate(flow.steps)}
    names = sorted({*funnel.steps, *where}, key=lambda name: (order.get(name, len(order)), name))
    steps = []
    for name in names:
        one = funnel.steps.get(name, Question(name))
        steps.append(
            Step(
                step=name,
                asked=one.asked,
                answered=one.answered,
                waiting=where.get(name, 0),
                left=dict(one.left.most_common()),
                median_ms=funnels.median(one.times),
            )
        )
    failed = Counter({reason: count for reason, count in funnel.ended.items() if reason != "succeeded"})
    return Fare(
        flow=flow.id,
        version=version,
        started=funnel.started,
        open=whole,
        succeeded=funnel.ended["succeeded"],
        failed=dict(failed.most_common()),
        median_ms=funnels.median(funnel.times),
        steps=tuple(steps),
    )


def _sum(found: Iterable[Funnel]) -> Funnel:
    total = Funnel()
    for one in found:
        total.started += one.started
        total.ended += one.ended
        total.times += one.times
        for name, step in one.steps.items():
            into = total.steps.setdefault(name, Question(name))
            into.asked += step.asked
            into.answered += step.answered
            into.left += step.left
            into.times += step.times
    return total
