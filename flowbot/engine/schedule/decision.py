"""The one question that every send which the business starts has to pass: when, and as what?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from ...model.duration import format_duration
from .hours import Hours
from .opening import last_open, opening
from .zone import told, wall

DAY = 86_400_000
KINDS = ("reengage", "reminder", "wait", "timeout", "template", "rule", "broadcast")
WARM = 1_800_000  # ms after a contact's message in which what follows is still the same conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """What the business wants to send of its own accord."""

    kind: str  # reengage, reminder, wait, timeout, template, rule, broadcast
    earliest: int  # ms UTC
    text: bool = True  # there are words for it, which may go inside the 24-hour window
    template: str = ""  # the template's name; "" when there is none
    topic: str = ""  # what a contact may have opted out of
    max_age: int = 0  # ms after `earliest` when it is worth nothing any more; 0: always worth it
    early: bool = False  # rather before its time than after the 24-hour window has closed
    part: bool = False  # of a conversation: while that is warm, it goes like an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """What of a contact counts for it."""

    zone: tzinfo = UTC
    last_inbound_at: int = 0  # ms UTC; 0: never wrote
    opted_out: tuple[str, ...] = ()  # topics, or all
    gone: bool = False  # the provider says that nobody is there
    sent_at: tuple[int, ...] = ()  # when the business last wrote of its own accord, for the cap


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """At most `count` sends to one contact in any `period` (ms)."""

    count: int
    period: int

    def free(self, at: int, sent: Sequence[int]) -> int:
        """The first moment from `at` on when one more fits.

        >>> Cap(count=2, period=100).free(50, (10, 20)), Cap(count=2, period=100).free(115, (10, 20))
        (110, 115)
        """
        if self.count <= 0:
            return at
        newest = sorted(sent)[-self.count :]
        return at if len(newest) < self.count else max(at, newest[0] + self.period)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """What the provider still allows in conversations that the business opens."""

    left: int
    frees_at: int  # ms UTC when the next one is allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`at` is ms UTC; of a send that is skipped, when it would have gone."""

    at: int
    as_what: str  # text, template, skip
    why: tuple[str, ...] = ()

    @property
    def skipped(self) -> bool:
        return self.as_what == "skip"


def decide(
    send: Send,
    recipient: Recipient,
    *,
    now: int = 0,
    hours: Sequence[Hours] = (),
    caps: Sequence[Cap] = (),
    tier: Tier | None = None,
) -> Decision:
    """When it goes, and as what; every reason in words.

    >>> hour = 3_600_000
    >>> office = Hours(spans={day: ((480, 1140),) for day in range(7)})
    >>> found = decide(Send(kind="reengage", earliest=21 * hour), Recipient(last_inbound_at=19 * hour), hours=[office])
    >>> found.at == 32 * hour, found.as_what, found.why[1]
    (True, 'text', '21:00 is outside 08:00-19:00: moved to Fri 1970-01-02 08:00')
    """
    deciding = _Deciding(send, recipient, tuple(hours), now)
    return deciding.start() or deciding.time(caps) or deciding.choose(tier)


def when(
    send: Send, recipient: Recipient, *, now: int = 0, hours: Sequence[Hours] = (), caps: Sequence[Cap] = ()
) -> Decision:
    """When a conversation may go on by itself: `text`, whatever it will send, of which each part is decided then.

    >>> hour = 3_600_000
    >>> night = Hours(spans={day: ((1320, 1800),) for day in range(7)}, quiet=True)
    >>> when(Send(kind="wait", earliest=23 * hour), Recipient(), hours=[night]).why[1]
    '23:00 is outside all but 22:00-06:00: moved to Fri 1970-01-02 06:00'
    """
    deciding = _Deciding(send, recipient, tuple(hours), now)
    deciding.due()
    return deciding.time(caps) or deciding.decision("text")


