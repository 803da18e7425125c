"""`flowbot broadcast TEMPLATE audience.csv`: one template to many; and list, pause, resume, cancel, status."""

from __future__ import annotations

import getpass
import io
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

import click
import orjson

from ..broadcasts import check, standing
from ..broadcasts.audience import LONGEST, Bad, Sheet, csv_rows, line_rows
from ..broadcasts.intake import Intake, Taken
from ..broadcasts.order import ORDERS, order
from ..engine.life import iso
from ..errors import NotFound
from ..library.library import Library
from ..library.templates import readable
from ..model.broadcast import MAX_AGE, STATES, Broadcast, is_id, new_id
from ..model.duration import parse_duration
from ..model.project import Account
from ..model.template import Template
from ..settings import Settings
from ..store import broadcasts, groups, own_templates
from ..store.approval_watch import Watch
from ..store.broadcasts import Kept
from ..store.client import Store
from ..wiring import load_library, open_store
from .options import as_json, tell, with_settings
from .progress import progress, sending
from .whose import accounts_of

LISTED = 20  # failures that are shown at the end
LINES = (".jsonl", ".ndjson")


class Words(click.Group):
    """What is none of the orders is the name of a template; its options may stand before it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0].startswith("-") and args[0] not in ctx.help_option_names:
            args = ["send", *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            return "send", self.commands["send"], args
        return super().resolve_command(ctx, args)


@click.group(cls=Words, name="broadcast")
def command() -> None:
    """Send a template to many: `broadcast TEMPLATE AUDIENCE`, or `broadcast TEMPLATE --group GROUP`.

    The audience is CSV, the phone first and a column for each variable, or JSON lines. `broadcast TEMPLATE --help`
    tells the options. Beside that: list, pause, resume, cancel and status.
    """


@command.command(hidden=True)
@click.argument("template")
@click.argument("audience", required=False, type=click.File("rb"))
@click.option("--account", help="Default: the only one.")
@click.option("--channel", help="Default: the only one.")
@click.option("--group", default="", help="To the members of a group, in place of an audience.")
@click.option("--param", "params", multiple=True, metavar="NAME=VALUE", help="For who has no value of his own.")
@click.option("--language", default="", help="To all in this one. Default: each in his own.")
@click.option("--name", default="", help="For people.")
@click.option("--max-age", default="4d", show_default=True, help="What has not left by then will not.")
@click.option("--user-authorized", is_flag=True, help="You know that all of them agreed to be written to.")
@click.option("--dry-run", is_flag=True, help="Look at all of it, and send nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--detach", is_flag=True, help="Do not wait for the end.")
@as_json
@with_settings
def send(settings: Settings, template: str, audience: BinaryIO | None, as_json: bool, **given: Any) -> None:
    """Send TEMPLATE to all of AUDIENCE (a file, or - for what comes in), each once.

    With --json it tells its id and how it stands, once: at the end, or with --detach at once.
    """
    if (audience is None) == (not given["group"]):
        raise click.UsageError("name an audience or a --group")
    with _opened(settings) as (store, library):
        account = _only(library.project.accounts, given["account"], "account")
        broadcast = _asked(library.account(account), template, given, store.now())
        intake = Intake(store, broadcast, secrets.token_hex(8))
        taken = _take(store, library, broadcast, intake, audience)
        about = f"{taken.total:,} recipients, {taken.duplicates:,} duplicates left out"
        if given["dry_run"]:
            intake.discard()
            counted = {"total": taken.total, "duplicates": taken.duplicates}
            told = {"id": None, "status": "checked", **counted}
            tell(as_json, told, f"{about}: nothing is wrong, and nothing was sent")
            return
        if not given["yes"]:
            click.confirm(f"{about}. Send {template} on {broadcast.channel_key}?", abort=True, err=True)
        store.all([broadcasts.make(broadcast), broadcasts.list_it(broadcast)])
        intake.accept(taken)
        if not as_json:
            click.echo(f"{broadcast.id} runs")
        if not given["detach"]:
            _follow(store, broadcast.id, as_json)
        elif as_json:
            tell(True, _told(store, _find(store, broadcast.id)), "")


def _ordering(word: str) -> click.Command:
    @click.argument("broadcast", metavar="BROADCAST")
    @as_json
    @with_settings
    def run(settings: Settings, broadcast: str, as_json: bool) -> None:
        with _opened(settings) as (store, _):
            state = order(store, _find(store, broadcast), word)
            tell(as_json, {"id": broadcast, "status": state}, f"{broadcast} is {state}")

    more = "" if word == "resume" else " What is on its way is not called back."
    return command.command(word, help=f"{word.capitalize()} a broadcast.{more}")(run)


for _word in ORDERS:
    _ordering(_word)


@command.command()
@click.argument("broadcast", metavar="BROADCAST")
@click.option("--follow", is_flag=True, help="Wait for the end.")
@as_json
@with_settings
def status(settings: Settings, broadcast: str, follow: bool, as_json: bool) -> None:
    """How a broadcast stands."""
    with _opened(settings) as (store, _):
        if follow:
            _follow(store, broadcast, as_json)
            return
        found = _told(store, _find(store, broadcast))
        tell(as_json, found, f"{found['status']}: {_said(found['statistics'])}")


@command.command("list")
@click.option("--account", help="Default: all.")
@click.option("--group", default="", help="Those to a group.")
@click.option("--status", type=click.Choice(STATES), help="Those in a state.")
@click.option(
    "--limit", type=click.IntRange(1), default=20, show_default=True, help="The newest so many of an account."
)
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON, a line each.")
@with_settings
def listing(settings: Settings, account: str | None, group: str, status: str | None, limit: int, as_json: bool) -> None:
    """List broadcasts, the newest first."""
    with _opened(settings) as (store, library):
        for one in accounts_of(library.project, account):
            for kept in standing.newest(store, one.name, group=group, status=status or "", limit=limit):
                _print(store, kept, as_json)


def _print(store: Store, kept: Kept, as_json: bool) -> None:
    one, found, made = kept.broadcast, standing.counted(store, kept), iso(kept.broadcast.created_at)
    if as_json:
        names = ("id", "account", "channel", "template", "group", "name")
        about = {name: getattr(one, name) or None for name in names}
        click.echo(orjson.dumps({**about, "status": kept.state, "created_at": made, "statistics": found}).decode())
        return
    whom = f"the group {one.group}" if one.group else one.name or "a list"
    click.echo(f"{one.id}  {made}  {kept.state:<9}  {one.account}  {one.template} to {whom}: {_said(found)}")


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[Store, Library]]:
    library, store = load_library(settings), open_store(settings)
    library.ask, library.own = Watch(store).ask, own_templates.Watch(store, readable).of
    try:
        yield store, library
    finally:
        store.close()


def _asked(account: Account, template: str, given: dict[str, Any], now: int) -> Broadcast:
    params = dict(_pair(one) for one in given["params"])
    return Broadcast(
        id=new_id(account.name, secrets.token_hex(12)),
        account=account.name,
        channel=_only(account.channels, given["channel"], "channel"),
        template=template,
        language=given["language"],
        params=params,
        name=given["name"],
        group=given["group"],
        user_authorized=given["user_authorized"],
        max_age=_age(given["max_age"]),
        created_at=now,
        by=_who_asks(),
    )


def _take(store: Store, library: Library, broadcast: Broadcast, intake: Intake, audience: BinaryIO | None) -> Taken:
    """All of it, looked at; what is wrong is told with its line, and ends the command."""
    known = {one.name: one for one in groups.every(store, broadcast.account)} if broadcast.group else {}
    template, mistakes = check.look(library, broadcast, known)
    taken, where = Taken(), "the request"
    if audience is not None:
        where = audience.name
        taken = _rows(intake, audience, library.account(broadcast.account), template)
    elif not mistakes:
        taken = intake.group(library.account(broadcast.account), template)
    told = [*mistakes, *map(_placed, taken.mistakes())]
    if not told and not taken.total:
        told = [("", "there is nobody in it")]
    if told:
        intake.discard()
        for place, why in told:
            click.echo(f"{where}:{place}: {why}" if place[:1].isdigit() else f"{place or where}: {why}", err=True)
        click.echo("nothing was sent", err=True)
        raise SystemExit(1)
    check.refuse_if_not_approved(library, broadcast)
    return taken


def _placed(bad: Bad) -> tuple[str, str]:
    return f"{bad.line}:{bad.column}" if bad.column else bad.line, bad.reason


def _rows(intake: Intake, audience: BinaryIO, account: Account, template: Template) -> Taken:
    with progress("looking at", audience) as stream:
        buffered = io.BufferedReader(cast(Any, stream), LONGEST)
        if audience.name.endswith(LINES):
            lines = iter(lambda: buffered.readline(LONGEST), b"")
            return intake.rows(line_rows(lines), account, template)
        sheet = Sheet()
        return intake.rows(csv_rows(cast(BinaryIO, buffered), sheet), account, template, sheet)


def _told(store: Store, kept: Kept) -> dict[str, Any]:
    return {"id": kept.broadcast.id, "status": kept.state, "statistics": standing.counted(store, kept)}


def _follow(store: Store, id: str, as_json: bool) -> None:
    """Until nothing is pending any more; Ctrl-C leaves it running."""
    with sending() as show:
        while True:
            kept = _find(store, id)
            found = standing.counted(store, kept)
            show(found)
            if kept.state in ("done", "cancelled") and not found["pending"]:
                break
            time.sleep(0.25)
    tell(as_json, {"id": id, "status": kept.state, "statistics": found}, f"{kept.state}: {_said(found)}")
    for one in standing.failures(store, kept, limit=LISTED).items if found["failure"] else ():
        click.echo(f"  {one['contact_id']}: {one['code']}: {one['reason']}", err=True)
    raise SystemExit(1 if found["failure"] else 0)


def _find(store: Store, id: str) -> Kept:
    kept = store.run(broadcasts.get(id)) if is_id(id) else None
    if kept is None:
        raise NotFound(f"there is no broadcast '{id}'")
    return kept


def _said(found: dict[str, int]) -> str:
    return ", ".join(f"{found[name]:,} {name}" for name in ("total", "pending", "success", "failure", "cancelled"))


def _only(names: Sequence[str] | Any, given: str | None, what: str) -> str:
    """The one that is named, or the only one."""
    if given:
        if given not in names:
            raise NotFound(f"there is no {what} '{given}': there are {', '.join(names)}")
        return given
    if len(names) != 1:
        raise click.UsageError(f"there are several: name one with --{what}: {', '.join(names)}")
    return str(next(iter(names)))


def _pair(written: str) -> tuple[str, str]:
    name, equals, value = written.partition("=")
    if not equals or not name:
        raise click.UsageError(f"--param {written}: write it NAME=VALUE")
    return name, value


def _age(written: str) -> int:
    try:
        return parse_duration(written) if written else MAX_AGE
    except ValueError:
        raise click.UsageError(f"--max-age {written}: write it like 36h or 4d") from None


def _who_asks() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "cli"
