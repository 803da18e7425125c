"""How flows begin: nothing starts one, or the same words start two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...model.problem import Path, Problem, Source
from ..flow import Flow
from ..starts import Clash, Starts
from .case import Case


def unstarted(case: Case) -> Iterable[Problem]:
    """A flow that nothing can begin."""
    start = case.flow.start
    if not (start.messages or start.keywords or start.api or case.led_to):
        hint = "write start: with messages, keywords or api: true"
        path = ("start",) if "start" in case.source.data else ()
        yield case.source.problem(path, "K502", "nothing starts this flow", hint=hint, level="warning")


def clashes(books: Iterable[Starts], flows: Mapping[str, tuple[Flow, Source]]) -> list[Problem]:
    """The same start words in two flows that share a channel; `books`: what starts on each channel."""
    found: dict[Clash, Problem] = {}
    for book in books:
        for clash in book.clashes:
            if clash not in found:
                flow, source = flows[clash.flow]
                found[clash] = _clash(flow, source, clash)
    return list(found.values())


def _clash(flow: Flow, source: Source, clash: Clash) -> Problem:
    written = flow.start.messages if clash.kind == "messages" else flow.start.keywords
    number = written.index(clash.words)
    listed = source.data["start"][clash.kind]
    path: Path = ("start", clash.kind)
    if isinstance(listed, list):
        path = (*path, number)
    hint = "make the words differ, or keep the flows on different channels"
    message = f"'{clash.words}' starts the flow '{clash.other}' too"
    return source.problem(path, "K501", message, hint=hint, on_value=True)
