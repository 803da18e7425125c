"""What the engine itself says, with or without an open process; also when a process's flow is gone."""

from __future__ import annotations

from ..errors import EngineError
from ..model.effect import EmitHook, SaveProcess
from ..model.event import MessageReceived
from ..model.quick import replace
from ..model.session import Process
from . import life
from .content import Content
from .draft import Draft
from .render import render
from .shelf import Shelf


def say(draft: Draft, content: Content | None, key: str, *, lang: str = "", purpose: str = "") -> None:
    """One of the engine's own texts, with or without an open process."""
    language = lang or (draft.live.lang if draft.live else draft.contact.language or draft.session.lang)
    try:
        entry = content.lookup(key, language) if content else None
        found = render(entry, {"lang": language, "contact": {"name": draft.contact.name}}) if entry else ()
    except EngineError as error:
        draft.trace("error", str(error)[:200])
        return
    for outbound in found:
        draft.send(outbound, purpose)


def lose(draft: Draft, process: Process, book: Shelf) -> None:
    """The process's version of its flow is gone: end it, and say so."""
    session = draft.session
    draft.trace("error", f"the flow {process.flow!r} is gone in version {process.flow_version!r}", process=process.id)
    content = book.starts(session.account, session.channel).words(process.lang)
    if isinstance(draft.event, MessageReceived):
        say(draft, content, "fallback", lang=process.lang)
    ended = replace(life.root(process), state="failed")
    data = life.process_data(
        ended, draft.contact, session.account, session.channel, reason="engine_error", ended_at=draft.now
    )
    draft.effects.append(SaveProcess(process_id=process.id, data=data))
    draft.effects.append(EmitHook(type="process.failed", data=data))
