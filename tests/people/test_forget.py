"""Forgetting a contact: what goes, what stays, and that nothing under way brings it back."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from redis import Redis

from flowbot.delivery.files import Folder, path_of
from flowbot.hooks.forget import Forgetting
from flowbot.hooks.parts import Parts as HooksParts
from flowbot.model import codec, ids
from flowbot.model.broadcast import Broadcast, Recipient
from flowbot.model.contact import Identity
from flowbot.model.event import MessageReceived, TimerFired
from flowbot.model.inbound import Inbound, Media
from flowbot.model.order import ConsentGiven, ContactEdited
from flowbot.model.project import Project
from flowbot.model.session import Session
from flowbot.people import find, forget
from flowbot.store import (
    belongings,
    broadcasts,
    contacts,
    forgetting,
    hooks,
    identity,
    inbox,
    keys,
    leases,
    ledger,
    outbox,
    quarantine,
    turns,
)
from flowbot.store.client import Store, connect, connect_async
from flowbot.store.embedded import Embedded
from flowbot.store.scripts import LUA
from flowbot.worker.loop import Parts, run
from tests.worker.world import World

from .everything import everything, holding

NUMBER, NAME, ANSWER = "573001112233", "Anastasia", "my mother's maiden name"
OTHER = "573009998877"


@pytest.fixture
def world(store: Store, tmp_path: Path) -> World:
    return World(store, tmp_path / "project")


@pytest.fixture
def raw(store_url: str) -> Iterator[Redis]:
    with contextlib.closing(Redis.from_url(store_url)) as client:
        yield client


def live(world: World) -> None:
    """A contact in the middle of a flow on two channels, another beside it."""
    for number, name in ((NUMBER, NAME), (OTHER, "Bob")):
        world.say(number, "start", ANSWER if number == NUMBER else "blue", name=name)
        world.say(number, "start", channel="blip", name=name)
    world.settle(world.worker())


def order(world: World, number: str = NUMBER) -> str:
    """The order to forget; the contact's id."""
    account = world.shelf().current().account("acme")
    contact_id = world.contact_id(number)
    assert forget.order(world.store, account, contact_id, nonce=f"n{next(world.count)}", by="tests")
    return contact_id


def leftovers(url: str, files: Folder | None = None, *, looks: int = 2, settled: int = 0, rewrites: int = 0) -> int:
    """What the hooks process does; how many contacts it saw to."""

    async def inside() -> int:
        astore = await connect_async(url)
        parts = HooksParts(store=astore, project=Project, files=files)
        try:
            seen = 0
            for _ in range(looks):
                forgetting_ = Forgetting(parts, settled=settled, rewrites=rewrites)
                seen += await forgetting_.round()
            return seen
        finally:
            await parts.close()
            await astore.close()

    return asyncio.run(inside())


def test_nothing_of_a_contact_is_left_in_the_store(world: World, raw: Redis, store_url: str, tmp_path: Path) -> None:
    """R137, R150: not under any key, in any value; another contact keeps all of its own."""
    live(world)
    contact_id = world.contact_id(NUMBER)
    process = world.session(NUMBER).process
    assert process is not None
    files = Folder(tmp_path / "data")
    path = path_of("acme", contact_id, "acme/main:photo")
    files.save(path, b"a photo")
    partition = world.partition(NUMBER)
    world.store.all(quarantine.keep("qr_1_x", "acme/main", ["what"], f"from {NUMBER}".encode(), now=world.store.now()))
    world.store.run(hooks.keep(partition, "ev_0_kept", _hook(contact_id)))
    raw.hincrby(keys.notices(partition), contact_id, 1)
    assert holding(raw, NUMBER, NAME, ANSWER)
    assert world.event(NUMBER, ContactEdited(nonce="g", groups={"vip": True}))
    world.settle(world.worker())
    order(world)
    world.settle(world.worker())
    assert leftovers(store_url, files) == 2
    assert holding(raw, NUMBER, NAME, ANSWER, process.id) == [keys.hooks(partition)]  # the process's end, see below
    left = holding(raw, contact_id)
    assert left == sorted([keys.hooks(partition), keys.account("acme", "forgotten")]), left
    assert files.read(path) is None
    assert world.session(OTHER).process is not None and len(world.said(OTHER)) == 3
    (line,) = world.store.run(forgetting.audit("acme"))
    assert (line["contact"], line["by"]) == (contact_id, "tests")


def _hook(contact_id: str) -> bytes:
    from flowbot.model.hook import Hook

    data = {"contact": {"id": contact_id, "phone": "+" + NUMBER}, "answers": {"first": ANSWER}}
    return codec.encode(
        Hook(id="ev_0_kept", type="process.succeeded", account="acme", contact_id=contact_id, at=1, data=data)
    )


