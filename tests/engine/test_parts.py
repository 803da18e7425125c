"""Flows that run as parts of others: what stays of them in the records."""

from __future__ import annotations

from flowbot.model.session import Process, Session
from flowbot.worker.footing import moved
from tests.engine.talk import Talk, flow_of, talk

WHOLE = """
    flow: demo
    languages: [en]
    start: {keywords: [go]}
    steps: {survey: {run: part}, bye: {say: Done., succeed: {}}}
"""
PART = """
    flow: part
    languages: [en]
    steps: {stars: {ask: Stars?}, end: {succeed: {}}}
"""


def inside() -> Talk:
    found = talk(WHOLE, more={"part": PART})
    found.user("go")
    return found


def test_the_session_holds_the_part_with_the_whole_above_it() -> None:
    found = inside()
    process = found.session.process
    assert process and process.parent
    assert (process.flow, process.parent.flow, process.id) == ("part", "demo", process.parent.id)


def test_a_part_stays_on_the_version_it_began_with() -> None:
    found = inside()
    found.book.publish(flow_of(PART.replace("{succeed: {}}", "{fail: changed}"), id="part"))
    assert found.texts(found.user("5")) == ["Done."]


def test_a_part_whose_version_is_gone_ends_the_whole() -> None:
    found = inside()
    process = found.session.process
    assert process
    del found.book.versions[process.flow_version]
    assert found.said(found.user("5")) == ["fallback"]
    assert (found.ended["flow"], found.ended["reason"]) == ("demo", "engine_error")
    assert found.session.process is None


def test_a_session_counts_on_every_version_it_stands_on() -> None:
    def session(process: Process | None) -> Session:
        return Session(account="a", channel="m", contact_id="c", process=process)

    whole = Process(id="p", flow="demo", flow_version="v1")
    part = Process(id="p", flow="part", flow_version="v2", parent=whole)
    assert moved(session(None), session(part)).counts == {"v1": 1, "v2": 1}
    assert moved(session(part), session(whole)).counts == {"v2": -1}
