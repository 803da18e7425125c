"""R144: what a step says of the message after its own is known to the sender that claims it."""

from __future__ import annotations

from flowbot.store import outbox

from .world import World

ANA = "573000000001"
FLOW = """\
flow: talk
start: {keywords: [start]}
steps:
  photo: {say: "Your clinic.", next_after: delivered, next_after_cap: 20s}
  words: {say: "On the left.", succeed: {}}
"""


def test_the_second_bubble_stays_until_the_first_has_arrived(world: World) -> None:
    world.write(FLOW)
    world.say(ANA, "start")
    world.settle(world.worker())
    claim = outbox.claim(world.partition(ANA), "r", "acme/main", tokens=5)
    (first,) = world.store.run(claim).claimed
    assert (first.entry.outbound.text, first.entry.waits) == ("Your clinic.", 20_000)
    world.store.run(outbox.record(first.id, first.attempt, "sent", provider_id="w1"))
    found = world.store.run(claim)
    assert found.claimed == () and 0 < found.next_at - found.now <= 20_000
