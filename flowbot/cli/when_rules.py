"""`flowbot when FILE.RULE`: what comes of a rule, when, as what, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

import click
import orjson

from ..engine.life import iso
from ..engine.rules import Rule
from ..engine.rules.names import where
from ..engine.rules.timing import Foreseen, begins_with, foresee
from ..engine.schedule.zone import told
from ..errors import InvalidRequest
from ..library.library import Library
from ..model.contact import Contact
from ..model.quick import replace
from ..testing import moment
from .named import find_account


def show(
    library: Library,
    rule: Rule,
    at: str,
    timezone: str,
    account: str,
    given: tuple[str, ...],
    sent: tuple[str, ...],
    opted_out: bool,
    as_json: bool,
) -> None:
    none = f"no account has the rule '{rule.name}'"
    accounts = library.project.accounts
    owner = find_account(accounts, account, lambda one: not rule.accounts or one.name in rule.accounts, none)
    pairs = dict(one.partition("=")[::2] for one in given)
    fields = {name.removeprefix("contact."): value for name, value in pairs.items() if name.startswith("contact.")}
    event = {name.removeprefix("event."): value for name, value in pairs.items() if not name.startswith("contact.")}
    contact = Contact(
        id="", account=owner.name, timezone=timezone, fields=fields, opted_out=("all",) if opted_out else ()
    )
    here = where(contact, owner)
    try:
        now = moment(at, str(here))
        contact = replace(contact, sought=tuple(sorted(moment(one, str(here)) for one in sent)))
    except InvalidRequest as error:
        raise click.UsageError(str(error)) from None
    name = rule.template or (begins_with(library.flows[rule.flow]) if rule.flow in library.flows else "")
    template = library.templates.get(name)
    found = foresee(rule, contact, owner, now, event, template=name, topic=template.topic if template else "")
    if owner.consent == "strict":
        found = tuple(_if_agreed(one, rule) for one in found)
    if as_json:
        click.echo(orjson.dumps(_data(rule, now, here, found), option=orjson.OPT_INDENT_2).decode())
        return
    for line in _report(rule, now, here, found):
        click.echo(line)


def _if_agreed(one: Foreseen, rule: Rule) -> Foreseen:
    """Who the contact is, and what they agreed to, nobody knows here."""
    if one.decision is None or one.decision.skipped:
        return one
    or_event = ", or whose event says user_authorized" if rule.event else ""
    why = f"consent is strict: it goes only to who has opted in{or_event}"
    return replace(one, decision=replace(one.decision, why=(*one.decision.why, why)))


def _report(rule: Rule, now: int, here: tzinfo, found: tuple[Foreseen, ...]) -> Iterator[str]:
    what = f"the event {rule.event}" if rule.event else "as it comes"
    yield f"{click.style(rule.name, bold=True)}: {what}, {told(now, here)} ({here})"
    for one in found:
        yield ""
        if one.decision is None:
            yield f"{click.style('nothing is planned', fg='yellow', bold=True)}: {one.refused}"
            continue
        fate = "not sent" if one.decision.skipped else f"{told(one.decision.at, here)} {_what(rule)}"
        yield click.style(fate, fg="yellow" if one.decision.skipped else "green", bold=True)
        yield from (f"  - {reason}" for reason in one.decision.why)


def _what(rule: Rule) -> str:
    return f"the template {rule.template}" if rule.template else f"the flow {rule.flow}"


def _data(rule: Rule, now: int, here: tzinfo, found: tuple[Foreseen, ...]) -> dict[str, Any]:
    return {
        "rule": rule.name,
        "at": iso(now),
        "timezone": str(here),
        "sends": [
            {
                "at": None if one.decision is None or one.decision.skipped else iso(one.decision.at),
                "local": None if one.decision is None or one.decision.skipped else told(one.decision.at, here),
                "why": [one.refused] if one.decision is None else list(one.decision.why),
            }
            for one in found
        ],
    }
