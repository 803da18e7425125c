"""The hooks process looks for what is left of a contact that was forgotten."""

from flowbot.model import codec
from flowbot.store import forgetting, keys
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
