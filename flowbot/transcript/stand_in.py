"""`mock: {run.survey: …, split.variant: a}`: a chat's flows with something in place of sub-flows and chance."""

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
from ..steps.split import Split
from .mocks import Mock

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn(Split):
    """Goes the way that the test says."""

    give: Give
    step: str

    def enter(self, visit: Visit) -> Outcome:
        way = str(self.give(f"split.{self.step}"))
        visit.found({"outcome": way})
        return way


def with_stand_ins(library: Library, mocks: tuple[Mock, ...], give: Give) -> Library:
    """The same library, in which no step runs a flow that is mocked, or leaves to chance what is said."""
    flows, steps = ({one.name for one in mocks if one.verb == verb} for verb in ("run", "split"))
    if not flows and not steps:
        return library
    twin = copy.copy(library)
    twin.flows = {id: _with(flow, flows, steps, give) for id, flow in library.flows.items()}
    return twin


def _with(flow: Flow, flows: set[str], steps: set[str], give: Give) -> Flow:
    found = {}
    for id, step in flow.steps.items():
        verb: Any = step.main
        if isinstance(verb, Run) and verb.flow in flows:
            verb = StandIn(flow=verb.flow, inputs=verb.inputs, give=give)
            found[id] = replace(step, main=verb)
        elif isinstance(verb, Split) and id in steps:
            verb = Drawn(weights=verb.weights, give=give, step=id)
            found[id] = replace(step, main=verb)
    return replace(flow, steps={**flow.steps, **found}) if found else flow
