"""`flowbot when`: when what a flow sends by itself would go out, as what, and why; and when its question expires."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import click
import orjson

from ..engine import silence
from ..engine.flow import Flow
from ..engine.foresight import Foreseen, foresee
from ..engine.life import iso
from ..engine.schedule import Decision
from ..engine.schedule.zone import told
from ..engine.timezone import zone
from ..errors import InvalidRequest
from ..library.load import load
from ..model.contact import Contact
from ..model.duration import format_duration
from ..model.problem import suggest
from ..testing import moment
from . import when_rules
from .named import find_account, find_flow
from .root import find_root


@click.command()
@click.argument("flow")
@click.option(
    "--at", default="", metavar="MOMENT", help='When the question is asked, "2026-11-21 22:10 America/Bogota"; now.'
)
@click.option("--timezone", default="", help="The contact's time zone. Default: the account's.")
@click.option("--account", default="", help="Default: the first that runs the flow.")
@click.option("--input", "given", metavar="NAME=VALUE", multiple=True, help="What the client passes in; repeatable.")
@click.option("--sent", metavar="MOMENT", multiple=True, help="When we wrote by ourselves already; repeatable.")
@click.option("--opted-out", is_flag=True, help="For a contact who has opted out of everything.")
@click.option("--project", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The project folder.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_context
def command(
    context: click.Context,
    flow: str,
    at: str,
    timezone: str,
    account: str,
    given: tuple[str, ...],
    sent: tuple[str, ...],
    opted_out: bool,
    project: Path | None,
    as_json: bool,
) -> None:
    """Print what FLOW does by itself when a question is asked right after a message, and never answered: its
    re-engagements, and each wait and timeout as if it were reached then. Or what a rule (file.name) does: `--input`
    then gives what is in the event, `--input contact.NAME` what is known of the contact.
    """
    environ = dict(context.find_root().obj or {})
    library = load(find_root(project or Path(environ.get("FLOWBOT_PROJECT") or ".")), environ)
    at = at or f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    if flow in library.all_rules:
        when_rules.show(library, library.all_rules[flow], at, timezone, account, given, sent, opted_out, as_json)
        return
    found = find_flow(library, flow, library.all_rules)
    none = f"no account runs '{flow}': see `flows` in flowbot.yaml"
    owner = find_account(library.project.accounts, account, lambda one: not one.flows or flow in one.flows, none)
    if timezone and timezone not in available_timezones():
        near = suggest(timezone, available_timezones()) or "write it like America/Bogota"
        raise click.UsageError(f"there is no time zone '{timezone}'; {near}")
    where = zone(found.settings.timezone, timezone, owner.timezone)
    try:
        start = moment(at, str(where))
        sought = tuple(sorted(moment(one, str(where)) for one in sent))
    except InvalidRequest as error:
        raise click.UsageError(str(error)) from None
    contact = Contact(
        id="", account=owner.name, timezone=timezone, opted_out=("all",) if opted_out else (), sought=sought
    )
    decisions, expiry = silence.foresee(found, contact, owner, start)
    ahead = foresee(found, contact, owner, start, inputs_of(given, found))
    if as_json:
        data = as_data(found, start, where, decisions, expiry)
        data["steps"] = [step_data(one, where) for one in ahead]
        click.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())
        return
    for line in (*report(found, start, where, decisions, expiry), *steps_report(ahead, where)):
        click.echo(line)


def inputs_of(given: tuple[str, ...], flow: Flow) -> dict[str, str]:
    """`visit_on=2026-12-01`, of inputs that there are."""
    pairs = dict(one.partition("=")[::2] for one in given)
    for name in pairs:
        if name not in flow.inputs:
            near = suggest(name, flow.inputs) or "there are " + (", ".join(flow.inputs) or "none")
            raise click.UsageError(f"the flow has no input '{name}'; {near}")
    return pairs


def report(flow: Flow, start: int, where: tzinfo, decisions: tuple[Decision, ...], expiry: int) -> Iterator[str]:
    yield f"{click.style(flow.id, bold=True)}: a question of {told(start, where)} ({where}), never answered"
    yield ""
    if not decisions:
        yield "no re-engagement: the flow has no `reengage`"
    for number, (one, found) in enumerate(zip(flow.reengage, decisions, strict=True), 1):
        fate = "not sent" if found.skipped else f"{told(found.at, where)} as {found.as_what}"
        fate = click.style(fate, fg="yellow" if found.skipped else "green", bold=True)
        yield f"re-engagement {number}, {one.say} after {format_duration(one.after)}: {fate}"
        yield from (f"  - {reason}" for reason in found.why)
    silence = format_duration(flow.settings.expires_after)
    since = "after the last re-engagement" if any(not one.skipped for one in decisions) else "after the question"
    yield f"expires: {click.style(told(expiry, where), bold=True)}"
    yield f"  - {silence} of silence {since}"


def steps_report(ahead: tuple[Foreseen, ...], where: tzinfo) -> Iterator[str]:
    """Each wait and timeout with its reasons, then what it says with its own."""
    for one in ahead:
        yield ""
        if one.expired:
            yield f"{one.kind} {one.step}, {one.what}: {click.style('never', fg='yellow', bold=True)}"
            yield f"  - the question has expired by then: {told(one.expired, where)}"
            continue
        fate = "when it happens" if one.decision is None else told(one.decision.at, where)
        yield f"{one.kind} {one.step}, {one.what}: {click.style(fate, fg='green', bold=True)}"
        if one.decision is None:
            yield "  - its moment is known when the step is reached"
            continue
        yield from (f"  - {reason}" for reason in one.decision.why)
        if one.silent:
            yield "  - it says nothing: neither hours nor limits hold it"
        for line, found in one.said:
            if found is None:
                yield f"  {'what was asked' if not line.name else line.name}: as that flow says it"
                continue
            as_what = click.style(found.as_what if not found.skipped else "not sent", bold=True)
            yield f"  {line.name}: {as_what}"
            yield from (f"    - {reason}" for reason in found.why[1:])


def step_data(one: Foreseen, where: tzinfo) -> dict[str, Any]:
    at = one.decision.at if one.decision else None
    return {
        "step": one.step,
        "kind": one.kind,
        "what": one.what,
        "at": iso(at) if at is not None else None,
        "local": told(at, where) if at is not None else None,
        "why": list(one.decision.why) if one.decision else [],
        "expired": iso(one.expired) if one.expired else None,
        "says": [
            {"name": line.name, "as": found.as_what if found else "flow", "why": list(found.why[1:]) if found else []}
            for line, found in one.said
        ],
    }


def as_data(flow: Flow, start: int, where: tzinfo, decisions: tuple[Decision, ...], expiry: int) -> dict[str, Any]:
    return {
        "flow": flow.id,
        "at": iso(start),
        "timezone": str(where),
        "reengage": [
            {
                "say": one.say,
                "after": format_duration(one.after),
                "as": found.as_what,
                "at": None if found.skipped else iso(found.at),
                "local": None if found.skipped else told(found.at, where),
                "why": list(found.why),
            }
            for one, found in zip(flow.reengage, decisions, strict=True)
        ],
        "expires": iso(expiry),
    }
