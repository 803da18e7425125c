"""What goes out as a template: a step's own, and what stands for an entry when the 24-hour window is closed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ..errors import TemplateRefused
from ..model.contact import BSUID, Identity
from ..model.effect import SendElsewhere
from ..model.outbound import Outbound
from ..model.quick import replace
from ..model.template import Template as Approvable
from ..steps.template import Template
from .answers.phone import parse
from .draft import Draft
from .entry import Letter
from .filling import fill
from .match import Option
from .plain import aloud
from .schedule import Recipient, Send, decide
from .scope import where
from .templates import compose, find

_SHOWN = 300  # characters of a reason in the trace


def post(
    draft: Draft,
    name: str,
    given: Mapping[str, Any],
    *,
    visit: int,
    topic: str = "",
    forced: str = "",
    id: str = "",
    wakes: str = "",
) -> bool:
    """Send it to the contact; False, and why in the trace, when it cannot go out. `wakes`: who hears of a later no.

    Who has opted out still gets what answers the own message.
    """
    try:
        template, _ = find(draft.templates, name, draft.session.account, languages=_languages(draft), forced=forced)
        topic = topic or template.topic
        against = _against(draft, template, topic)
        if against:
            draft.trace("template_refused", against, template=name)
            return False
        outbound = letter(draft, name, given, visit=visit, forced=forced)
    except TemplateRefused as error:
        draft.trace("template_refused", str(error)[:_SHOWN], template=name)
        return False
    draft.send(outbound, topic=topic, id=id, wakes=wakes)
    draft.trace("template", name)
    return True


def _against(draft: Draft, template: Approvable, topic: str) -> str:
    """Why what the business starts does not go to the contact; "" when nothing stands against it."""
    if draft.purpose != "business":
        return ""
    if template.is_out(draft.contact.opted_out, topic):
        return "the contact has opted out"
    if draft.needs_opt_in(draft.purpose) and not draft.contact.agreed_to(topic):
        return "the contact has not opted in"
    return "the provider says that nobody is there" if draft.contact.unreachable else ""


def is_out(draft: Draft, name: str) -> bool:
    """Whether the contact has opted out of what the template is about, or of everything."""
    try:
        found = find(draft.templates, name, draft.session.account)[0] if name else None
    except TemplateRefused:
        found = None
    opted_out = draft.contact.opted_out
    return found.is_out(opted_out) if found else "all" in opted_out


def post_to(draft: Draft, verb: Template, to: Any, given: Mapping[str, Any]) -> bool:
    """Send it to somebody else, in the flow's language; False, and why in the trace, when it cannot go out."""
    who = _whom(draft, str(to or ""))
    try:
        if who is None:
            raise TemplateRefused.of(verb.name, [("to", "this is no phone number", "")])
        outbound = letter(draft, verb.name, given, forced=verb.language)
        template = draft.templates.template(verb.name, draft.session.account)
    except TemplateRefused as error:
        draft.trace("template_refused", str(error)[:_SHOWN], template=verb.name)
        return False
    topic = verb.topic or template.topic
    draft.effects.append(SendElsewhere(to=who, outbound=outbound, topic=topic))
    draft.said += 1
    draft.trace("template", verb.name, elsewhere=True)
    return True


def _whom(draft: Draft, to: str) -> Identity | None:
    """A phone number, of the contact's country where it has no code, or a business-scoped user id."""
    if BSUID.match(to.strip()):
        return Identity(bsuid=to.strip())
    number = parse(to, draft.contact.country or draft.account.default_country).removeprefix("+")
    return Identity(number=number) if number else None


def letter(draft: Draft, name: str, given: Mapping[str, Any], *, visit: int = 0, forced: str = "") -> Outbound:
    """The template as it goes to the contact; TemplateRefused."""
    session, live = draft.session, draft.live
    made = partial(
        compose,
        draft.templates,
        session.account,
        session.channel,
        name,
        given,
        languages=_languages(draft),
        forced=forced,
        visit=visit,
    )
    return aloud(partial(live.flow_.content.yes_or_no, live.lang), made) if live is not None else made()


def instead(draft: Draft, outside: Letter | None, scope: Mapping[str, Any], *, visit: int, key: str) -> bool:
    """The window is closed: the template in an entry's place, or nothing, as the scheduler says."""
    name = outside.template if outside else ""
    send = Send(kind="wait", earliest=draft.now, template=name, topic=topic_of(draft, name))
    found = decide(send, recipient(draft), now=draft.now)
    if found.skipped or outside is None:
        draft.trace("not_sent", "; ".join(found.why)[:_SHOWN], key=key)
        return False
    return post(draft, name, outside.values(scope) or {}, visit=visit)


def recipient(draft: Draft) -> Recipient:
    """The contact of the open process, for the scheduler."""
    assert draft.live is not None
    zone = where(draft.live, draft.contact, draft.account)
    contact = draft.contact
    return Recipient(
        zone=zone,
        last_inbound_at=draft.opened_at,
        opted_out=contact.opted_out,
        gone=bool(contact.unreachable),
        sent_at=contact.sought,
    )


def topic_of(draft: Draft, name: str) -> str:
    """What a contact may have opted out of; "" for a template that there is not."""
    try:
        return find(draft.templates, name, draft.session.account)[0].topic if name else ""
    except TemplateRefused:
        return ""


def restated(draft: Draft, verb: Template, scope: Mapping[str, Any], *, visit: int) -> Outbound:
    """The same words and buttons within the open conversation, where no template is needed; TemplateRefused."""
    template, wording = find(
        draft.templates, verb.name, draft.session.account, languages=_languages(draft), forced=verb.language
    )
    found = fill(template, wording, verb.values(scope) or {}, visit=visit)
    heading = found.template.heading if found.template else ""
    choices = tuple(choice for choice in found.choices if choice.id in verb.choices)
    text = f"{heading}\n\n{found.text}" if heading else found.text
    return replace(found, kind="text", text=text, choices=choices, template=None)


def options(draft: Draft, verb: Template) -> tuple[Option, ...]:
    """A waiting template's choices, with the words on its buttons."""
    titles = words(draft, verb.name, verb.language)
    return tuple(Option(id=id, title=titles.get(id) or id.replace("_", " ").capitalize()) for id in verb.choices)


def words(draft: Draft, name: str, forced: str = "") -> dict[str, str]:
    """What stands on a template's buttons, by their ids."""
    try:
        _, wording = find(draft.templates, name, draft.session.account, languages=_languages(draft), forced=forced)
        return {button.id: button.text for button in wording.replies}
    except TemplateRefused:
        return {}


def _languages(draft: Draft) -> tuple[str, ...]:
    live = draft.live
    return (live.lang, live.flow_.languages[0]) if live is not None else (draft.contact.language,)
