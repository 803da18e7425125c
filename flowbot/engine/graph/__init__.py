"""Pictures of a flow: the same spine as SVG, Mermaid, DOT or plain text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..flow import Flow
from .dot import dot
from .mermaid import mermaid
from .spine import Spine, spine_of
from .svg import svg
from .text import text

__all__ = ["FORMATS", "draw", "spine_of"]

Writer = Callable[[Spine, Mapping[str, int] | None], str]
FORMATS: Mapping[str, Writer] = {"svg": svg, "mermaid": mermaid, "dot": dot, "text": text}


def draw(flow: Flow, form: str = "svg", counts: Mapping[str, int] | None = None) -> str:
    """The flow in one of the formats; `counts` (step -> how many came there) make it the funnel."""
    return FORMATS[form](spine_of(flow), counts)
