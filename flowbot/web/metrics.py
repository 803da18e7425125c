"""GET /metrics, as Prometheus reads it: what was counted, what waits and since when, who is there to do it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model.project import Project
from ..store import backlog, counters, deliveries, leases, rates, server
from ..store.backlog import Waiting

if TYPE_CHECKING:
    from ..store.client import Store

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
ROLES = {"w": "worker", "s": "sender"}
TOLD = ("addressed", "delivered", "again", "failed")  # of an endpoint
# what a counter's name has behind colons, where that is not the flow
LABELS = {"message.failed_code": ("code",), "process.failed_reason": ("flow", "reason"), "turn": ("outcome",)}


@dataclass(frozen=True, slots=True)
class Sample:
    name: str  # without flowbot_
    labels: Mapping[str, str]
    value: float
    kind: str = "gauge"


def exposition(store: Store, project: Project) -> str:
    """All of it; StoreError when a part of the store does not answer."""
    return "".join(line + "\n" for line in lines([*counted(totals(store)), *_waiting(store), *_lines(store, project)]))


def totals(store: Store) -> Counter[str]:
    """The counters of all partitions, added up."""
    found: Counter[str] = Counter()
    for counts in store.all([counters.read(partition) for partition in range(store.partitions)]):
        found.update(counts)
    return found


def counted(counts: Mapping[str, int]) -> Iterator[Sample]:
    """Counters; what is counted by flow, or by another thing, has that as a label.

    >>> found = list(counted({"in": 3, "process.started:coffee": 2, "process.failed_reason:coffee:expired": 1}))
    >>> [(one.name, dict(one.labels), one.value) for one in found][1:]
    [('process_failed_reason_total', {'flow': 'coffee', 'reason': 'expired'}, 1), ('process_started_total', {'flow': \
'coffee'}, 2)]
    """
    for name, value in sorted(counts.items()):
        what, *rest = name.split(":")
        metric = "".join(letter if letter.isalnum() else "_" for letter in what) + "_total"
        yield Sample(metric, dict(zip(LABELS.get(what, ("flow",)), rest, strict=False)), value, "counter")


def lines(samples: Iterable[Sample]) -> Iterator[str]:
    """Those of one name stand together, below their type.

    >>> list(lines([Sample("a", {}, 1), Sample("b", {"x": 'y"'}, 0.5), Sample("a", {"c": "d"}, 2)]))[:3]
    ['# TYPE flowbot_a gauge', 'flowbot_a 1', 'flowbot_a{c="d"} 2']
    """
    by_name: dict[str, list[Sample]] = {}
    for sample in samples:
        by_name.setdefault(sample.name, []).append(sample)
    for name, own in by_name.items():
        yield f"# TYPE flowbot_{name} {own[0].kind}"
        for one in own:
            labels = ",".join(f'{label}="{_escaped(value)}"' for label, value in one.labels.items())
            yield f"flowbot_{name}{'{' + labels + '}' if labels else ''} {_number(one.value)}"


def _number(value: float) -> str:
    """
    >>> _number(12_345_678), _number(0.25)
    ('12345678', '0.25')
    """
    return str(int(value)) if value == int(value) else f"{value:.3f}".rstrip("0")


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _waiting(store: Store) -> Iterator[Sample]:
    """How long a queue is, and how late its oldest: what an alarm should look at."""
    found = backlog.total(store.all([backlog.look(partition) for partition in range(store.partitions)]))
    for queue, waits in found.items():
        yield from _queue({"queue": queue}, waits)
    for role, name in ROLES.items():
        holders = store.all([leases.peek(role, partition) for partition in range(store.partitions)])
        yield Sample("partitions_held", {"role": name}, sum(1 for one in holders if one))
    for node in store.all([server.look_at(one) for one in store.apart()]):
        yield Sample("store_memory_bytes", {"node": node.id}, node.memory)
        yield Sample("store_memory_limit_bytes", {"node": node.id}, node.limit)


def _queue(labels: Mapping[str, str], waits: Waiting) -> Iterator[Sample]:
    yield Sample("backlog", labels, waits.count)
    yield Sample("lag_seconds", labels, waits.ms / 1000)


def _lines(store: Store, project: Project) -> Iterator[Sample]:
    """Channels and endpoints by name; a few round trips, however many there are."""
    now = store.now()
    channels = [one.key for account in project.accounts.values() for one in account.channels.values()]
    for key, held in zip(channels, store.all([rates.held(key) for key in channels]), strict=True):
        yield Sample("channel_paused", {"channel": key}, int(held.until > now))
    endpoints = [one.key for account in project.accounts.values() for one in account.endpoints.values()]
    known = store.all([deliveries.endpoint(key) for key in endpoints])
    waiting = store.all([deliveries.waiting(key) for key in endpoints])
    due = store.all([deliveries.due(key, now) for key in endpoints])
    for key, facts, count, since in zip(endpoints, known, waiting, due, strict=True):
        labels, failing = {"endpoint": key}, int(facts.get("failing_since", now))
        yield Sample("endpoint_disabled", labels, int("disabled" in facts))
        yield Sample("endpoint_failing_seconds", labels, max(0, now - failing) / 1000)
        yield Sample("endpoint_backlog", labels, count)
        yield Sample("endpoint_lag_seconds", labels, max(0, now - since) / 1000)
        for word in TOLD:
            yield Sample(f"hook_{word}_total", labels, int(facts.get(word, 0)), "counter")
