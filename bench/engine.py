"""The engine's part of a turn: a message is routed, its step takes the answer, the next says two texts and waits."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from flowbot.engine.turn import advance
from flowbot.library.load import load
from flowbot.model import codec
from flowbot.model.contact import Contact, Identity
from flowbot.model.effect import SendMessage
from flowbot.model.event import MessageReceived
from flowbot.model.inbound import Inbound
from flowbot.model.session import Session
from flowbot.worker.loop import calm_collector

from .result import Result
from .turns import PROJECT

FLOW = """\
flow: talk
languages: [en]
start: {keywords: [start]}
steps:
  name: {say: "Welcome to {{ account.name }}.", ask: "What is your name?"}
  age: {say: "Thank you, {{ answers.name }}.", ask: "How old are you, {{ answers.name }}?", expect: integer}
  likes: {say: "{{ answers.age }} is a good age.", ask: "Tea or coffee?", choices: [tea, coffee]}
  city: {say: "{{ answers.likes }} it is.", ask: "Where do you live, {{ answers.name }}?"}
  sure: {say: "From {{ answers.city }}, then.", ask: "Is that right, {{ answers.name }}?", expect: yes_no}
  done: {say: ["Thank you, {{ answers.name }}.", "See you in {{ answers.city }}."], succeed: {}}
"""
WORDS = ("Ana", "31", "tea", "Cali", "yes")
CONVERSATIONS, WARM = 400, 50
NOW = 1_795_271_400_000


def measure() -> list[Result]:
    """Each turn by itself, from a session as the store has it; the turn that starts the flow does not count."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "flows").mkdir()
        (root / "flowbot.yaml").write_text(PROJECT)
        (root / "flows" / "talk.yaml").write_text(FLOW)
        book = load(root, {})
    assert book.sound, book.problems
    calm_collector()
    took: list[int] = []
    for number in range(CONVERSATIONS):
        contact = Contact(id=f"c{number}", account="acme", number="573001112233")
        session = Session(account="acme", channel="main", contact_id=contact.id)
        for step, words in enumerate(("start", *WORDS)):
            kept = codec.decode(Session, codec.encode(session))
            event = MessageReceived(
                inbound=Inbound(id=f"w{number}.{step}", sender=Identity(number="573001112233"), kind="text", text=words)
            )
            began = time.perf_counter_ns()
            turn = advance(kept, contact, event, book, NOW + step)
            spent = time.perf_counter_ns() - began
            session, contact = turn.session, turn.contact
            if number >= WARM and step:
                assert sum(isinstance(one, SendMessage) for one in turn.effects) == 2
                took.append(spent)
    note = f"{len(took)} turns, p99 {sorted(took)[len(took) * 99 // 100] / 1000:.0f} us"
    median = statistics.median(took) / 1000
    return [Result(what="a turn's engine part, two texts said", value=median, unit="us", at_most=150, note=note)]
