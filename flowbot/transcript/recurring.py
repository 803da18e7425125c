"""Rules of the clock in a chat: when each comes next, and to whom. What a worker does for all, for those here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ..engine.answers.phone import parse
from ..engine.rules import Rule, next_run
from ..engine.rules.names import names
from ..engine.timezone import zone
from ..model.contact import Contact
from ..model.planning import RuleMet
from ..model.project import Account


@dataclass(slots=True)
class Recurring:
    """The account's rules that say `every`, from a moment on."""

    account: Account
    next: dict[str, int] = field(default_factory=dict)  # rule -> ms UTC
    rules: dict[str, Rule] = field(default_factory=dict)

    @classmethod
    def of(cls, account: Account, rules: Iterable[Rule], since: int) -> Recurring:
        found = cls(account, rules={rule.name: rule for rule in rules if rule.every is not None})
        for rule in found.rules.values():
            found._move(rule, since)
        return found

    def due(self, concerns: Callable[[Rule], bool]) -> tuple[int, str] | None:
        """The first to come of those that concern somebody here."""
        return min(((at, name) for name, at in self.next.items() if concerns(self.rules[name])), default=None)

    def take(self, name: str) -> RuleMet:
        """What it means now; its next time follows."""
        rule, at = self.rules[name], self.next[name]
        self._move(rule, at)
        return RuleMet(nonce=f"{name}@{at}", rule=name, entity=f"every:{at}", at=at)

    def skip(self, until: int) -> None:
        """What concerned nobody up to that moment has passed."""
        for name, at in list(self.next.items()):
            if at <= until:
                self._move(self.rules[name], until)

    def number(self, rule: Rule, now: int) -> str:
        """Whom it goes to, when it is one person: digits."""
        if rule.to.number is None:
            return ""
        nobody = Contact(id="", account=self.account.name)
        given = rule.to.number(names(nobody, self.account, "", now, event={}, subject={}))
        return parse(str(given or ""), self.account.default_country).removeprefix("+")

    def _move(self, rule: Rule, after: int) -> None:
        assert rule.every is not None
        following = next_run(rule.every, after, zone(rule.timezone, self.account.timezone))
        self.next.pop(rule.name, None)
        if following is not None:
            self.next[rule.name] = following
