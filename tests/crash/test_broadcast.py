"""kill -9 of the fan-out, the sender and a worker in the middle of a broadcast: everybody once, or it is on record."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from pathlib import Path

from flowbot.broadcasts.audience import Row, Sheet
from flowbot.broadcasts.intake import Intake
from flowbot.broadcasts.standing import counted, failures, statuses
from flowbot.library.library import Library
from flowbot.library.load import load
from flowbot.model.broadcast import Broadcast, new_id
from flowbot.store import approvals, broadcasts
from flowbot.store.client import Store, connect

from .town import Town

PEOPLE = 1_200
NOTICE = "category: marketing\nexamples: {name: Ana}\nlanguages: {en: {body: 'Hello {{ name }}, welcome.'}}\n"
ARMED = {
    "hooks": ["broadcast.before_advance:1", "broadcast.before_advance:2"],
    "sender": ["sender.after_claim:150", "sender.after_send:150"],
}


def test_everybody_once_whoever_dies(tmp_path: Path) -> None:
    """R103, R098: nobody twice; what nobody knows the end of is recorded as unknown; sums that add up all the while."""
    town = Town(tmp_path, armed=ARMED, workers=1, senders=1)
    (town.project / "content" / "templates").mkdir(parents=True)
    (town.project / "content" / "templates" / "notice.yaml").write_text(NOTICE)
    with town, contextlib.closing(connect(town.valkey.url)) as store:
        id = begin(store, load(town.project, town.environ("test")))
        end, killed = time.monotonic() + 60, False
        while True:
            kept = store.run(broadcasts.get(id))
            assert kept is not None and time.monotonic() < end, town.logs()
            told = counted(store, kept)
            assert told["total"] == told["pending"] + told["success"] + told["failure"] + told["cancelled"] == PEOPLE
            if kept.state == "done":
                break
            if told["success"] and not killed:
                town.doors["worker-0"].kill()
                killed = True
            town.watch()
            time.sleep(0.05)
        assert killed and town.doors["hooks-0"].fallen == ["broadcast.before_advance"] * 2, town.logs()
        assert town.doors["sender-0"].fallen == ["sender.after_claim", "sender.after_send"], town.logs()
        assert town.surprises() == []
        taken = Counter(one.to for one in town.provider.log.taken)
        assert max(taken.values()) == 1
        while True:  # a status that comes late makes an unknown one a success
            failed = {one["to"]: one["code"] for one in failures(store, kept, limit=2 * PEOPLE).items}
            if len(failed) == counted(store, kept)["failure"]:
                break
            assert time.monotonic() < end + 30, (len(failed), counted(store, kept))
        known = {one["to"]: one for one in statuses(store, kept, limit=2 * PEOPLE).items}
        assert len(known) == PEOPLE
        assert set(failed.values()) <= {"unknown"}
        arrived = {to for to, one in known.items() if one["status"] == "success"}
        assert arrived <= {"+" + to for to in taken}, "nothing counts as sent that was not"


def begin(store: Store, library: Library) -> str:
    """A broadcast to PEOPLE, a few of whom bring something for their record."""
    account = library.account("acme")
    fact = approvals.Fact(kind="status", name="notice", language="en", at=1, value={"status": "APPROVED"})
    store.run(approvals.note("acme", account.channels["main"].holder, [fact]))
    one = Broadcast(
        id=new_id("acme", "crash"),
        account="acme",
        channel="main",
        template="notice",
        user_authorized=True,
        created_at=store.now(),
    )
    store.run(broadcasts.make(one))
    intake = Intake(store, one, "u")
    rows = (
        Row(line=str(at), to=f"+57300{at:07d}", values={"name": "Ana", **({"city": "X"} if at < 20 else {})})
        for at in range(PEOPLE)
    )
    taken = intake.rows(rows, account, library.template("notice"), Sheet())
    assert taken.mistakes() == [] and intake.accept(taken) == "draft"
    return one.id
