"""`flowbot broadcast` on a store, with the hooks process's part in it done by hand."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from flowbot.cli import program
from flowbot.errors import Conflict, NotFound
from flowbot.hooks.broadcasts import Broadcasts
from flowbot.hooks.parts import Parts
from flowbot.library.load import load
from flowbot.model.order import ContactEdited
from flowbot.store import outbox
from flowbot.store.client import Store, connect_async
from tests.worker.world import World

NOTICE = """\
category: marketing
examples: {name: A, day: B}
languages: {en: {body: "Hello {{ name }}, come on {{ day }} please."}}
"""
SHEET = "phone;name\n+573001110001;Ana\n+573001110002;Ben\n+573001110001;Ana\n"


class Desk:
    """The command line, and what happens meanwhile."""

    def __init__(self, store: Store, url: str, folder: Path) -> None:
        self.world = World(store, folder / "project")
        self.store, self.url, self.folder = store, url, folder
        templates = self.world.folder / "content" / "templates"
        templates.mkdir(parents=True)
        (templates / "notice.yaml").write_text(NOTICE)
        self.environ = {
            "FLOWBOT_PROJECT": str(self.world.folder),
            "FLOWBOT_REDIS_URL": url,
            "FLOWBOT_DATA": str(folder / "data"),
        }

    def ask(self, *arguments: str, **more: Any) -> Result:
        return CliRunner().invoke(program, ["broadcast", *arguments], obj=self.environ, **more)

    def sheet(self, text: str, name: str = "people.csv") -> str:
        (self.folder / name).write_text(text)
        return str(self.folder / name)

    def fan_out(self) -> None:
        async def work() -> None:
            store, library = await connect_async(self.url), load(self.world.folder, {})
            part = Broadcasts(Parts(store=store, project=lambda: library.project), lambda: library)
            while any([await part._round(), await part.edits.round()]):
                pass
            await store.close()

        asyncio.run(work())

    def deliver(self, outcome: str) -> list[str]:
        taken = []
        for partition in range(self.store.partitions):
            for one in self.store.run(outbox.claim(partition, "b", "acme/main", tokens=99)).claimed:
                self.store.run(outbox.record(one.id, 1, outcome, provider_id=one.id, code="7", reason="no"))
                taken.append(one.entry.outbound.text)
        return sorted(taken)


@pytest.fixture
def desk(store: Store, store_url: str, tmp_path: Path) -> Desk:
    return Desk(store, store_url, tmp_path)


def test_a_file_is_looked_at_sent_and_followed(desk: Desk) -> None:
    given = ("--channel", "main", "notice", desk.sheet(SHEET), "--param", "day=Monday", "--user-authorized")
    looked = desk.ask(*given, "--dry-run")
    assert looked.exit_code == 0 and looked.output.startswith("2 recipients, 1 duplicates left out"), looked.output
    assert desk.ask(*given, input="n\n").exit_code == 1
    began = desk.ask(*given, "--yes", "--detach")
    id = began.output.split()[-2]
    assert began.exit_code == 0 and began.output.endswith(f"{id} runs\n"), began.output
    told = orjson.loads(desk.ask("status", id, "--json").output)
    assert (told["status"], told["statistics"]["pending"]) == ("running", 2)
    assert desk.ask("pause", id).output == f"{id} is paused\n"
    desk.fan_out()
    assert desk.deliver("sent") == []
    assert desk.ask("resume", id).output == f"{id} is running\n"
    desk.fan_out()
    assert desk.deliver("sent") == ["Hello Ana, come on Monday please.", "Hello Ben, come on Monday please."]
    desk.fan_out()
    ended = desk.ask("status", id, "--follow")
    assert ended.exit_code == 0 and "done: 2 total, 0 pending, 2 success, 0 failure, 0 cancelled" in ended.output
    assert isinstance(desk.ask("cancel", id).exception, Conflict)
    assert isinstance(desk.ask("status", "bc" + "0" * 16).exception, NotFound)


def test_what_is_wrong_is_told_with_its_line_and_nothing_is_sent(desk: Desk) -> None:
    bad = desk.sheet('phone,name\n573001110001,Ana\n+573001110002,Ben,x\n+573001110003,"Eva\n')
    said = desk.ask("notice", bad, "--channel", "main", "--param", "dya=Monday", "--yes")
    assert said.exit_code == 1
    assert f"{bad}:2:1: " in said.output and f"{bad}:3:3: has 3 values" in said.output and f"{bad}:4: " in said.output
    assert "/template/params/dya" in said.output and said.output.endswith("nothing was sent\n")
    assert desk.ask("notice", "--channel", "main").exit_code == 2
    assert desk.ask("notice", bad, "--yes").exit_code == 2, "several channels"
    desk.fan_out()
    assert desk.deliver("sent") == []


def test_json_lines_and_failures(desk: Desk) -> None:
    lines = desk.sheet('{"to": "+573001110001", "params": {"name": "Ana", "day": "Sunday"}}\n', "people.jsonl")
    began = desk.ask("notice", lines, "--channel", "main", "--user-authorized", "--yes", "--detach")
    id = began.output.split()[-2]
    desk.fan_out()
    assert desk.deliver("failed") == ["Hello Ana, come on Sunday please."]
    desk.fan_out()
    ended = desk.ask("status", id, "--follow")
    assert ended.exit_code == 1 and ": 7: no" in ended.output


def test_they_are_listed(desk: Desk) -> None:
    """R116: the newest first, of a group or in a state."""
    given = ("--channel", "main", "notice", "--param", "day=Monday", "--user-authorized", "--yes", "--detach")
    for name in ("one", "two"):
        assert desk.ask(*given, desk.sheet(SHEET), "--name", name).exit_code == 0
    desk.world.say("573001110001", "start", name="Ana")
    assert desk.world.event("573001110001", ContactEdited(nonce="g", groups={"mothers": True}))
    desk.world.settle(desk.world.worker())
    began = desk.ask(*given, "--group", "mothers", "--param", "name=you")
    assert began.exit_code == 0, began.output
    rows = desk.ask("list").output.splitlines()
    assert [row.partition(" to ")[2].partition(":")[0] for row in rows] == ["the group mothers", "two", "one"]
    assert rows[1].endswith("2 total, 2 pending, 0 success, 0 failure, 0 cancelled") and "+57" not in "".join(rows)
    (told,) = map(orjson.loads, desk.ask("list", "--group", "mothers", "--json").output.splitlines())
    assert (told["template"], told["group"], told["statistics"]["total"]) == ("notice", "mothers", 1)
    assert desk.ask("cancel", told["id"]).exit_code == 0
    assert [told["id"] in row for row in desk.ask("list", "--status", "cancelled").output.splitlines()] == [True]
    assert len(desk.ask("list", "--limit", "1").output.splitlines()) == 1
    assert desk.ask("list", "--status", "odd").exit_code == 2
    assert isinstance(desk.ask("list", "--account", "none").exception, NotFound)
