"""What `flowbot show` tells of a message: states, what was done, which condition held, when, what went wrong."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from flowbot.cli import program
from flowbot.store.client import Store
from tests.worker.world import World

NUMBER = "15550100007"
FLOW = """\
flow: talk
start: {keywords: [start]}
settings: {expires_after: 2h}
steps:
  age: {ask: "How old are you?", expect: integer}
  sort:
    branch:
      - {when: "answers.age < 18", then: young}
      - {when: "answers.age < 65", then: grown}
      - {else: old}
  young: {say: "Not yet."}
  why: {ask: "Why are you here?"}
  grown: {say: "Hello, who came for {{ answers.why }}.", next: done}
  old: {say: "Good day.", next: done}
  done: {succeed: {}}
"""


def test_each_thing_that_a_message_led_to_is_listed_in_order(store: Store, store_url: str, tmp_path: Path) -> None:
    """R138"""
    world = World(store, tmp_path / "project")
    world.write(FLOW)
    world.say(NUMBER, "start", "old enough", "40")
    world.settle(world.worker())
    environ = {"FLOWBOT_PROJECT": str(world.folder), "FLOWBOT_REDIS_URL": store_url}
    said = CliRunner().invoke(program, ["show", world.contact_id(NUMBER)], obj=environ).output
    lines = [line for line in said.splitlines() if " trace " in line or " in " in line or " out " in line]
    told = [" ".join(line.split()[2:]) for line in lines]
    wanted = ["in message text", "trace started keyword", "trace age asked age", "trace age refused integer"]
    wanted += ["trace age answered 40", "trace sort chose grown", "trace done ended succeeded"]
    places = [next((at for at, line in enumerate(told) if line.startswith(one)), one) for one in wanted]
    found = [one for one in places if isinstance(one, int)]
    assert len(found) == len(wanted) and found == sorted(found), (places, told)
    assert any("missing" in line for line in told), told  # nobody asked why
    assert all(line.split()[0].startswith("20") and line.split()[1].count(":") == 2 for line in lines)  # when