def test_a_broadcast_that_has_not_come_to_it_keeps_only_its_id(world: World, raw: Redis, store_url: str) -> None:
    """R137: its number and what the message would have said are gone from the audience; the others' stay."""
    live(world)
    contact_id, other = world.contact_id(NUMBER), world.contact_id(OTHER)
    made = Broadcast(id="bc1", account="acme", channel="real", template="notice", created_at=world.store.now())
    rows = [
        Recipient(contact_id=contact_id, to=NUMBER, params={"name": NAME}),
        Recipient(contact_id=other, to=OTHER, params={"name": "Bob"}),
    ]
    for call in (broadcasts.make(made), broadcasts.append("bc1", "u", rows)):
        world.store.run(call)
    assert world.store.run(broadcasts.accept("bc1", "u", total=2, duplicates=0)) == "draft"
    world.store.run(broadcasts.activate("bc1"))
    order(world)
    world.settle(world.worker())
    leftovers(store_url)
    assert world.store.run(broadcasts.chunk("bc1", 0)) == [Recipient(contact_id=contact_id), rows[1]]
    assert not [key for key in holding(raw, NUMBER, NAME) if "hooks" not in key]


def test_clients_hear_that_it_is_gone_and_nothing_else(world: World) -> None:
    """R137: what waited about the contact is not sent any more; its open processes end without a word of it."""
    live(world)
    contact_id, partition = world.contact_id(NUMBER), world.partition(NUMBER)
    opened = [one.id for name in ("main", "blip") if (one := world.session(NUMBER, name).process)]
    before = [orjson.loads(one.body) for one in world.store.run(hooks.read(partition))]
    assert sum(one["contact_id"] == contact_id for one in before) == 2
    order(world)
    world.settle(world.worker())
    told = [one for one in map(_told, world.store.run(hooks.read(partition))) if one["contact_id"] == contact_id]
    assert [one["type"] for one in told] == ["process.failed", "process.failed", "contact.forgotten"]
    assert {one["data"]["process_id"] for one in told[:2]} == set(opened) == set(told[2]["data"]["processes"])
    assert all(one["data"]["reason"] == "forgotten" and one["data"]["answers"] == {} for one in told[:2])
    assert NAME not in str(told) and NUMBER not in str(told)
    assert [one["data"]["sequence"] for one in told] == [3, 4, 5]


def _told(entry: hooks.Entry) -> dict[str, Any]:
    return dict(orjson.loads(entry.body))


def test_nobody_is_counted_as_standing_on_a_version_any_more(world: World, raw: Redis) -> None:
    live(world)
    partition = world.partition(NUMBER)
    (count,) = {int(one) for one in raw.hgetall(keys.flow_counts(partition)).values()}
    order(world)
    world.settle(world.worker())
    gone = sum(int(one) for one in raw.hgetall(keys.flow_counts(partition)).values())
    assert gone == count - 2
    assert not [key for key in everything(raw) if "}on:" in key and world.contact_id(NUMBER) in everything(raw)[key]]


def test_who_comes_back_is_somebody_new(world: World, store_url: str) -> None:
    """What came behind the order stays, and what is looked for later is only what was before it."""
    live(world)
    contact_id = order(world)
    world.say(NUMBER, "start", name="Ana again")
    world.settle(world.worker())
    assert leftovers(store_url) == 2
    assert world.contact(NUMBER).id == contact_id and world.contact(NUMBER).name == "Ana again"
    assert len(world.said(NUMBER)) == 1 and world.heard(NUMBER) == ["start"]
    process = world.session(NUMBER).process
    assert (
        process is not None and world.store.run(outbox.read(world.history(NUMBER, "out")[0]["id"]))["state"] == "queued"
    )


def test_what_was_under_way_for_the_contact_makes_no_new_one(world: World) -> None:
    live(world)
    contact_id = order(world)
    assert world.event(NUMBER, TimerFired(name="expire", visit=1, due=5))
    world.settle(world.worker())
    assert world.store.run(contacts.get(world.partition(NUMBER), contact_id)) is None


def test_opted_out_stays_opted_out(world: World, raw: Redis, store_url: str) -> None:
    """R150: a keyed hash of who, since when, and nothing else; under any id that the person was known by."""
    live(world)
    person = Identity(number=NUMBER, bsuid="CO.123")
    identity.resolve(world.store, "acme", person)
    inbound = Inbound(id="b1", sender=person, kind="text", text="hello")
    assert world.event(NUMBER, MessageReceived(inbound=inbound))
    assert world.event(NUMBER, ConsentGiven(nonce="n", topic="all", change="out", method="web form", proof=NAME))
    contact_id = order(world)
    world.settle(world.worker())
    leftovers(store_url)
    partition = world.partition(NUMBER)
    assert world.store.run(contacts.opted_out(partition, contact_id)) == {"all"}
    (proof,) = world.store.run(ledger.read(partition, contact_id))
    assert (proof.topic, proof.change, sorted(proof.record)) == ("all", "out", ["at", "forgotten", "method"])
    assert not holding(raw, NUMBER, NAME, ANSWER, "CO.123")
    assert identity.resolve(world.store, "acme", Identity(bsuid="CO.123")) == contact_id
    world.say(NUMBER, "hello")
    world.settle(world.worker())
    assert world.contact(NUMBER).opted_out == ("all",)


