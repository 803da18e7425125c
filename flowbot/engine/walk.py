"""From step to step, until one waits or the process has ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ..errors import EngineError, NotFound, StepLimitError
from ..model.event import Event
from ..model.project import Account
from ..model.session import Process
from ..steps.base import WAIT, Outcome
from ..steps.run import Run
from ..steps.target import Target
from ..steps.wait import Wait
from . import attempts, burst, life, loops, parking, restart, secrecy
from .draft import Draft
from .entry import Letter
from .flow import Flow
from .live import Live
from .machine import Cursor, go
from .match import Option
from .render import render
from .shipped import say
from .visit import Visit

_NOTHING: Mapping[str, Any] = {}
MAX_MOVES = 100  # automatic steps in one turn
MAX_TURNS = 250  # events in one process
MAX_DEPTH = 5  # flows that run one inside the other
MAX_VISITS = 1000  # steps in one process
_LAST_WORDS = {  # of a failure that the flow has no words for
    "canceled": "canceled",
    "invalid": "invalid",
    "rejected": "rejected",
    "error": "fallback",
}


class Flows(Protocol):
    def flow(self, id: str, version: str = "") -> Flow: ...
    def part(self, id: str) -> Flow: ...


def flow_of(flows: Flows, account: Account, id: str) -> Flow:
    """The newest version, when the account may use the flow; NotFound when not."""
    _allow(account, id)
    return flows.flow(id)


def part_of(flows: Flows, account: Account, id: str) -> Flow:
    """The same for a flow that another one goes on with."""
    _allow(account, id)
    return flows.part(id)


def _allow(account: Account, id: str) -> None:
    if account.flows and id not in account.flows:
        raise NotFound(f"the account {account.name!r} has no flow {id!r}")


class Walk:
    """The open process of a draft, and what moves it."""

    __slots__ = ("draft", "flows", "visit")

    def __init__(self, draft: Draft, flows: Flows) -> None:
        self.draft = draft
        self.flows = flows
        self.visit = self._visit()

    @property
    def live(self) -> Live:
        live = self.draft.live
        assert live is not None
        return live

    def count(self) -> bool:
        """One more event for this process; False when that was one too many."""
        self.live.turns += 1
        if self.live.turns <= MAX_TURNS:
            return True
        self.collapse(StepLimitError(f"more than {MAX_TURNS} events in one process"))
        return False

    # -- what wakes it

    def start(self, step: str = "", letter: Mapping[str, Any] | None = None) -> None:
        """Enter the first step, or the given one, of a process that was just begun; a template may ask its question."""
        self.visit = self._visit()
        self.visit.asks = letter or None
        flow = self.live.flow_
        self._guarded(lambda: self._enter(step if step in flow.steps else flow.first))

    def resume(self, event: Event, choice: str = "") -> None:
        """Let the open step see the event; `choice` when it is known already what the message means."""
        self.visit.choice = choice
        live = self.live
        verb = live.at.main
        if verb is None:
            return

        def seen() -> Outcome:
            outcome = verb.resume(self.visit, event)
            if outcome is not WAIT and live.commands:
                live.unuse()
            return outcome

        self._guarded(seen)

    def hear(self, word: str) -> None:
        """A word for the open step alone, whose verb knows what it does."""
        verb: Any = self.live.at.main
        self._guarded(lambda: verb.hear(self.visit, word))

    def leave(self, trigger: str) -> None:
        """Leave the open step by one of its triggers."""
        self._guarded(lambda: trigger)

    def detour(self, trigger: str, up: int = 0) -> None:
        """Leave the open question, a call or a wait by a word that `back` may return from.

        `up`: by a word of a process above it; the part is kept for `back`.
        """
        if up:
            self._surface(up)
            self.leave(trigger)
            return
        if self.live.asked_at or self.live.calls or isinstance(self.live.at.main, Wait):
            self.live.push_back()
        self.leave(trigger)

    def _surface(self, up: int) -> None:
        live = self.live
        live.push_back()
        self.draft.disarm()
        if live.state == "handed_off":
            life.turn(live, "resume")
        parent = live.above[up - 1]
        parent.turns, parent.aside = live.turns, live.frozen(up - 1)
        parent.lang = life.speaks(parent.flow_, live.lang) or parent.lang
        self.draft.live = parent
        parent.back_to = f"{parent.back_to}/{parent.step}".lstrip("/")
        self.visit = self._visit()

    def reopen(self, step: str) -> None:
        """Go back to a step that was asked before."""
        self._guarded(lambda: self._enter(step))

    def moved(self) -> None:
        """Enter the step that a client has ordered."""
        live = self.live
        step, live.moved = live.moved, ""
        if live.state == "handed_off":
            life.turn(live, "resume")
        if step == live.flow_.first:
            restart.tell(self.draft, restart.CLIENT, step=live.step)
        self._guarded(lambda: self._enter(step))

    def offer(self, key: str, options: tuple[Option, ...], number: int) -> None:
        """Say something with its own buttons beside the flow."""

        def speak() -> Outcome:
            self.visit.offer(key, options, number)
            return WAIT

        self._guarded(speak)

    def post(self, letter: Letter, number: int) -> bool:
        """Send a template beside the flow, its buttons under this visit; whether it could go out."""
        sent = False

        def speak() -> Outcome:
            nonlocal sent
            sent = self.visit.letter(letter, number)
            return WAIT

        self._guarded(speak)
        return sent

    def gather(self) -> None:
        """What was collected before the process ends from outside is its answer."""

        def kept() -> Outcome:
            burst.keep(self.visit)
            return WAIT

        if self.live.bursts:
            self._guarded(kept)

    def more(self) -> None:
        """The next of the open question's many choices."""

        def speak() -> Outcome:
            self.visit.more()
            return WAIT

        self._guarded(speak)

    def attempt(self, *says: str, repeat: bool = False) -> None:
        """Say something beside the flow, then perhaps the open question again; the process stays where it is."""

        def speak() -> Outcome:
            for key in filter(None, says):
                self.visit.say(key)
            if repeat:
                self.visit.repeat()
            return WAIT

        self._guarded(speak)

    def understand(self, name: str, up: int = 0) -> None:
        """A word of `anytime` of the open process, or of one above it: what it says, then where it leads."""
        live = self.live
        whose = (live, *live.above)[up]
        word = whose.flow_.anytime[name]

        def speak() -> Outcome:
            if word.say:
                Visit(self.draft, whose).say(word.say)
            if not word.trigger:
                self.visit.repeat()
            return WAIT

        self._guarded(speak)
        if word.trigger and self.draft.live is live:
            self.detour(word.trigger, up)

    # -- the loop

    def _guarded(self, first: Any) -> None:
        """Run; an author's mistake ends the process as engine_error, with a word to the contact."""
        try:
            outcome: Outcome = first()
            while (outcome is not WAIT or self.draft.owed) and self.draft.live is not None:
                if self.draft.owed:
                    outcome, self.draft.owed = self.draft.owed, ""
                    self.visit = self._visit()
                outcome = self._move(str(outcome))
            if self.visit.parks and self.draft.live is not None:
                parking.park(self.draft)
        except EngineError as error:
            self.collapse(error)

    def _move(self, trigger: str) -> Outcome:
        live = self.live
        if live.bursts:
            burst.keep(self.visit)
        if live.state == "handed_off":
            life.turn(live, "resume")
            life.tell(self.draft, "session.resumed", outcome=trigger.partition(":")[0])
        cursor = Cursor(live.step, self.visit)
        if not go(live.flow_.machine, cursor, trigger):
            raise EngineError(f"the step {live.step!r} has no way for {trigger!r}")
        ways = live.at.routes.get(trigger, ())
        if len(ways) > 1:  # by conditions: the trace says which of them held first
            way = next((at for at, one in enumerate(ways, 1) if one.target.state == cursor.state), 0)
            self.draft.trace("chose", cursor.state, way=way)
        target = live.flow_.ends.get(cursor.state)
        if target is None:
            restart.by_word(self.draft, trigger, cursor.state)
            return self._enter(cursor.state)
        return self._arrive(target, trigger)

    def _enter(self, step: str) -> Outcome:
        draft, live = self.draft, self.live
        self._count()
        if live.bursts:
            burst.keep(self.visit)
        draft.disarm()
        draft.visits += 1
        live.step, live.visit = step, draft.visits
        loops.visited(live)
        live.asked_at, live.tries, live.reengaged, live.called = 0, 0, 0, 0
        live.bursts, live.offered, live.page = _NOTHING, (), 0
        if step in live.laid:
            live.laid = {name: parts for name, parts in live.laid.items() if name != step}
        here = live.at
        if here.when is not None and not self.visit.when(here.when):
            draft.trace("skipped")
            return "skipped"
        for verb in here.acts:
            verb.enter(self.visit)
        if here.main is None:
            return "done"
        outcome = here.main.enter(self.visit)
        if here.main.role == "wait" and outcome != here.main.good:
            live.asked = step
        return outcome if self.visit.runs is None else self._descend(*self.visit.runs)

    def _descend(self, name: str, inputs: Mapping[str, Any]) -> Outcome:
        """Into a flow that runs as a part of this one."""
        self.visit.runs = None
        above = (self.live, *self.live.above)
        if len(above) > MAX_DEPTH:
            raise StepLimitError(f"more than {MAX_DEPTH} flows run one inside the other")
        return self._part(name, inputs, above)

    def _part(self, name: str, inputs: Mapping[str, Any], above: tuple[Live, ...]) -> Outcome:
        try:
            flow = part_of(self.flows, self.draft.account, name)
        except NotFound:
            raise EngineError(f"there is no flow {name!r} to run") from None
        self.draft.started += flow.settings.attempts is not None
        whose = life.account_of({"account_id": above[-1].account_id, "inputs": inputs})
        if not attempts.allowed(self.draft, flow, whose):
            return self._bar(flow, jumps=above[0] is not self.live)
        life.descend(self.draft, flow, inputs, above, sensitive=secrecy.handed_on(inputs, self.live))
        self.visit = self._visit()
        return self._enter(flow.first)

    def _bar(self, flow: Flow, *, jumps: bool) -> Outcome:
        """The part has been begun too often: that is said, and the step has failed; so has a part that jumps there."""
        live = self.live
        say(self.draft, flow.content, attempts.words(flow), lang=live.lang)
        if jumps:
            life.finish(self.draft, "fail", attempts.REASON)
            return WAIT
        self.draft.trace("returned", "failed", reason=attempts.REASON)
        found = {"outcome": "failed", "reason": attempts.REASON, "answers": {}, "result": {}}
        live.results = {**live.results, live.step: found}
        self.visit = self._visit()
        return "failed"

    def _count(self) -> None:
        draft = self.draft
        draft.moves += 1
        if draft.moves > MAX_MOVES:
            raise StepLimitError(f"more than {MAX_MOVES} steps for one event")
        if draft.visits - self.live.began > MAX_VISITS:
            raise StepLimitError(f"more than {MAX_VISITS} steps in one process")

    def _arrive(self, target: Target, trigger: str) -> Outcome:
        """At one of the machine's ends."""
        match target.kind:
            case "back":
                return self._back()
            case "jump":
                return self._jump(target)
            case "succeed":
                life.finish(self.draft, "succeed", result=self._fill(target))
            case "expire":
                life.finish(self.draft, "expire", "expired")
            case _:
                self._fail(target.name, trigger)
        return WAIT

    def _fail(self, reason: str, trigger: str) -> None:
        """A failure never leaves the contact without a word when there is one for it."""
        silent = self.draft.said == 0
        if silent and (reason == "canceled" or reason == trigger):
            self._shipped(_LAST_WORDS.get(reason, ""))
        life.finish(self.draft, "cancel" if reason == "canceled" else "fail", reason)

    def _back(self) -> Outcome:
        step, self.visit.kept = self.live.pop_back()
        live = self.live
        if live.aside is not None and step in live.flow_.steps and isinstance(live.flow_.steps[step].main, Run):
            return self._back_inside(step, live.aside)
        if step not in self.live.flow_.steps:
            raise EngineError("`back` has no open question to return to")
        self.draft.trace("back", step)
        laid = live.laid.get(step)
        outcome = self._enter(step)
        if laid and outcome is WAIT and live is self.draft.live and live.step == step and live.asked_at:
            burst.resume(self.visit, laid)
        return outcome

    def _back_inside(self, step: str, aside: Process) -> Outcome:
        """To the question of the part that was open."""
        live = self.live
        self.draft.disarm()
        live.step, live.aside, live.asked_at = step, None, 0
        try:
            self.draft.live = parking.live_of(aside, self.flows, (live, *live.above))
        except NotFound:
            raise EngineError(f"the flow {aside.flow!r} is gone") from None
        self.live.turns = live.turns
        _follow(self.live, live)
        self.visit = self._visit()
        return self._back()

    def _jump(self, target: Target) -> Outcome:
        draft = self.draft
        self._count()
        inputs = self._fill(target)
        if self.live.above:  # the other flow takes the part's place
            draft.disarm()
            return self._part(target.name, inputs, self.live.above)
        try:
            flow = part_of(self.flows, draft.account, target.name)
        except NotFound:
            raise EngineError(f"there is no flow {target.name!r} to jump to") from None
        account_id, lang, hidden = self.live.account_id, self.live.lang, secrecy.handed_on(inputs, self.live)
        unasked = self.live.unasked
        if not attempts.allowed(draft, flow, life.account_of({"account_id": account_id, "inputs": inputs})):
            say(draft, flow.content, attempts.words(flow), lang=lang)
            life.finish(draft, "fail", attempts.REASON)
            return WAIT
        draft.trace("jumped", target.name)
        before = restart.Before(self.live)
        life.finish(draft, "fail" if target.reason else "succeed", target.reason)
        live = life.make(
            draft,
            flow,
            "jump",
            inputs=inputs,
            account_id=account_id,
            language=lang,
            sensitive=hidden,
            unasked=unasked,
        )
        life.begin(draft, live)
        before.follow(draft, restart.FLOW)
        self.visit = self._visit()
        return self._enter(flow.first)

    def _fill(self, target: Target) -> Mapping[str, Any]:
        if target.fill is None:
            return {}
        found = target.fill(self.visit.scope)
        return found if isinstance(found, Mapping) else {}

    # -- when it goes wrong

    def collapse(self, error: EngineError) -> None:
        self.draft.trace("error", str(error)[:500], code=error.code)
        if isinstance(error, StepLimitError):
            loops.tell(self.draft, str(error))
        self._shipped("fallback")
        life.finish(self.draft, "fail", "engine_error")

    def _shipped(self, key: str) -> None:
        """One of the engine's own texts, unless the flow's content has a mistake in it."""
        live = self.live
        if not key:
            return
        try:
            entry = live.flow_.content.lookup(key, live.lang)
            for outbound in render(entry, self.visit.scope, lang=live.lang) if entry else ():
                self.draft.send(outbound)
        except EngineError:
            self.draft.trace("error", f"the text {key!r} cannot be said")

    def _visit(self) -> Visit:
        return Visit(self.draft, self.live)


def _follow(part: Live, parent: Live) -> None:
    """The language that was chosen while the part was left; where the parent does not speak the part's, none was."""
    if life.speaks(parent.flow_, part.lang) in ("", parent.lang):
        return
    for one in (part, *part.above[: part.above.index(parent)]):
        one.lang = life.speaks(one.flow_, parent.lang) or one.lang
