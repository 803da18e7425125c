"""`mock: {run.survey: …}`: the flows of a chat with something in the place of their sub-flows."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..engine.flow import Flow
from ..library.library import Library
from ..model.event import Event
from ..steps.base import WAIT, Outcome, Visit
from ..steps.run import Run

Give = Callable[[str], Any]  # the name of a mock -> what it answers this time


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn(Run):
    """Ends at once as the sub-flow would have: by an outcome's word, or `{outcome, reason, answers, result}`."""

    give: Give

    def enter(self, visit: Visit) -> Outcome:
        said = self.give(f"run.{self.flow}")
        found: Mapping[str, Any] = said if isinstance(said, Mapping) else {"outcome": said}
        outcome = str(found.get("outcome", self.good))
        parts = {name: dict(found.get(name) or {}) for name in ("answers", "result")}
        reason = str(found.get("reason", "" if outcome == self.good else outcome))
        visit.found({"outcome": outcome, "reason": reason, **parts})
        return outcome

    def resume(self, visit: Visit, event: Event) -> Outcome:
        return WAIT


def with_stand_ins(library: Library, flows: set[str], give: Give) -> Library:
    """The same library, in which no step runs one of these flows."""
    twin = copy.copy(library)
    twin.flows = {id: _with(flow, flows, give) for id, flow in library.flows.items()}
    return twin


def _with(flow: Flow, flows: set[str], give: Give) -> Flow:
    found = {}
    for id, step in flow.steps.items():
        verb: Any = step.main
        if isinstance(verb, Run) and verb.flow in flows:
            verb = StandIn(flow=verb.flow, inputs=verb.inputs, give=give)
            found[id] = replace(step, main=verb)
    return replace(flow, steps={**flow.steps, **found}) if found else flow