def test_an_order_is_carried_out_for_a_contact_that_is_set_aside(world: World, raw: Redis) -> None:
    live(world)
    contact_id, partition = world.contact_id(NUMBER), world.partition(NUMBER)
    raw.hset(keys.stuck(partition), contact_id, 1)
    raw.xadd(keys.parked(partition), {"c": contact_id, "h": "acme/main", "e": ANSWER})
    world.say(NUMBER, ANSWER)
    order(world)
    world.settle(world.worker())
    assert world.store.run(contacts.get(partition, contact_id)) is None
    assert world.store.run(inbox.stuck(partition)) == {} and not raw.xlen(keys.parked(partition))


def commit(world: World, entry: str, owner: str, epoch: int, version: int) -> str:
    """What a turn that ran before would write now."""
    contact_id, partition = world.contact_id(NUMBER), world.partition(NUMBER)
    record = codec.encode(
        Session(account="acme", channel="main", contact_id=contact_id, version=version + 1, reply_to=NUMBER)
    )
    what = turns.Commit(
        partition=partition,
        owner=owner,
        epoch=epoch,
        entry_id=entry,
        contact_id=contact_id,
        channel_key="acme/main",
        old_version=version,
        session=record,
        history=(("in", NUMBER.encode()),),
        now=1,
    )
    return world.store.run(turns.commit(what))


@pytest.mark.parametrize("taken_over", [True, False], ids=["by another worker", "by the same"])
def test_a_turn_that_ran_before_cannot_be_committed_after(world: World, raw: Redis, taken_over: bool) -> None:
    """R150: it holds the version that it read, and the epoch that it was given."""
    live(world)
    partition, version = world.partition(NUMBER), world.session(NUMBER).version
    world.say(NUMBER, ANSWER)
    epoch = world.store.run(leases.take("w", partition, "w#1", 5_000))
    entry = world.store.run(inbox.take(partition, "w#1", epoch, 1)).entries[0].id
    order(world)
    if taken_over:
        world.store.run(leases.release("w", partition, "w#1"))
    world.settle(world.worker("v#1" if taken_over else "w#1"))
    assert commit(world, entry, "w#1", epoch, version) == ("fenced" if taken_over else "gone")
    world.say(NUMBER, "again", name="new")
    fresh = raw.xrevrange(keys.inbox(partition, "acme/main"), count=1)[0][0].decode()
    if not taken_over:
        assert commit(world, fresh, "w#1", epoch, version) == "stale"
    raw.delete(keys.inbox(partition, "acme/main"))
    assert [key for key in holding(raw, NUMBER, NAME, ANSWER) if "s:" in key or "h:" in key] == []


def test_two_workers_at_full_speed_bring_nothing_back(world: World, raw: Redis, store_url: str) -> None:
    """R150: while the contact writes on two channels and partitions change hands, it is forgotten again and again."""
    stop = threading.Event()

    def work(owner: str) -> None:
        with contextlib.closing(connect(store_url)) as own:
            while not stop.is_set():
                pause = threading.Event()
                threading.Timer(0.15, pause.set).start()
                run(Parts(store=own, shelf=world.shelf(own), owner=owner, lease=500), pause)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("v#1", "w#1")]
    for thread in threads:
        thread.start()
    try:
        for _ in range(12):
            world.say(NUMBER, "start", ANSWER, ANSWER, name=NAME)
            world.say(NUMBER, "start", ANSWER, channel="blip", name=NAME)
            contact_id = order(world)
        until = time.monotonic() + 20
        while world.waiting() and time.monotonic() < until:
            time.sleep(0.02)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    world.settle(world.worker("x#1"))
    assert leftovers(store_url) == 2 * 12
    assert [key for key in holding(raw, NUMBER, NAME, ANSWER) if not key.endswith("hooks")] == []
    partition = ids.partition_of(contact_id, world.store.partitions)
    left = {keys.hooks(partition), keys.account("acme", "forgotten"), keys.forgotten(partition)}  # till it is rewritten
    assert set(holding(raw, contact_id)) <= left


