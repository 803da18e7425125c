"""The hooks process looks for what is left of a contact that was forgotten."""

from flowbot.model import codec
from flowbot.model.schedule import Schedule
from flowbot.store import forgetting, keys, schedules
from flowbot.store.call import command
from flowbot.store.forgetting import Gone


def left_behind(store):
    """A message and a finding of a contact that its partition has erased, and one of somebody else."""
    store.run(command("HSET", keys.message(3, "ms_3_a"), "contact", "c1", "at", 5, read=int))
    store.run(command("HSET", keys.message(3, "ms_3_b"), "contact", "c2", "at", 5, read=int))
    store.run(command("HSET", keys.message(3, "ms_3_c"), "contact", "c1", "at", 70, read=int))
    store.run(command("SET", keys.contact_fact(3, "c1", "acme/main"), "573001112233", read=bool))
    gone = codec.encode(Gone(contact="c1", account="acme", until=60, by="tests"))
    store.run(command("ZADD", keys.forgotten(3), 1, gone, read=int))
    store.run(command("SPUBLISH", keys.wake(3, "hook"), "1", read=int))


def test_what_was_ordered_for_it_again_and_again_goes_too(scene):
    """R137: a schedule would write to its number, and so bring it back."""

    async def play(stage):
        store = stage.store
        for id, contact, made in (("sa_1", "c1", 5), ("sa_2", "c2", 5), ("sa_3", "c1", 70)):
            one = Schedule(id=id, account="acme", to="573001112233", contact=contact, created_at=made)
            store.run(schedules.add("acme", id, 2**50, codec.encode(one)))
        left_behind(store)
        await stage.until(lambda: store.run(forgetting.audit("acme")))
        assert sorted(store.run(schedules.records("acme"))) == ["sa_2", "sa_3"]
        assert sorted(id for id, _ in store.run(schedules.planned("acme"))) == ["sa_2", "sa_3"]

    scene(play)


def test_it_is_found_by_what_is_in_it_when_the_partition_rings(scene):
    """R137: what the contact got since it came back stays, and so does what is others'."""

    async def play(stage):
        store = stage.store
        left_behind(store)
        await stage.until(lambda: store.run(forgetting.audit("acme")))
        names = [keys.message(3, f"ms_3_{one}") for one in "abc"] + [keys.contact_fact(3, "c1", "acme/main")]
        assert [store.run(command("EXISTS", name, read=bool)) for name in names] == [False, True, True, False]
        await stage.until(lambda: [one.looks for one in store.run(forgetting.pending(3))] == [1])

    scene(play)
