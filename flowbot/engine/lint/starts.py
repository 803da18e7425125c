"""How flows begin: nothing starts one, or the same words start two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ...model.problem import Path, Problem, Source
from ..flow import Flow
from ..folding import squeeze
from ..starts import OTHERS, Clash, Starts
from .case import Case


def unstarted(case: Case) -> Iterable[Problem]:
    """A flow that nothing can begin."""
    start = case.flow.start
    wordless = start.patterns or start.invitation or any(getattr(start, word) for word in OTHERS)
    if not (start.messages or start.keywords or start.api or wordless or case.led_to or "start" in case.doubt.keys):
        hint = "write start: with messages, keywords, a template or api: true"
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


def start_words(flow: Flow, source: Source) -> Iterator[tuple[Path, str]]:
    """Every word and message that starts the flow, with its place."""
    data = source.data.get("start")
    for kind in ("messages", "keywords"):
        listed = data.get(kind) if isinstance(data, dict) else None
        for lang, items in listed.items() if isinstance(listed, dict) else (("", listed),):
            path: Path = ("start", kind, lang) if lang else ("start", kind)
            for at, text in enumerate(items if isinstance(items, list) else [items]):
                if isinstance(text, str):
                    yield ((*path, at) if isinstance(items, list) else path), text


def _clash(flow: Flow, source: Source, clash: Clash) -> Problem:
    if clash.kind in OTHERS:
        message = f"the flow '{clash.other}' has this start too: of each kind there is one"
        return source.problem(("start", clash.kind), "K501", message, hint="remove it in one of them")
    words = squeeze(clash.words)
    listed = (path for path, text in start_words(flow, source) if path[1] == clash.kind and squeeze(text) == words)
    hint = "make the words differ, or keep the flows on different channels"
    message = f"'{clash.words}' starts the flow '{clash.other}' too"
    return source.problem(next(listed, ("start",)), "K501", message, hint=hint, on_value=True)