def test_nothing_is_left_on_the_disk_once_the_file_was_written_anew(tmp_path: Path) -> None:
    """R137: the append-only file and every file of the data folder, byte by byte."""
    with Embedded(tmp_path / "data") as server, contextlib.closing(connect(server.url)) as store:
        world = World(store, tmp_path / "project")
        live(world)
        with contextlib.closing(Redis.from_url(server.url)) as raw:
            assert _on_disk(tmp_path / "data", NUMBER)
            order(world)
            world.settle(world.worker())
            leftovers(server.url, Folder(tmp_path / "data"))
            until = time.monotonic() + 20
            while raw.info("persistence")["aof_rewrite_in_progress"] or _on_disk(tmp_path / "data", NUMBER):
                assert time.monotonic() < until, _on_disk(tmp_path / "data", NUMBER)
                time.sleep(0.05)
            raw.save()
    assert _on_disk(tmp_path / "data", NUMBER, NAME, ANSWER) == []


def _on_disk(folder: Path, *needles: str) -> list[str]:
    found = []
    for file in folder.rglob("*"):
        with contextlib.suppress(OSError):
            if file.is_file() and any(one.encode() in file.read_bytes() for one in needles):
                found.append(file.name)
    return found


ERASED = LUA / "forget_contact.lua"
KEPT = {"o", "ledger"}  # as the proof of an opt-out


@pytest.mark.parametrize("kind", sorted({one.pattern for one in keys.KEYS if "<contact>" in one.pattern}))
def test_no_kind_of_key_is_forgotten_about(kind: str) -> None:
    """R137: whoever adds one that names a contact has to say here, or in the script, that it goes."""
    name = kind.partition("}")[2].partition(":")[0]
    assert f"'{name}:'" in ERASED.read_text() or name in belongings.NAMED
    assert name not in KEPT or "keep_proof" in ERASED.read_text()


def test_whom_a_number_means(world: World) -> None:
    """R150, R154: any way to write it, a user id, and what the person was before two ids of it met."""
    alone = identity.resolve(world.store, "acme", Identity(bsuid="CO.9"))
    sender = Identity(bsuid="CO.9", name=NAME)
    world.store.run(
        inbox.push(
            ids.partition_of(alone, world.store.partitions),
            alone,
            "acme/main",
            _message(sender),
            dedupe_id="1",
            at_ms=0,
        )
    )
    live(world)
    assert identity.resolve(world.store, "acme", Identity(number=NUMBER, bsuid="CO.9")) == world.contact_id(NUMBER)
    assert world.event(
        NUMBER,
        MessageReceived(inbound=Inbound(id="b2", sender=Identity(number=NUMBER, bsuid="CO.9"), kind="text", text="x")),
    )
    world.settle(world.worker())
    accounts = list(world.shelf().current().library.project.accounts.values())
    both = {world.contact_id(NUMBER), alone}
    for text in ("+57 300 111 2233", NUMBER, "CO.9", world.contact_id(NUMBER), alone):
        assert {one.id for one in find.find(world.store, text, accounts)} == both, text


def _message(sender: Identity) -> bytes:
    from flowbot.model.event import to_bytes

    return to_bytes(MessageReceived(inbound=Inbound(id="b1", sender=sender, kind="text", text="start")))


def test_two_contacts_of_one_person_go_by_one_order(world: World) -> None:
    """R150: in one partition too, where the same nonce would be a repetition."""
    numbers = (f"1555010{n:04}" for n in range(1, 200))
    pair = [number for number in numbers if world.partition(number) == 3][:2]
    world.say(pair[0], "start")
    world.say(pair[1], "start")
    world.settle(world.worker())
    account = world.shelf().current().account("acme")
    for number in pair:
        assert forget.order(world.store, account, world.contact_id(number), nonce="same", by="tests")
    world.settle(world.worker())
    known = [world.store.run(contacts.is_known(3, world.contact_id(number))) for number in pair]
    assert known == [False, False]


def test_what_waits_on_the_disk_goes_too(world: World, tmp_path: Path) -> None:
    """R137: a call that came while the store was away, and a photo from the simulated phone; others' stay."""
    live(world)
    photo = Media(kind="image", id="ab" * 16)
    sent = Inbound(id="p1", sender=Identity(number=NUMBER), kind="image", media=photo)
    assert world.event(NUMBER, MessageReceived(inbound=sent))
    world.settle(world.worker())
    for name, body in {
        "spool/acme/main/1": f"From=whatsapp%3A%2B{NUMBER}",
        "spool/acme/main/2": f"From=whatsapp%3A%2B{OTHER}",
        f"simulator/acme/{photo.id}": "a photo",
        f"simulator/acme/{'cd' * 16}": "another's",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(body)
    assert forget.clear_disk(tmp_path, world.store, world.contact(NUMBER)) == 2
    left = [file.name for folder in ("spool", "simulator") for file in (tmp_path / folder).rglob("*") if file.is_file()]
    assert left == ["2", "cd" * 16]