@dataclass(slots=True)
class _Deciding:
    send: Send
    recipient: Recipient
    hours: tuple[Hours, ...]
    now: int
    at: int = 0
    free: int = 0  # ms UTC from when on the cap allows another send
    why: list[str] = field(default_factory=list)

    def start(self) -> Decision | None:
        """Not at all, to who has opted out."""
        self.due()
        gone = {"all", self.send.topic}.intersection(self.recipient.opted_out)
        if gone:
            return self.skip("the contact has opted out" + ("" if "all" in gone else f" of {self.send.topic}"))
        return self.skip("the provider says that nobody is there") if self.recipient.gone else None

    def due(self) -> None:
        send = self.send
        self.at = max(send.earliest, self.now)
        late = f", {format_duration(self.at - send.earliest)} late" if self.at - send.earliest >= 1000 else ""
        self.why.append(f"due {self.told(send.earliest)} ({_name(self.recipient.zone)}){late}")

    def time(self, caps: Sequence[Cap]) -> Decision | None:
        """Not more often than the caps allow, and within the hours; a warm conversation goes on at once."""
        recipient = self.recipient
        if self.send.part and 0 <= self.at - recipient.last_inbound_at < WARM:
            self.why.append(f"the contact wrote at {self.told(recipient.last_inbound_at)}: the conversation goes on")
            return None
        for cap in caps:
            self.free = max(self.free, cap.free(self.now, recipient.sent_at))
            text = f"{_counted(cap.count)} in {format_duration(cap.period)} is the most for one contact"
            self.move(cap.free(self.at, recipient.sent_at), text)
        return self.fit()

    def fit(self) -> Decision | None:
        """Into the hours, and not too late."""
        found = opening(self.at, self.hours)
        if found is None:
            return self.skip(f"{self.names()} has no open hour within a year")
        self.move(found, f"{self.clock()} is outside {self.names()}{self.holiday()}")
        if self.send.max_age and self.at - self.send.earliest > self.send.max_age:
            late = format_duration(self.at - self.send.earliest)
            return self.skip(f"{late} late, and worth nothing after {format_duration(self.send.max_age)}")
        return None

    def choose(self, tier: Tier | None) -> Decision:
        """Text inside the 24-hour window, a template outside."""
        send, closes = self.send, self.closes
        if send.text and not self.inside and not send.template and send.early:
            self.advance()
        if self.inside:
            self.why.append(f"the 24-hour window is open until {self.told(closes)}")
            if send.text:
                return self.decision("text")
            return self.decision("template") if send.template else self.skip("there is nothing to send")
        state = f"has been closed since {self.told(closes)}" if closes else "is closed: the contact never wrote"
        self.why.append(f"the 24-hour window {state}")
        if not send.template:
            return self.skip("free text may not go outside it, and there is no template")
        if tier is not None and tier.left <= 0:
            self.move(tier.frees_at, "the provider's limit of new conversations is used up")
            skipped = self.fit()
            if skipped is not None:
                return skipped
        self.why.append(f"as the template {send.template}")
        return self.decision("template")

    def advance(self) -> None:
        """Back to the last open minute before the window closes."""
        since = max(self.now, self.free)
        earlier = last_open(since, self.closes, self.hours) if since < self.closes else None
        if earlier is not None:
            self.move(earlier, "then the 24-hour window would be closed", back=True)

    # -- the state of it

    @property
    def closes(self) -> int:
        return self.recipient.last_inbound_at + DAY if self.recipient.last_inbound_at else 0

    @property
    def inside(self) -> bool:
        return self.at < self.closes

    def move(self, to: int, why: str, *, back: bool = False) -> None:
        if to > self.at or back:
            self.at = to
            self.why.append(f"{why}: moved to {self.told(to)}")

    def skip(self, why: str) -> Decision:
        self.why.append(f"{why}: not sent")
        return self.decision("skip")

    def decision(self, as_what: str) -> Decision:
        return Decision(at=self.at, as_what=as_what, why=tuple(self.why))

    # -- in words

    def told(self, at: int) -> str:
        return told(at, self.recipient.zone)

    def names(self) -> str:
        return " and ".join(
            str(one) + ("" if one.zone == self.recipient.zone else f" ({_name(one.zone)})") for one in self.hours
        )

    def clock(self) -> str:
        return f"{wall(self.at, self.recipient.zone):%H:%M}"

    def holiday(self) -> str:
        for one in self.hours:
            name = one.holidays.get(wall(self.at, one.zone).date())
            if name:
                return f" ({name})"
        return ""


def _name(zone: tzinfo) -> str:
    return str(zone)


def _counted(count: int) -> str:
    return f"{count} send{'s' * (count != 1)}"
