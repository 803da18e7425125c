"""A process that goes in circles is stopped, and its owner is told: the same step too often, the same text again and
again, too many steps or events.
"""

from __future__ import annotations

from zlib import crc32

from ..errors import StepLimitError
from ..model.duration import MINUTE
from . import life
from .draft import Draft
from .live import Live

SAME_STEP = 100  # visits to one step in one process
SAME_TEXT = 20  # times that one text goes out
SPAN = 5 * MINUTE  # in so much time
_TEXTS = 12  # that are kept in mind
HOOK = "process.looped"


def visited(live: Live) -> None:
    """One more visit to the step it stands at; StepLimitError when that was one too many."""
    count = live.visited.get(live.step, 0) + 1
    if count > SAME_STEP:
        raise StepLimitError(f"the step {live.step!r} was visited more than {SAME_STEP} times")
    live.visited = {**live.visited, live.step: count}


def said(live: Live, text: str, now: int) -> None:
    """This text once more; StepLimitError when it goes out for the 21st time in five minutes."""
    if not text:
        return
    mark = f"{crc32(text.encode('utf-8', 'surrogatepass')):x}"
    if now - live.echoes.get("", 0) >= SPAN:
        live.echoes = {"": now, mark: 1}
        return
    count = live.echoes.get(mark, 0) + 1
    if count > SAME_TEXT:
        raise StepLimitError(f"the same text went out more than {SAME_TEXT} times within five minutes")
    kept = {**live.echoes, mark: count}
    if len(kept) > _TEXTS + 1:
        _, *marks = live.echoes
        del kept[min(marks, key=kept.__getitem__)]
    live.echoes = kept


def forgive(live: Live) -> None:
    """It has waited for a while: that was no circle."""
    live.visited, live.echoes = {}, {}


def tell(draft: Draft, why: str) -> None:
    """The owner hears of it beside the failure."""
    if draft.live is not None:
        draft.trace("looped", why, flow=draft.live.flow)
        life.tell(draft, HOOK, why=why)
