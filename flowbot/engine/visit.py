"""One stay at a step: implements `steps.base.Visit` over the turn's draft."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, TypeVar

from ..errors import EngineError, ExpressionError, RenderError, TemplateRefused
from ..model.effect import CountStep
from ..model.event import CallAnswered
from ..model.inbound import Inbound
from ..model.outbound import Outbound
from ..model.quick import builder, replace
from ..steps.ask import Ask, question_of
from ..steps.base import WAIT, Expression, Outcome, Reading
from ..steps.template import Template
from ..steps.wait import Wait
from . import (
    answers,
    burst,
    calls,
    chance,
    codes,
    life,
    offering,
    paging,
    posting,
    reading,
    scope,
    silence,
    verifying,
    waiting,
)
from . import consent as consents
from .answers.form import PARTS as FORM_PARTS
from .draft import HIDDEN, Draft
from .entry import Letter
from .live import Live
from .locale import is_language
from .loops import said
from .match import Option
from .old_buttons import KEPT, returns
from .plain import aloud
from .render import render

T = TypeVar("T")
_CONTACT_TEXTS = ("name", "language", "timezone", "country")
_count = builder(CountStep)
_SHOWN = 200  # characters of an answer in the trace


class Visit:
    """Made once for a turn and moved from step to step; the names for texts are built when first needed."""

    __slots__ = ("_scope", "asks", "choice", "draft", "kept", "live", "parks", "runs")

    def __init__(self, draft: Draft, live: Live) -> None:
        self.draft = draft
        self.live = live
        self.asks: Mapping[str, Any] | None = None  # a client's template, which asks the first question
        self.choice = ""  # what the routing already knows the message to mean
        self.kept: int | None = None  # ms UTC: when the wait that `back` returns to is over
        self.runs: tuple[str, Mapping[str, Any]] | None = None  # the flow that the step at hand runs, and its inputs
        self.parks = False  # the step at hand waits: the walk puts the process aside
        self._scope: dict[str, Any] | None = None

    # -- names and conditions

    @property
    def scope(self) -> dict[str, Any]:
        if self._scope is None:
            draft = self.draft
            self._scope = scope.build(self.live, draft.contact, draft.account, draft.session.channel, draft.now)
        return self._scope

    def when(self, condition: Callable[[Mapping[str, Any]], Any]) -> bool:
        """Whether it holds; one that fails is recorded, and does not."""
        return self._test(condition, self.scope)

    def fell_back(self, trigger: str) -> None:
        self.draft.trace("fell_back", trigger)

    def holds(self, check: Expression, value: Any) -> bool:
        names = {**self.live.answers, self.live.at.save: value}
        return self._test(check, {**self.scope, "answers": names, "answer": value})

    def _test(self, condition: Callable[[Mapping[str, Any]], Any], names: Mapping[str, Any]) -> bool:
        try:
            return bool(condition(names))
        except ExpressionError as error:
            # what it says may hold the value
            self.draft.trace("error", HIDDEN if self.live.at.sensitive else str(error)[:_SHOWN])
            return False

    def missing(self, name: str) -> None:
        self.draft.trace("missing", name)

    # -- saying

    def say(self, key: str, **names: Any) -> None:
        self._send(key, names)
        self.draft.trace("said", key)

    def aloud(self, work: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Work that makes what this contact reads."""
        return aloud(partial(self.live.flow_.content.yes_or_no, self.live.lang), work, *arguments, **named)

    def post_to(self, verb: Template, to: Any) -> bool:
        return posting.post_to(self.draft, verb, to, self.aloud(verb.values, self.scope) or {})

    def offers(self, verb: Ask) -> bool:
        live = self.live
        assert verb.data is not None
        live.offered = offering.rows(verb.data, self.scope, self.draft.trace)
        return bool(live.offered)

    def question(self, verb: Ask) -> None:
        if self.asks is None:
            self._ask(verb, verb.key, {})
        else:
            self._ask_by_template(self.asks)
        self.open(verb)

    def _ask_by_template(self, asked: Mapping[str, Any]) -> None:
        """A client's template stands for the question: what comes back is the answer."""
        self.asks, name = None, str(asked.get("name", ""))
        forced, id = str(asked.get("language", "")), str(asked.get("message_id", ""))
        params, visit = asked.get("params") or {}, self.live.visit
        wakes = f"start:{visit}"
        if not posting.post(self.draft, name, params, visit=visit, forced=forced, id=id, wakes=wakes):
            raise EngineError(f"the template {name!r} cannot be sent")

    def open(self, verb: Ask) -> None:
        """Its timers run, and its expiry."""
        draft, live = self.draft, self.live
        live.asked_at, live.asked = draft.now, live.step
        if returns(live.flow_):
            live.questions = (*live.questions, f"{live.visit}:{live.step}")[-KEPT:]
        self.arm_timeouts()
        self.restart_expiry()
        draft.trace("asked", verb.name if isinstance(verb, Template) else verb.key)
        draft.effects.append(_count(version=live.flow_version, step=live.step, what="asked"))

    def arm_timeouts(self) -> None:
        for number, timeout in enumerate(self.live.at.timeouts):
            self.draft.arm(f"timeout.{number}", self.draft.now + timeout.after)

    def repeat(self) -> None:
        """Send the open question once more; its timers go on."""
        verb = question_of(self.live.at.main)
        if verb is not None and self.live.asked_at:
            self._pose(verb)

    def letter(self, letter: Letter, number: int) -> bool:
        """A template beside the flow; its buttons carry a visit number of their own."""
        values = self.aloud(letter.values, self.scope) or {}
        return posting.post(self.draft, letter.template, values, visit=number)

    def post(self, verb: Template) -> bool:
        values = self.aloud(verb.values, self.scope) or {}
        visit = self.live.visit
        wakes = f"step:{visit}" if verb.waits else ""
        return posting.post(
            self.draft, verb.name, values, visit=visit, topic=verb.topic, forced=verb.language, wakes=wakes
        )

    def restart_expiry(self) -> None:
        """It runs while a question is open that is nothing else: a code has a time of its own."""
        if isinstance(self.live.at.main, Ask):
            silence.begin(self.draft)

    def offer(self, key: str, options: tuple[Option, ...], number: int) -> None:
        """Say something with buttons that are not the question's: they carry a visit number of their own."""
        self._send(key, {}, options=options, number=number)

    def options(self, verb: Ask) -> tuple[Option, ...]:
        """The choices as this contact sees them."""
        if verb.data is not None:
            return offering.options(self.live.offered)
        if not verb.choices:
            return ()
        if isinstance(verb, Template):
            return posting.options(self.draft, verb)
        content, lang = self.live.flow_.content, self.live.lang
        return content.options(verb.key, lang, verb.choices, self.scope)

    def _pose(self, verb: Ask) -> None:
        """The question once more: of a template its words, which the open window takes as they are."""
        if not isinstance(verb, Template):
            self._ask(verb, verb.key, {})
            return
        try:
            self.draft.send(self.aloud(posting.restated, self.draft, verb, self.scope, visit=self.live.visit))
        except TemplateRefused as error:
            self.draft.trace("error", str(error)[:_SHOWN])

    def _ask(self, verb: Ask, key: str, names: Mapping[str, Any]) -> None:
        options = self.options(verb) or self._yes_no(verb)
        request = "location_request" if verb.expect == "location" and not options else ""
        form = self._form(verb) if verb.expect == "form" and not options else None
        self._send(key, names, options=options, request="form" if form else request, form=form)

    def _form(self, verb: Ask) -> Mapping[str, Any] | None:
        """The WhatsApp Flow that the question opens; None when it comes from elsewhere."""
        bounds = verb.bounds(self.scope) or {}
        form = {name: bounds[part] for name, part in FORM_PARTS.items() if bounds.get(part)}
        return form if "id" in form else None

    def more(self) -> None:
        """The next page of the open question's choices; after the last the first again."""
        live, verb = self.live, self.live.at.main
        assert isinstance(verb, Ask)
        options = self.options(verb)
        live.page = (live.page + 1) % paging.count(options)
        self.draft.trace("more", str(live.page + 1))
        self.draft.send(self._paged(Outbound(key=verb.key, lang=live.lang, visit=live.visit), options))

    def _paged(self, outbound: Outbound, options: tuple[Option, ...]) -> Outbound:
        """With the page of the choices that is shown, and how to see the next."""
        live = self.live
        hint = ""
        if live.page + 1 < paging.count(options):
            entry = live.flow_.content.lookup("more_choices", live.lang)
            told = {**self.scope, **paging.names(options, live.page)}
            hint = render(entry, told)[0].text if entry else ""
        return paging.put(outbound, options, live.page, hint)

    def _yes_no(self, verb: Ask) -> tuple[Option, ...]:
        """Buttons for a question of yes or no; a tap on one reads as the word."""
        if verb.expect != "yes_no":
            return ()
        return self.live.flow_.content.options("yes_no", self.live.lang, answers.YES_NO, self.scope)

    def _send(
        self,
        key: str,
        names: Mapping[str, Any],
        *,
        options: tuple[Option, ...] = (),
        request: str = "",
        number: int = 0,
        form: Mapping[str, Any] | None = None,
    ) -> None:
        live = self.live
        entry = live.flow_.content.lookup(key, live.lang)
        if entry is None:
            raise RenderError(f"there is no content {key!r}")
        told, visit = ({**self.scope, **names} if names else self.scope), number or live.visit
        if not self.draft.inside:
            self.aloud(posting.instead, self.draft, entry.outside, told, visit=visit, key=key)
            return
        found = self.aloud(
            render,
            entry,
            told,
            options=options,
            visit=visit,
            seed=live.id,
            request=request,
            report=self.missing,
        )
        if found and found[-1].kind == "form":
            found = (*found[:-1], replace(found[-1], form=form, visit=visit))
        if paging.is_long(options):
            found = (*found[:-1], self._paged(found[-1], options))
        for outbound in found:
            said(live, outbound.text, self.draft.now)
            self.draft.send(outbound)

    # -- answers

    def read(self, verb: Ask, inbound: Inbound) -> Reading:
        return reading.read(self, verb, inbound)

    def look(self, verb: Ask, inbound: Inbound) -> bool:
        return reading.look(self, verb, inbound)

    def looked(self, verb: Ask, event: CallAnswered) -> Reading:
        return reading.looked(self, verb, event)

    def collect(self, verb: Ask, inbound: Inbound) -> Reading | None:
        if not self.choice:
            return burst.take(self, verb, inbound)
        burst.drop(self)
        return self.read(verb, inbound)

    def collected(self, verb: Ask) -> Reading | None:
        return burst.end(self, verb) if self.live.bursts else None

    def refuse(self, code: str, params: Mapping[str, Any], *, say: str = "") -> Outcome:
        live, step = self.live, self.live.at
        live.tries += 1
        self.draft.trace("refused", code, tries=live.tries, **self.unseen)
        if 0 <= step.retry.times < live.tries:
            return "invalid"
        verb = step.main
        assert isinstance(verb, Ask)
        left = step.retry.times - live.tries + 1 if step.retry.times >= 0 else None
        names = {**params, "n": left}
        if say or step.retry.say:
            self._ask(verb, say or step.retry.say, names)
            return WAIT
        if live.flow_.content.has(f"error.{code}"):
            self._send(f"error.{code}", names)
        self._pose(verb)
        return WAIT

    def save(self, found: Reading) -> None:
        live, step = self.live, self.live.at
        self._keep("answers", {**live.answers, step.save: found.value})
        live.silent = 0
        self.hide()
        if step.contact_field:
            self.assign(f"contact.{step.contact_field}", found.value)
        shown = HIDDEN if step.sensitive else found.choice or _shown(found.value)
        self.draft.trace("answered", shown, **self.unseen)
        if live.asked_at:
            took = max(0, self.draft.now - live.asked_at)
            self.draft.effects.append(_count(version=live.flow_version, step=live.step, what="answered", ms=took))

    @property
    def unseen(self) -> Mapping[str, bool]:
        """Marks the trace of a sensitive answer: what the contact sent in this turn is shown to nobody."""
        return {"hidden": True} if self.live.at.sensitive else {}

    def hide(self) -> None:
        """Take note that this step's answer is not for everybody, when it is not."""
        live, step = self.live, self.live.at
        if step.sensitive:
            marked = (step.save, f"contact.{step.contact_field}") if step.contact_field else (step.save,)
            live.sensitive = tuple(dict.fromkeys((*live.sensitive, *marked)))
            known = self.draft.contact.sensitive
            if step.contact_field and step.contact_field not in known:
                self.draft.change_contact(sensitive=(*known, step.contact_field))

    def assign(self, name: str, value: Any) -> None:
        home, _, rest = name.partition(".")
        if home == "contact":
            self._assign_contact(rest, value)
        else:
            self._keep(home, {**getattr(self.live, home), rest: value})

    def request(self, kind: str, body: Mapping[str, Any], *, limit: int) -> None:
        calls.request(self.draft, kind, body, limit)

    def call(self, integration: str, action: str, values: Mapping[str, Any]) -> Outcome:
        return calls.ask(self, integration, action, values)

    def found(self, result: Mapping[str, Any]) -> None:
        live = self.live
        live.results = {**live.results, live.step: dict(result)}
        self._scope = None

    def draw(self, weights: Mapping[str, float]) -> str:
        live = self.live
        return chance.draw(weights, live.id, live.step)

    def mark(self, kind: str, *, add: Collection[str], remove: Collection[str]) -> None:
        draft = self.draft
        before: tuple[str, ...] = getattr(draft.contact, kind)
        after = tuple(one for one in dict.fromkeys((*before, *add)) if one not in remove)
        if after != before:
            draft.change_contact(**{kind: after})
            self._scope = None

    def speak(self, language: str) -> None:
        """What is no language is recorded, and changes nothing."""
        if is_language(language):
            self._assign_contact("language", language)
        else:
            self.draft.trace("error", f"{language[:_SHOWN]!r} is no language")

    def emit(self, name: str, values: Mapping[str, Any]) -> None:
        life.emit(self.draft, name, values)

    def consent(self, topic: str, change: str) -> None:
        if consents.change(self.draft, topic, change, "step"):
            self.draft.trace(f"opt_{change}", topic)

    # -- verifying

    @property
    def asked(self) -> bool:
        return self.live.asked_at > 0

    @property
    def noted(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.live.results.get(self.live.step, {})
        return found

    def judge(self, record: Mapping[str, Any]) -> None:
        draft, live = self.draft, self.live
        found = {**self.noted, **record}
        self.found(found)
        times = {"asked_at": life.iso(live.asked_at)} if live.asked_at else {}
        record = {"step": live.step, **found, **times, "at": life.iso(draft.now)}
        live.verifications = (*live.verifications, record)
        draft.trace("verified", str(found.get("status", "")), kind=found.get("kind"))

    def conceal(self) -> None:
        self.draft.hidden = True

    def remind(self, name: str, after: int) -> None:
        self.live.replying = self.draft.purpose == "reply"
        self.draft.arm(f"verb.{name}", self.draft.now + after)

    def submit(self, verb: Any) -> Outcome:
        return verifying.submit(self, verb)

    def verdict(self, verb: Any, event: Any) -> Outcome:
        return verifying.verdict(self, verb, event)

    def await_link(self, verb: Any) -> None:
        codes.await_link(self, verb)

    def send_code(self, verb: Any, *, again: bool = False) -> str:
        return codes.issue(self, verb, again=again)

    def check_code(self, verb: Any, code: str) -> None:
        codes.check(self, verb, code)

    # -- waiting

    def hand_off(self, team: str) -> None:
        life.turn(self.live, "hand_off")
        self.arm_timeouts()
        life.tell(self.draft, "session.handed_off", team=team)
        self.draft.trace("handed_off", team)

    def relay(self, text: str) -> None:
        if text.strip():
            self.draft.send(Outbound(text=text, lang=self.live.lang), "reply")
        self.draft.trace("relayed")

    def run(self, flow: str, inputs: Mapping[str, Any]) -> None:
        self.live.asked, self.live.aside = self.live.step, None
        self.runs = (flow, inputs)

    def park(self, verb: Wait) -> Outcome:
        """Set the timer; the walk puts the process aside. `kept` is when a wait that was left for a while is over."""
        draft, live = self.draft, self.live
        at, self.kept = self.kept, None
        if at is None:
            try:
                at = waiting.due(
                    verb, draft.now, self.scope, scope.where(live, draft.contact, draft.account), draft.account
                )
            except ExpressionError as error:
                raise EngineError(f"`until` cannot be told: {error}") from None
        if 0 < at <= draft.now:
            draft.trace("past")
            return verb.late
        if at:
            draft.arm("wake", at)
        self.parks = True
        return WAIT

    def _keep(self, home: str, table: Mapping[str, Any]) -> None:
        setattr(self.live, home, table)
        if self._scope is not None:
            self._scope[home] = table

    def _assign_contact(self, name: str, value: Any) -> None:
        draft = self.draft
        if name in _CONTACT_TEXTS:
            draft.change_contact(**{name: str(value) if value is not None else ""})
            if name == "language":
                self.live.lang = life.speaks(self.live.flow_, str(value)) or self.live.lang
        else:
            draft.change_contact(fields={**draft.contact.fields, name: value})
        self._scope = None


def _shown(value: Any) -> str:
    """An answer as the trace shows it.

    >>> _shown({"kind": "image", "id": "1"}), _shown("x" * 999)[-2:], _shown(3)
    ('image', 'x…', '3')
    """
    if isinstance(value, Mapping):
        return str(value.get("kind", "…"))
    if isinstance(value, list):
        return ", ".join(map(_shown, value))[:_SHOWN]
    text = str(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
