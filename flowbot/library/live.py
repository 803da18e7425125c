"""Which flows take a contact: what was published, or what the files say now."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..engine.flow import Flow
from ..engine.rules.rule import Rule
from ..engine.starts import Starts
from ..errors import NotFound
from ..model.project import Account, Channel
from ..model.template import Approval, Template
from .library import Library

logger = logging.getLogger(__name__)
Versions = Mapping[str, str]  # flow -> version


@dataclass(frozen=True, slots=True)
class OnStage:
    """What an account has published."""

    flows: Versions
    gone: Versions = field(default_factory=dict)  # taken out again: the last version of each


class Published:
    """One account's published flows over a library; an `engine.turn.Book`."""

    def __init__(self, library: Library, account: str, stage: OnStage, before: Published | None = None) -> None:
        self._library = library
        self.versions, self._gone = stage.flows, stage.gone
        self.flows: Mapping[str, Flow] = self._flows(account, before.flows if before else {})
        self._starts: dict[str, Starts] = {}

    def account(self, name: str) -> Account:
        return self._library.account(name)

    def flow(self, id: str, version: str = "") -> Flow:
        """The published flow, or that version, on which a session may still stand; NotFound."""
        found = self.flows.get(id)
        if found is not None and version in ("", found.version):
            return found
        if not version:
            raise NotFound(f"no flow '{id}' is published")
        return self._library.flow(id, version)

    def part(self, id: str) -> Flow:
        """The published flow, or the last version of one that was taken out while somebody was on the way to it."""
        gone = "" if id in self.flows else self._gone.get(id, "")
        return self.flow(id, gone)

    def starts(self, account: str, channel: str) -> Starts:
        if channel not in self._starts:
            allowed = self.account(account).flows
            flows = [flow for id, flow in sorted(self.flows.items()) if not allowed or id in allowed]
            self._starts[channel] = Starts.of(flows, channel)
        return self._starts[channel]

    def rules(self, account: str) -> tuple[Rule, ...]:
        return self._library.rules(account)

    def template(self, name: str, account: str = "") -> Template:
        """As its file says now: what its provider approved is known by its name alone."""
        return self._library.template(name, account)

    def approval(self, account: str, channel: str, name: str, language: str) -> Approval | None:
        return self._library.approval(account, channel, name, language)

    def _flows(self, account: str, known: Mapping[str, Flow]) -> dict[str, Flow]:
        """Held as long as they are published, however many there are."""
        found = {}
        for id, version in self.versions.items():
            flow = known.get(id)
            try:
                found[id] = flow if flow and flow.version == version else self._library.flow(id, version)
            except NotFound as error:  # nobody starts it until it is published again
                facts = {"account": account, "flow": id, "version": version, "error": str(error)}
                logger.error("flow.missing", extra=facts)
        return found


class Live:
    """What each channel's contacts get. A simulated channel has the files as they are now, so that drafts can be tried;
    so has any other of an account that is not among the `published`.
    """

    def __init__(self, library: Library, published: Mapping[str, OnStage], before: Live | None = None) -> None:
        self.library = library
        self._books: dict[str, Published] = {}
        self._secret: dict[str, bool] = {}
        self._tells: dict[str, str] = {}
        for account, stage in published.items():
            old = before._books.get(account) if before else None
            if account in library.project.accounts:
                self._books[account] = Published(library, account, stage, old)

    def account(self, name: str) -> Account:
        return self.library.account(name)

    def book(self, channel: Channel) -> Library | Published:
        found = None if channel.simulated else self._books.get(channel.account)
        return found or self.library

    def tells(self, account: str) -> str:
        """What the account's clients hear of messages: see `Account.tells`."""
        found = self._tells.get(account)
        if found is None:
            found = self._tells[account] = self.account(account).tells()
        return found

    def keeps_secrets(self, account: str) -> bool:
        """Whether any flow of the account, live or draft, asks for a sensitive answer: what comes in may be one."""
        found = self._secret.get(account)
        if found is None:
            book = self._books.get(account)
            flows = (*self.library.flows_of(account), *(book.flows.values() if book else ()))
            found = self._secret[account] = any(step.private for flow in flows for step in flow.steps.values())
        return found

    def published(self, account: str) -> Versions | None:
        """Flow -> version; None for an account whose contacts get what the files say."""
        found = self._books.get(account)
        return found.versions if found else None
