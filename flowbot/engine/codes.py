"""One-time codes as a flow asks for them: whom, by what way, with what words. The code itself is made elsewhere.

What goes out carries a mark in the code's place; what was typed leaves as a call and is kept nowhere in the session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import phonenumbers

from ..errors import TemplateRefused
from ..model import codec, ids
from ..model.code import GIVEN, MARK
from ..model.contact import BSUID
from ..model.duration import MINUTE
from ..model.outbound import Outbound
from ..model.quick import replace
from ..model.template import CODE
from ..steps.verification.code import CHECK, ISSUE, OPEN, Code
from . import posting
from .answers import email, phone
from .render import render
from .templates import find

if TYPE_CHECKING:
    from .visit import Visit

_SHOWN = 300  # characters of a reason in the trace
SIMULATOR = "simulator"
LINKS = 3  # times the life of one, that any of them is waited for
LIMIT = 30_000  # ms for making and sending one


def issue(visit: Visit, verb: Code, *, again: bool) -> str:
    """Ask for a code; "" when it is under way, else a word for why none can be sent."""
    to = _address(visit, verb)
    why, carrier = _carrier(visit, verb, to)
    if why:
        visit.draft.trace("code_refused", why)
        return why
    asked = {"to": to, "again": again, "length": verb.length, "valid_for": verb.valid_for}
    asked |= {} if to == _own(visit) else {"other": True}
    asked |= {"link": next((id for id, number in visit.live.calls.items() if number == 1), "")} if verb.link else {}
    visit.request(ISSUE, {**_which(visit, verb), **asked, **carrier}, limit=LIMIT)
    visit.draft.trace("code_asked", verb.channel)
    return ""


def await_link(visit: Visit, verb: Code) -> None:
    """The link names this call: who opens it answers that, once. It outlives some links: each has its own end."""
    body = {"verify": verb.kind, "lang": visit.live.lang, "flow": visit.live.flow}
    visit.request(OPEN, body, limit=LINKS * verb.valid_for)


def check(visit: Visit, verb: Code, code: str) -> None:
    visit.request(CHECK, {**_which(visit, verb), "code": code}, limit=LIMIT)
    visit.draft.trace("code_typed")


def _which(visit: Visit, verb: Code) -> dict[str, Any]:
    """What the code is bound to: this chat, this process, this step of this flow; and how it may be tried."""
    live, session = visit.live, visit.draft.session
    bound = [session.account, session.channel, session.contact_id, live.id, live.flow, live.step]
    return {
        "verify": verb.kind,
        "channel": verb.channel,
        "flow": live.flow,
        "place": ids.digest(*bound, size=10),
        "bound": bound,
        "attempts": verb.attempts,
        "skew": session.skew,
    }


def _carrier(visit: Visit, verb: Code, to: str) -> tuple[str, dict[str, Any]]:
    """Why there is none, or what carries the code: a message of ours, or what an integration is told."""
    codes = visit.draft.account.codes
    if not to:
        return "no_address", {}
    if codes.countries and verb.channel != "email" and _country(to) not in codes.countries:
        return "country", {}
    if verb.channel == "whatsapp":
        return _message(visit, verb, to)
    integration = verb.integration or (codes.sms if verb.channel == "sms" else codes.email)
    if not integration:
        return "no_integration", {}
    told = (to, MARK, _words(visit, verb), visit.live.lang, verb.valid_for // MINUTE)
    return "", {"integration": integration, "values": dict(zip(GIVEN, told, strict=True))}


def _address(visit: Visit, verb: Code) -> str:
    """Digits of a number, or an e-mail address; "" when there is none that could be written to."""
    contact, account = visit.draft.contact, visit.draft.account
    given = str(verb.to(visit.scope) or "")
    if verb.channel == "email":
        return email.parse(given or str(contact.fields.get("email") or ""))
    if given:
        return phone.parse(given, contact.country or account.default_country).removeprefix("+")
    own = _own(visit)
    return own if verb.channel == "whatsapp" or own.isdigit() else ""


def _own(visit: Visit) -> str:
    """Where the contact is written to: the number as it was received, a user id where there is none."""
    contact = visit.draft.contact
    return contact.reply_to if contact.reply_to.isdigit() else contact.number or contact.reply_to


def _country(number: str) -> str:
    """Of a number, or a user id, which begins with it.

    >>> _country("573001112233"), _country("CO.Ana1")
    ('CO', 'CO')
    """
    if BSUID.match(number):
        return number[:2]
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse("+" + number)) or ""
    except phonenumbers.NumberParseException:
        return ""


def _message(visit: Visit, verb: Code, to: str) -> tuple[str, dict[str, Any]]:
    """An authentication template where one is named; else words of the flow, as far as free text may go."""
    draft, key = visit.draft, verb.wordings["message"]
    name = verb.template or draft.account.codes.template
    if not to.isdigit():
        name = ""  # WhatsApp sends authentication templates to phone numbers alone
    if not name:
        channel = draft.account.channels.get(draft.session.channel)
        free = channel is not None and channel.gateway == SIMULATOR
        if not free and (to != _own(visit) or not draft.inside):
            return "no_template", {}
        outbound = Outbound(text=_words(visit, verb), key=key, lang=visit.live.lang)
        return "", {"outbound": codec.to_plain(outbound)}
    try:
        if find(draft.templates, name, draft.session.account)[0].category != "authentication":
            raise TemplateRefused.of(name, [("category", "it is no authentication template", "")])
        outbound = replace(posting.letter(draft, name, {CODE: MARK}), key=key)
    except TemplateRefused as error:
        draft.trace("template_refused", str(error)[:_SHOWN], template=name)
        return "template", {}
    return "", {"outbound": codec.to_plain(outbound)}


def _words(visit: Visit, verb: Code) -> str:
    live = visit.live
    entry = live.flow_.content.lookup(verb.wordings["message"], live.lang)
    found = render(entry, {**visit.scope, CODE: MARK}, seed=live.id, report=visit.missing) if entry else ()
    return "\n\n".join(one.text for one in found if one.text)
