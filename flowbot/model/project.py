"""A project's configuration, as flowbot.yaml declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .duration import DAY
from .ids import digest
from .integration import Integration
from .outreach import Outreach
from .verifier import Verifier

# gateway -> the options that name the account whose templates its channels share, the surest first
HOLDERS: Mapping[str, tuple[str, ...]] = {
    "cloud_api": ("waba_id",),
    "dialog360": ("waba_id",),
    "twilio": ("account_sid",),
    "gupshup": ("app_id", "app_name"),
}


# Sent only to who names them: there are many, or another event says the same.
ON_REQUEST = ("process.expired", "session.canceled", "session.expired", "session.restarted", "message.", "outbound.")
RECEIVED = "i"
STATUS_HOOKS = ("message.sent", "message.delivered", "message.read", "message.failed")
TELLS = {RECEIVED: "message.received", **{kind.partition(".")[2][0]: kind for kind in STATUS_HOOKS}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One business number on one gateway; `missing` names secrets that are not set, and then it is off."""

    account: str
    name: str
    gateway: str
    number: str = ""  # E.164 with +
    base_url: str = ""
    environment: str = "production"  # or sandbox
    rate: float = 80.0  # sends a second
    pair_interval: float = 6.0  # seconds between two sends to one contact when the burst is used up
    pair_burst: int = 45
    tier: int = 0  # contacts a day that the provider lets us open a conversation with; 0: it does not say
    waits: float = 0.0  # seconds that a contact's next message waits for the one before to be delivered; 0: it need not
    recipients: tuple[str, ...] = ()  # sandbox: listed ones only
    addresses: tuple[str, ...] = ()  # IP addresses or networks that webhooks may come from; () for all
    webhook: str = ""  # the public address of its webhook, as the provider calls it
    # phone_number_id, waba_id, access_token, app_secret, verify_token …
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    missing: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.account}/{self.name}"

    @property
    def simulated(self) -> bool:
        """Nobody is at the other end: the provider is our own browser simulator."""
        return self.gateway == "simulator"

    @property
    def approves(self) -> bool:
        """Whether templates need its provider's approval."""
        return self.gateway not in ("simulator", "http")

    @property
    def holder(self) -> str:
        """The provider's account that its templates belong to: one word for all channels that share them.

        >>> one, two = (Channel(account="a", name=n, gateway="cloud_api", options={"waba_id": "7"}) for n in "xy")
        >>> one.holder == two.holder, one.holder == Channel(account="a", name="z", gateway="cloud_api").holder
        (True, False)
        """
        named = next((self.options[key] for key in HOLDERS.get(self.gateway, ()) if self.options.get(key)), "")
        return digest(self.gateway, named) if named else digest("channel", self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where hooks go."""

    account: str
    name: str
    url: str
    secret: str = field(default="", repr=False)
    events: tuple[str, ...] = ()  # types; () for all that are sent by default
    flows: tuple[str, ...] = ()  # () for all
    when: str = ""  # a bare expression over `type` and `data`: only the events for which it holds
    format: str = "standard"  # or jwt, twilio
    missing: tuple[str, ...] = ()  # secrets that are not set: nothing is sent until they are

    @property
    def key(self) -> str:
        return f"{self.account}/{self.name}"

    def wants(self, kind: str, flow: Any = None) -> bool:
        """Whether it subscribes to events of a type, of a flow; `message.*` and the like only when it names them.

        >>> crm = Endpoint(account="acme", name="crm", url="", events=("process.*",), flows=("identity",))
        >>> crm.wants("process.failed", "identity"), crm.wants("process.failed", "other"), crm.wants("message.read")
        (True, False, False)
        """
        if flow and self.flows and flow not in self.flows:
            return False
        if not self.events:
            return not kind.startswith(ON_REQUEST)
        return any(kind == word or (word.endswith(".*") and kind.startswith(word[:-1])) for word in self.events)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRules:
    """How an account sends one-time codes, and how many at most."""

    template: str = ""  # WhatsApp's authentication template, unless the step names one
    sms: str = ""  # the action of an integration that sends a text message: integration.action
    email: str = ""  # the same for e-mail
    cooldown: int = 60_000  # ms between two codes to one address
    per_number: int = 3  # codes to one address in a `period`
    period: int = 600_000  # ms
    per_prefix: int = 200  # a day to one block of a million numbers; 0: no limit
    per_day: int = 1000  # of the whole account
    countries: tuple[str, ...] = ()  # of numbers that may get one; () for all


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long an account keeps what people said, ms; 0: for ever."""

    processes: int = 365 * DAY  # the record of one, after its end
    history: int = 90 * DAY  # what was said, turn by turn; the last 200 turns at most
    contacts: int = 0  # who was not heard of for so long is forgotten
    files: int = 0  # what contacts sent; 0: as FLOWBOT_FILES_DAYS says, which none is kept longer than
    deliveries: int = 8 * DAY  # the body of a hook, for its attempts and replays
    quarantine: int = DAY  # a provider's call that could not be read whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A tenant."""

    name: str
    title: str = ""
    timezone: str = "UTC"
    default_country: str = ""
    languages: tuple[str, ...] = ("en",)
    consent: str = "strict"
    flows: tuple[str, ...] = ()  # () for all
    office: Mapping[str, Any] = field(default_factory=dict)
    outreach: Outreach = field(default_factory=Outreach)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    contact_fields: Mapping[str, str] = field(default_factory=dict)  # name -> type
    integrations: Mapping[str, Integration] = field(default_factory=dict)
    verifiers: Mapping[str, Verifier] = field(default_factory=dict)
    codes: CodeRules = field(default_factory=CodeRules)
    retention: Retention = field(default_factory=Retention)
    config: Mapping[str, Any] = field(default_factory=dict)  # config.* in texts

    def wants(self, kind: str) -> bool:
        """Whether any endpoint subscribes to it: what nobody asks for is not made."""
        return any(one.wants(kind) for one in self.endpoints.values())

    def tells(self) -> str:
        """What clients hear of messages: i what comes in; of what goes out s that it was sent, d delivered, r read,
        f failed, which is always told: this keeps the process that it belonged to beside a message that was sent.

        >>> crm = Endpoint(account="a", name="crm", url="", events=("message.read", "message.delivered"))
        >>> Account(name="a", endpoints={"crm": crm}).tells(), Account(name="a").tells()
        ('dr', '')
        """
        return "".join(letter for letter, kind in TELLS.items() if self.wants(kind))

    @property
    def holders(self) -> dict[str, Channel]:
        """For each of the providers' accounts that hold its templates, a channel by which it can be asked."""
        found: dict[str, Channel] = {}
        for channel in self.channels.values():
            if channel.approves and not channel.missing:
                found.setdefault(channel.holder, channel)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    accounts: Mapping[str, Account] = field(default_factory=dict)
    allow_private_urls: bool = False

    def channel(self, account: str, name: str) -> Channel | None:
        found = self.accounts.get(account)
        return found.channels.get(name) if found else None
