"""From recipients to the messages that they get; pure. What fails here fails for that recipient alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine import holding
from ..engine.expressions import compile_text
from ..engine.schedule import Decision, Send, decide
from ..engine.schedule import Recipient as Person
from ..engine.scope import contact_names
from ..engine.templates import Ready, Templates, ready
from ..engine.timezone import zone
from ..errors import RenderError, TemplateRefused
from ..model import ids
from ..model.broadcast import Broadcast, Recipient, message_id
from ..model.contact import Contact
from ..model.outbound import Outbound, OutboxEntry
from ..model.project import RECEIVED, Account
from ..model.template import PAUSED, Template
from ..store.bulk import Bulk

BULK = "b"  # the lane
EMPTY = Outbound(kind="template")
DECIDED = 1000  # kinds of contacts that are remembered
_SHOWN = 300  # characters of a reason


class Letters:
    """A broadcast's messages, its template looked up once for each language."""

    def __init__(self, broadcast: Broadcast, account: Account, templates: Templates, *, until: int) -> None:
        self._broadcast = broadcast
        self._account = account
        self._templates = templates
        self._until = until  # ms UTC: what has not left by then will not
        self._ready: dict[str, Ready | TemplateRefused] = {}
        self._tell = account.tells().replace(RECEIVED, "")
        self._unasked = account.consent == "strict" and not broadcast.user_authorized
        self._caps = holding.caps(None, account)
        self._decided: dict[tuple[object, ...], Decision] = {}  # of one moment: most contacts are alike

    def write(self, recipient: Recipient, contact: Contact | None, partition: int, now: int, slot: int = 0) -> Bulk:
        """The message to one recipient, or why there is none; `slot`: from when on the provider takes it, ms UTC."""
        broadcast = self._broadcast
        template = self._in(contact.language if contact else "")
        outbound, code, reason = EMPTY, "", ""
        topic = broadcast.topic
        to = _address(recipient, contact)
        if isinstance(template, TemplateRefused):
            code = "template_not_approved" if template.facts.get("status") else "template_mismatch"
            reason = str(template)[:_SHOWN]
        else:
            topic = topic or template.template.topic
            code, reason = self._against(contact, to, topic)
            if not code:
                outbound, reason = self._filled(template, recipient, contact)
                code = "template_mismatch" if reason else ""
        entry = OutboxEntry(
            id=message_id(broadcast.id, partition, recipient.contact_id),
            account=broadcast.account,
            channel=broadcast.channel,
            contact_id=recipient.contact_id,
            to=to,
            outbound=outbound,
            lane=BULK,
            purpose="business",
            policy="fail",
            topic=topic,
            unasked=self._unasked,
            created_at=now,
            expires_at=self._until,
            tell=self._tell,
        )
        if code:
            return Bulk(entry=entry, code=code, reason=reason)
        found = self._when(contact, topic, max(now, slot))
        if found.skipped:
            return Bulk(entry=entry, code="no_hour", reason="; ".join(found.why)[:_SHOWN])
        return Bulk(entry=entry, start=found.at if found.at > now else 0)

    @property
    def counted(self) -> bool:
        """Whether the account limits how often a contact is written to."""
        return bool(self._caps)

    def _when(self, contact: Contact | None, topic: str, now: int) -> Decision:
        """When it may leave: by the account's hours and limits. Whether it has opted out is looked at then."""
        account = self._account
        known = contact or Contact(id="", account=account.name)
        alike = (now, topic, known.timezone, known.sought if self._caps else ())
        found = self._decided.get(alike)
        if found is not None:
            return found
        if len(self._decided) > DECIDED:
            self._decided.clear()
        send = Send(kind="broadcast", earliest=now, text=False, template=self._broadcast.template, topic=topic)
        person = Person(zone=zone(known.timezone, account.timezone), sent_at=known.sought)
        hours = holding.account_hours(None, known, account)
        found = self._decided[alike] = decide(send, person, now=now, hours=hours, caps=self._caps)
        return found

    def paused(self, now: int) -> bool:
        """Whether the provider holds the template for a while: nobody is worse off who waits."""
        found = self._in("")
        return isinstance(found, TemplateRefused) and found.facts.get("status") == PAUSED and now < self._until

    def _in(self, language: str) -> Ready | TemplateRefused:
        found = self._ready.get(language)
        if found is None:
            one = self._broadcast
            languages = (language, *self._account.languages)
            try:
                found = ready(
                    self._templates, one.account, one.channel, one.template, languages=languages, forced=one.language
                )
            except TemplateRefused as error:
                found = error
            self._ready[language] = found
        return found

    def _against(self, contact: Contact | None, to: str, topic: str) -> tuple[str, str]:
        """What speaks against writing to the contact. What it agreed to is looked at again when the message leaves."""
        if not to:
            return "no_number", "nobody knows a number or user id of the contact"
        if contact is not None and contact.blocked:
            return "blocked", "the contact is blocked"
        if self._unasked and not (contact is not None and contact.agreed_to(topic)):
            return "not_opted_in", "the contact has not opted in, and nobody says that it agreed: user_authorized"
        return "", ""

    def _filled(self, template: Ready, recipient: Recipient, contact: Contact | None) -> tuple[Outbound, str]:
        known = contact or Contact(id=recipient.contact_id, account=self._account.name)
        try:
            given = values(template.template, self._broadcast.params, recipient, known)
            return template.fill(given), ""
        except (TemplateRefused, RenderError) as error:
            return EMPTY, str(error)[:_SHOWN]


