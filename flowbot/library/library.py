"""The project in memory: what the engine looks things up in. Immutable but for its caches."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..engine.compiler import from_bundle
from ..engine.flow import Flow
from ..engine.rules.rule import Rule
from ..engine.starts import Starts
from ..errors import NotFound, ParseError
from ..model.problem import Problem
from ..model.project import Account, Channel, Project
from ..model.template import APPROVED, Approval, Template
from .content import COMMON, Contents, all_shipped
from .flows import Made
from .folder import Folder
from .sent import is_file
from .template_use import Uses

logger = logging.getLogger(__name__)
KEPT_VERSIONS = 200  # older versions in memory; sessions on others read the store again
Fetch = Callable[[str], bytes | None]  # version -> bundle
Own = Callable[[str], Mapping[str, Template]]  # an account -> its own templates
Ask = Callable[[Channel, str, str], Approval | None]  # a template's name and language -> what its provider says


@dataclass(frozen=True, slots=True)
class Findings:
    problems: tuple[Problem, ...]
    ignored: tuple[Problem, ...]  # those of them that comments silence


class Look(Protocol):
    """Who looks for a library's problems."""

    def errors(self, library: Library) -> tuple[Problem, ...]: ...
    def all(self, library: Library) -> Findings: ...


class Library:
    """A project's accounts, flows and words, and the problems found in them; an `engine.turn.Book`."""

    def __init__(
        self,
        *,
        folder: Folder,
        contents: Contents,
        project: Project,
        made: Mapping[str, Made],
        flows: Mapping[str, Flow],
        templates: Mapping[str, Template],
        rules: Mapping[str, Rule],
        look: Look,
    ) -> None:
        self.folder = folder
        self.contents = contents
        self.project = project
        self.made = made
        self.flows = flows
        self.templates = templates
        self.all_rules = rules
        self._look = look
        self._errors: tuple[Problem, ...] | None = None
        self._findings: Findings | None = None
        self.fetch: Fetch | None = None  # given by the worker: bundles of older versions out of the store
        self.ask: Ask | None = None  # given by the doors: what is known of templates in the store
        self.own: Own | None = None  # given by the doors: templates that accounts have made over the API
        self.uses: Mapping[str, Uses] = {}  # file -> where it names templates
        self.marks = b""  # the record of translations, as it was read
        self.stale: Mapping[str, tuple[Problem, ...]] = {}  # flow, or common -> its stale translations, by `marks`
        self._starts: dict[str, Starts] = {}
        self._rules: dict[str, tuple[Rule, ...]] = {}
        self._older: OrderedDict[str, Flow] = OrderedDict()

    @property
    def root(self) -> Path:
        return self.folder.root

    def has_media(self, path: str) -> bool:
        """Whether there is such a file below content/media/."""
        return is_file(self.root / "content" / "media", path) is True

    @property
    def files(self) -> tuple[str, ...]:
        """What was read, relative to the project."""
        return tuple(self.folder.reads)

    @property
    def sound(self) -> bool:
        return not self.errors

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong, be it an error, a warning or a note; looked for when first asked."""
        return self.examine().problems

    @property
    def ignored(self) -> tuple[Problem, ...]:
        """Those of `problems` that comments silence in `flowbot check`; nothing else heeds them."""
        return self.examine().ignored

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps a file from counting; where there was a good version of it before, that one runs on.

        Looked for when first asked, without what only warns.
        """
        if self._errors is None:
            self._errors = self._look.errors(self)
        return self._errors

    def examine(self) -> Findings:
        """Look for all problems now, if nobody has."""
        if self._findings is None:
            self._findings = self._look.all(self)
        return self._findings

    def changed(self) -> bool:
        """Whether the project on disk is another by now; cheap."""
        return self.folder.changed()

    def account(self, name: str) -> Account:
        """NotFound when there is none."""
        found = self.project.accounts.get(name)
        if found is None:
            raise NotFound(f"there is no account '{name}'")
        return found

    def flow(self, id: str, version: str = "") -> Flow:
        """The newest flow, or the one of that version, on which a session may still stand; NotFound."""
        newest = self.flows.get(id)
        if newest is not None and version in ("", newest.version):
            return newest
        older = self._older_flow(version) if version else None
        if older is None or older.id != id:
            raise NotFound(f"there is no flow '{id}'" + (f" of version {version}" if version else ""))
        return older

    def part(self, id: str) -> Flow:
        """The flow that another one goes on with; NotFound."""
        return self.flow(id)

    def mistakes(self, flow: str) -> list[Problem]:
        """Why there is no such flow, when its file is there: what is wrong with it, or with its words."""
        if f"flows/{flow}.yaml" not in self.folder.reads:
            return []
        stems = (flow, COMMON)
        wrong = [one for one in self.problems if one.level == "error" and Path(one.file).stem in stems]
        return [one for one in wrong if one.file == f"flows/{flow}.yaml" or one.file.startswith("content/")]

    def template(self, name: str, account: str = "") -> Template:
        """The project's, or one that the account has made for itself; NotFound when there is none."""
        found = self.known_template(name, account)
        if found is None:
            raise NotFound(f"there is no template '{name}'")
        return found

    def known_template(self, name: str, account: str = "") -> Template | None:
        """The same; None when there is none."""
        found = self.templates.get(name)
        return self.own(account).get(name) if found is None and account and self.own is not None else found

    def templates_of(self, account: str) -> Mapping[str, Template]:
        """All that the account may send; those of the project's files come before its own."""
        return {**self.own(account), **self.templates} if self.own is not None else self.templates

    def approval(self, account: str, channel: str, name: str, language: str) -> Approval | None:
        """What the channel's provider says of a template; where there is none to approve, all are approved, and so they
        are for a library that nobody gave a store."""
        found = self.project.channel(account, channel)
        if self.ask is None or found is None or not found.approves:
            return Approval(name=name, language=language, status=APPROVED)
        return self.ask(found, name, language)

    def starts(self, account: str, channel: str) -> Starts:
        """What starts a conversation on this channel."""
        key = f"{account}/{channel}"
        if key not in self._starts:
            self._starts[key] = Starts.of(self.flows_of(account), channel)
        return self._starts[key]

    def rules(self, account: str) -> tuple[Rule, ...]:
        """What the business sends the account's contacts by itself: as the files say now, published or not."""
        found = self._rules.get(account)
        if found is None:
            mine = (rule for rule in self.all_rules.values() if not rule.accounts or account in rule.accounts)
            found = self._rules[account] = tuple(mine)
        return found

    def flows_of(self, account: str) -> list[Flow]:
        """The flows that may run for an account, in the order of their names; NotFound for an unknown account."""
        allowed = self.account(account).flows
        return [flow for id, flow in sorted(self.flows.items()) if not allowed or id in allowed]

    def _older_flow(self, version: str) -> Flow | None:
        found = self._older.get(version)
        if found is None:
            bundle = self.fetch(version) if self.fetch else None
            if bundle is None:
                return None
            try:
                found = from_bundle(bundle, version=version, shipped=all_shipped())
            except ParseError as error:
                logger.error("flow.unreadable", extra={"version": version, "error": str(error)})
                return None
            self._older[version] = found
            if len(self._older) > KEPT_VERSIONS:
                self._older.popitem(last=False)
        else:
            self._older.move_to_end(version)
        return found

    def keep_from(self, before: Library) -> None:
        """Take over what a library of the same project has looked up already."""
        self.fetch, self.ask, self.own = before.fetch, before.ask, before.own
        self.uses, self.marks = before.uses, before.marks
        same = (stem for stem in before.stale if stem in self.made and self.made[stem] is before.made.get(stem))
        self.stale = {stem: before.stale[stem] for stem in same}
        for flow in before.flows.values():
            if flow.version != getattr(self.flows.get(flow.id), "version", ""):
                self._older[flow.version] = flow
        for version, flow in before._older.items():
            self._older.setdefault(version, flow)