def values(template: Template, params: Mapping[str, Any], recipient: Recipient, contact: Contact) -> dict[str, Any]:
    """What stands in each variable's place (R097): the recipient's own value, else the broadcast's, else the first of
    the template's defaults that is not empty, be it an expression or a text.

    >>> from ..model.template import Wording
    >>> words = {"en": Wording(language="en", body="Hi {{ name }}, {{ day }}.")}
    >>> notice = Template(name="t", wordings=words, defaults={"name": ("{{ contact.name }}", "friend")})
    >>> ana, nobody = Contact(id="c", account="a", name="Ana"), Contact(id="d", account="a")
    >>> [values(notice, {"day": "Monday"}, Recipient(contact_id="c"), one)["name"] for one in (ana, nobody)]
    ['Ana', 'friend']
    >>> values(notice, {"name": "all", "day": 1}, Recipient(contact_id="c", params={"name": "Eva"}), ana)
    {'name': 'Eva', 'day': 1}
    """
    found: dict[str, Any] = {}
    for name in template.variables:
        own, shared = recipient.params.get(name), params.get(name)
        value = own if own not in (None, "") else shared
        if value in (None, ""):
            value = _default(template.defaults.get(name, ()), contact, recipient)
        if value not in (None, ""):
            found[name] = value
    return found


def _default(texts: tuple[str, ...], contact: Contact, recipient: Recipient) -> str:
    scope: dict[str, Any] | None = None
    for text in texts:
        made = compile_text(text)
        if scope is None and not made.is_constant:
            scope = {"contact": {**contact_names(contact), **recipient.fields}}
        written = made.render(scope or {})
        if written:
            return written
    return ""


def _address(recipient: Recipient, contact: Contact | None) -> str:
    """The id as it was last heard, where that is of any channel; else as it was given."""
    if contact is not None and contact.reply_to.isdigit():
        return contact.reply_to
    return recipient.to or (contact.number or contact.reply_to or contact.bsuid if contact is not None else "")


def partitions_of(recipients: list[Recipient], partitions: int) -> dict[int, list[Recipient]]:
    """Who lives where."""
    found: dict[int, list[Recipient]] = {}
    for one in recipients:
        found.setdefault(ids.partition_of(one.contact_id, partitions), []).append(one)
    return found
