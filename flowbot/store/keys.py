"""The only place that builds keys. All of a contact's keys share its partition's tag, so one script sees all of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ..model.ids import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyKind:
    """One line of docs/keys.md."""

    pattern: str
    type: str
    what: str
    lives: str


META = "flowbot:meta"
LIMITS = "flowbot:limit"  # the library `limits` builds its keys below this
VERSIONS = "flowbot:versions"
PUBLISHERS = "flowbot:publishers"
ROUND = "flowbot:round"
TAIL = "flowbot:tail"
BROADCASTS = "flowbot:broadcasts"
WAKES = ("in", "out", "hook")  # what may have come: for workers, for senders, for hooks


@lru_cache(maxsize=4096)
def tag(partition: int) -> str:
    """What stands in the braces: a cluster hashes nothing else.

    >>> timers(7)
    '{p7}t'
    """
    return f"{{p{partition}}}"


def lease(role: str, partition: int) -> str:
    return f"{tag(partition)}{'lease' if role == 'w' else role + 'lease'}"


def members(role: str) -> str:
    return f"flowbot:members:{role}"


def inbox(partition: int, channel_key: str) -> str:
    """One for each account, so that one that has much waiting holds up no other.

    >>> inbox(7, "acme/main")
    '{p7}in:acme'
    """
    return f"{tag(partition)}in:{channel_key.partition('/')[0]}"


def inboxes(partition: int) -> str:
    return f"{tag(partition)}ins"


def attempts(partition: int) -> str:
    return f"{tag(partition)}att"


def parked(partition: int) -> str:
    return f"{tag(partition)}parked"


def stuck(partition: int) -> str:
    return f"{tag(partition)}stuck"


def notices(partition: int) -> str:
    return f"{tag(partition)}nt"


def seen(partition: int, span: str) -> str:
    return f"{tag(partition)}seen:{span}"


def contact(partition: int, contact_id: str) -> str:
    return f"{tag(partition)}c:{contact_id}"


def session(partition: int, contact_id: str, channel_key: str) -> str:
    return f"{tag(partition)}s:{contact_id}:{channel_key}"


def timers(partition: int) -> str:
    return f"{tag(partition)}t"


def queue(partition: int, lane: str, contact_id: str, channel_key: str) -> str:
    return f"{tag(partition)}q:{lane}:{contact_id}:{channel_key}"


def ready(partition: int, lane: str, channel_key: str) -> str:
    return f"{tag(partition)}rd:{lane}:{channel_key}"


def due(partition: int) -> str:
    return f"{tag(partition)}due"


def in_flight(partition: int) -> str:
    return f"{tag(partition)}fly"


def deadlines(partition: int) -> str:
    return f"{tag(partition)}dl"


def message(partition: int, message_id: str) -> str:
    return f"{tag(partition)}m:{message_id}"


def pair(partition: int, contact_id: str, channel_key: str) -> str:
    return f"{tag(partition)}pl:{contact_id}:{channel_key}"


def contact_fact(partition: int, contact_id: str, channel_key: str) -> str:
    return f"{tag(partition)}f:{contact_id}:{channel_key}"


def quarantine(partition: int, id: str) -> str:
    return f"{tag(partition)}qr:{id}"


def reads(partition: int) -> str:
    return f"{tag(partition)}read"


def delivery_pointer(partition: int, delivery_id: str) -> str:
    return f"{tag(partition)}dv:{delivery_id}"


def hooks(partition: int) -> str:
    return f"{tag(partition)}hooks"


def hook(partition: int, hook_id: str) -> str:
    return f"{tag(partition)}hk:{hook_id}"


def calls(partition: int) -> str:
    return f"{tag(partition)}calls"


def call_records(partition: int) -> str:
    return f"{tag(partition)}calls:record"


def call_tries(partition: int) -> str:
    return f"{tag(partition)}calls:tries"


def call_answered(partition: int, call_id: str) -> str:
    return f"{tag(partition)}called:{call_id}"


def code(partition: int, contact_id: str, name: str) -> str:
    return f"{tag(partition)}code:{contact_id}:{name}"


def history(partition: int, contact_id: str) -> str:
    return f"{tag(partition)}h:{contact_id}"


def ledger(partition: int, contact_id: str) -> str:
    return f"{tag(partition)}ledger:{contact_id}"


def opted_out(partition: int, contact_id: str) -> str:
    return f"{tag(partition)}o:{contact_id}"


def unreachable(partition: int, contact_id: str) -> str:
    return f"{tag(partition)}un:{contact_id}"


def doubts(partition: int, contact_id: str) -> str:
    return f"{tag(partition)}doubt:{contact_id}"


def process(partition: int, process_id: str) -> str:
    return f"{tag(partition)}pr:{process_id}"


def listing(partition: int, kind: str, account: str) -> str:
    return f"{tag(partition)}ls:{kind}:{account}"


def forgotten(partition: int) -> str:
    """Contacts that were erased, until nothing that was under way can have brought anything of them back."""
    return f"{tag(partition)}gone"


def flow_counts(partition: int) -> str:
    return f"{tag(partition)}fv"


def tail(partition: int) -> str:
    return f"{tag(partition)}tail"


def funnel(partition: int, version: str) -> str:
    return f"{tag(partition)}fn:{version}"


def standing(partition: int, version: str) -> str:
    return f"{tag(partition)}on:{version}"


def broadcast(id: str, what: str = "") -> str:
    """
    >>> broadcast("bc1"), broadcast("bc1", "rows")
    ('{b:bc1}', '{b:bc1}rows')
    """
    return f"{{b:{id}}}{what}"


def broadcast_counts(partition: int, id: str) -> str:
    return f"{tag(partition)}b:{id}"


def broadcast_failures(partition: int, id: str) -> str:
    return f"{tag(partition)}bf:{id}"


def broadcast_held(partition: int, id: str) -> str:
    return f"{tag(partition)}bh:{id}"


def broadcast_flags(partition: int) -> str:
    return f"{tag(partition)}bp"


def group(partition: int, account: str, name: str) -> str:
    return f"{tag(partition)}g:{account}:{name}"


def group_names(partition: int, account: str) -> str:
    return f"{tag(partition)}gs:{account}"


def group_plans(partition: int, account: str, name: str) -> str:
    return f"{tag(partition)}gp:{account}:{name}"


def counters(partition: int) -> str:
    return f"{tag(partition)}n"


def wake(partition: int, what: str = "in") -> str:
    """The sharded channel on which the partition says that there is something: one for each kind of listener."""
    return f"{tag(partition)}wake" if what == "in" else f"{tag(partition)}wake:{what}"


def alias(hashed: str) -> str:
    return f"{{al:{hashed}}}"


def provider_id(channel_key: str, provider_id: str) -> str:
    """Hashed: a provider's message id may contain the phone number."""
    return f"{{w:{digest(channel_key, provider_id)}}}id"


def parked_receipts(channel_key: str, provider_id: str) -> str:
    return f"{{w:{digest(channel_key, provider_id)}}}parked"


def channel(channel_key: str, what: str) -> str:
    return f"{{ch:{channel_key}}}{what}"


def channel_fact(channel_key: str, name: str) -> str:
    return channel(channel_key, f"fact:{digest(name)}")


def endpoint(endpoint_key: str, what: str) -> str:
    return f"{{ep:{endpoint_key}}}{what}"


def delivery(endpoint_key: str, delivery_id: str) -> str:
    return endpoint(endpoint_key, f"d:{delivery_id}")


def account(name: str, what: str) -> str:
    return f"{{a:{name}}}{what}"


def codes_to(account_name: str, veiled: str) -> str:
    """The codes of the last minutes to one address."""
    return account(account_name, f"code:{veiled}")


def codes_of(account_name: str, day: int, prefix: str = "") -> str:
    """The codes of a day: of the whole account, or to one block of numbers."""
    return account(account_name, f"codes:{day}" + (f":{prefix}" if prefix else ""))


def approvals(account_name: str, holder: str) -> str:
    """What is known of its templates at one of a provider's accounts."""
    return account(account_name, f"tpl:{holder}")


def approvals_asked(account_name: str, holder: str) -> str:
    return account(account_name, f"tpl:{holder}:asked")


def own_templates(account_name: str) -> str:
    """Those that it has made over the API."""
    return account(account_name, "templates")


def submissions(account_name: str, holder: str) -> str:
    """Templates that wait to be handed in."""
    return account(account_name, f"tpl:{holder}:in")


def starts(counted: str) -> str:
    return f"{{at:{counted}}}"


def idempotency(hashed: str) -> str:
    return f"{{i:{hashed}}}"


def idempotent_answer(hashed: str) -> str:
    return f"{{i:{hashed}}}answer"


def flow_version(version: str) -> str:
    return f"{{fv:{version}}}"


def version_used(version: str) -> str:
    return f"{{fv:{version}}}used"


def _kind(pattern: str, type: str, what: str, lives: str = "for ever") -> KeyKind:
    return KeyKind(pattern=pattern, type=type, what=what, lives=lives)


_CONTACT = "as long as the contact"
_BROADCAST = "62 days after its last change"
_USED = "48 hours after its last use"

KEYS: tuple[KeyKind, ...] = (
    _kind("flowbot:meta", "hash", "schema version, number of partitions, salt, the release that wrote them"),
    _kind("flowbot:limit/…", "string", "requests of an API key in the window under way", "the window"),
    _kind("flowbot:members:<role>", "sorted set", "who is alive: owner name, ms of its last word", "3 leases"),
    _kind("flowbot:broadcasts", "set", "the broadcasts that something is still to be done for", "until they are done"),
    _kind("flowbot:versions", "set", "the flow versions that are kept", "while they are"),
    _kind("flowbot:publishers", "set", "accounts that have ever published"),
    _kind("flowbot:round", "string", "which of the hooks processes throws away what was kept long enough", "an hour"),
    _kind("flowbot:tail", "string", "somebody looks on: plain, or with texts", "5 seconds"),
    _kind("{pN}lease", "hash", "the worker that owns the partition: owner, epoch, until (ms)"),
    _kind("{pN}slease", "hash", "the sender that looks after the partition"),
    _kind(
        "{pN}in:<account>", "stream", "an inbox: c contact, h channel, e event; or t timer, d due", "until committed"
    ),
    _kind("{pN}ins", "sorted set", "accounts with something in their inbox -> ms when they were last served"),
    _kind("{pN}att", "hash", "of each account, how far it was taken, how often its head: upto, head, n"),
    _kind("{pN}parked", "stream", "events of contacts whose event failed five times", "until replayed"),
    _kind("{pN}stuck", "hash", "contact -> ms since when its events are parked", "until replayed"),
    _kind("{pN}seen:<hour>", "set", "9-byte hashes of what came in, by the provider's hour", "8 days and an hour"),
    _kind("{pN}seen:d<day>", "set", "the same for what has no time, by the day it came", "10 days"),
    _kind("{pN}c:<contact>", "string", "the contact record, packed", _CONTACT),
    _kind("{pN}nt", "hash", "contact -> how many messages of broadcasts were made for it", _CONTACT),
    _kind("{pN}s:<contact>:<channel>", "string", "the session: its version, a line feed, the record, packed", _CONTACT),
    _kind("{pN}t", "sorted set", "timers: contact, channel, name, visit -> ms when due", "until fired"),
    _kind("{pN}q:<lane>:<contact>:<channel>", "list", "ids of the messages that wait, in order", "until sent"),
    _kind("{pN}rd:<lane>:<channel>", "sorted set", "contact -> ms from when its next message may leave", "until sent"),
    _kind("{pN}due", "sorted set", "lane and channel -> the earliest of these", "until sent"),
    _kind("{pN}fly", "hash", "contact and channel -> the message in flight", "until answered"),
    _kind("{pN}dl", "sorted set", "message -> ms when its sending is given up, or its grace ends", "until settled"),
    _kind("{pN}m:<message>", "hash", "a message: its body, state, attempts and times", "8 days after its end"),
    _kind("{pN}pl:<contact>:<channel>", "string", "ms up to which the contact's pair limit is used", "until then"),
    _kind("{pN}f:<contact>:<channel>", "string", "a gateway's finding about the contact, e.g. its address", "7 days"),
    _kind("{pN}read", "list", "processed messages that a provider is told of: channel, id, sender", "an hour"),
    _kind("{pN}qr:<id>", "string", "the body of a provider's call that could not be read whole", "`quarantine`"),
    _kind("{pN}od:<contact>:<channel>", "string", "the sent message whose delivery the next one waits for", "its cap"),
    _kind("{pN}hooks", "stream", "events for clients, not yet addressed: id, type, body", "until addressed"),
    _kind("{pN}hk:<hook>", "string", "the body of a hook under delivery, for replays", "`deliveries`"),
    _kind("{pN}dv:<delivery>", "string", "where a delivery goes: endpoint, hook, type", "`deliveries`"),
    _kind("{pN}calls", "sorted set", "calls of flows to the outside world -> ms when they are tried", "until answered"),
    _kind("{pN}calls:record", "hash", "call -> what is asked, packed", "until answered"),
    _kind("{pN}calls:tries", "hash", "call -> how often it was taken", "until answered"),
    _kind("{pN}called:<call>", "string", "an answer that came from outside, for who sends it twice", "a day"),
    _kind("{pN}code:<contact>:<name>", "hash", "a one-time code's seal, until, left, call", "while it is valid"),
    _kind(
        "{pN}h:<contact>",
        "stream",
        "the last 200 or so turns: a field for each thing that happened, its kind and the record",
        "`history`",
    ),
    _kind("{pN}ledger:<contact>", "stream", "consent given and taken back: topic, change, b record", _CONTACT),
    _kind("{pN}o:<contact>", "set", "topics that the contact opted out of; `all`", _CONTACT),
    _kind("{pN}pr:<process>", "string", "the process record that clients see, packed", "`processes`"),
    _kind("{pN}un:<contact>", "string", "ms since when the provider says that nobody is there", "until it writes"),
    _kind("{pN}doubt:<contact>", "set", "messages that failed as if that were so, since the last delivery", "30 days"),
    _kind("{pN}fv", "hash", "flow version -> processes that stand on it"),
    _kind(
        "{pN}on:<version>", "set", "contact and channel of the sessions that stand on a flow version", "while they do"
    ),
    _kind("{pN}ls:<kind>:<account>", "stream", "pr processes, c contacts, of an account, as they began: i id"),
    _kind("{pN}fv", "hash", "flow version -> sessions that stand on it"),
    _kind(
        "{pN}gone", "sorted set", "contacts that were forgotten -> ms when their leftovers are looked for", "minutes"
    ),
    _kind("{pN}g:<account>:<group>", "sorted set", "a group's members", "while they are"),
    _kind("{pN}gp:<account>:<group>", "sorted set", "plans of contacts that go to a group -> ms when due", "until due"),
    _kind("{pN}gs:<account>", "set", "groups that have had members here"),
    _kind("{pN}b:<broadcast>", "hash", "its messages here: made, and how many are in each final state", _BROADCAST),
    _kind("{pN}bf:<broadcast>", "sorted set", "contacts whose message of it has failed", _BROADCAST),
    _kind("{pN}bh:<broadcast>", "list", "messages that are put aside while it is paused", "until it goes on"),
    _kind("{pN}bp", "hash", "broadcast -> paused, cancelled", "while it is"),
    _kind(
        "{pN}fn:<version>", "hash", "of a flow version, how many began, were asked, answered and left, where", "with it"
    ),
    _kind("{pN}tail", "stream", "what happens, while somebody looks on", "10 seconds"),
    _kind("{pN}n", "hash", "counters"),
    _kind(
        "{pN}wake, {pN}wake:out, {pN}wake:hook", "sharded channel", "something came: for workers, senders, hooks", "-"
    ),
    _kind("{al:<hash>}", "string", "an identity -> its contact", _CONTACT),
    _kind("{w:<hash>}id", "string", "a provider's message id -> our message", "8 days"),
    _kind("{w:<hash>}parked", "list", "receipts for a provider's message id that we do not know yet", "24 hours"),
    _kind("{ch:<channel>}rate", "hash", "send tokens, and when they were counted", "a minute after the last send"),
    _kind("{ch:<channel>}pause", "hash", "until, kind, how many in a row", "a while after its end"),
    _kind("{ch:<channel>}aside", "sorted set", "ids of such bodies -> ms when they came; 100 at most", "a day"),
    _kind("{ch:<channel>}fact:<hash>", "string", "a gateway's finding, e.g. an uploaded file's id", "25 days at most"),
    _kind(
        "{ep:<endpoint>}due", "sorted set", "deliveries -> ms when they are tried next", "until delivered or given up"
    ),
    _kind("{ep:<endpoint>}d:<delivery>", "hash", "a delivery: hook, state, attempts, the last answer", "8 days"),
    _kind("{ep:<endpoint>}log", "stream", "the last 10,000 or so attempts", "8 days"),
    _kind("{ep:<endpoint>}facts", "hash", "failing since, left alone until, disabled"),
    _kind("{a:<account>}schedules", "hash", "schedules by API: id -> record", "until deleted"),
    _kind("{a:<account>}sch", "sorted set", "schedules and recurring rules -> ms when they are due next"),
    _kind("{a:<account>}runs", "hash", "sends to a group under way: run -> how far it is", "until done"),
    _kind("{a:<account>}keys", "hash", "API keys: id -> record with the secret's hash"),
    _kind("{a:<account>}users", "hash", "who may use its simulator: name -> record with the password's hash"),
    _kind("{a:<account>}forgotten", "stream", "who was forgotten, when, by whose order", "the last 10,000"),
    _kind("{a:<account>}groups", "hash", "groups that the API made: name -> title, when"),
    _kind("{a:<account>}code:<hash>", "sorted set", "one-time codes to an address: call -> ms when", "10 minutes"),
    _kind(
        "{a:<account>}codes:<day>", "set", "calls that asked for a one-time code on that day", "that day and an hour"
    ),
    _kind("{a:<account>}codes:<day>:<prefix>", "set", "those for one block of numbers", "that day and an hour"),
    _kind(
        "{a:<account>}live", "hash", "what is published: flow -> version; # the publication's number, #nonce its mark"
    ),
    _kind("{a:<account>}sent:<group>", "sorted set", "what went to a group -> ms when it was due", "the last 1000"),
    _kind("{a:<account>}publications", "stream", "who published what, when and why", "the last 200"),
    _kind("{a:<account>}keys_used", "hash", "API key's id -> ms of the day of its last use"),
    _kind("{a:<account>}broadcasts", "sorted set", "broadcasts -> ms when they were made"),
    _kind("{b:<broadcast>}", "hash", "a broadcast: what was asked for, its state, total, chunks, cursors", _BROADCAST),
    _kind(
        "{b:<broadcast>}rows",
        "list",
        "its recipients in chunks, sealed; ids alone once they are queued, or cancelled",
        _BROADCAST,
    ),
    _kind("{b:<broadcast>}rows:<upload>", "list", "the same while they come in", "an hour"),
    _kind("{b:<broadcast>}seen:<upload>", "set", "contacts that an upload has had", "an hour"),
    _kind("{b:<broadcast>}lease", "hash", "the process that carries it on"),
    _kind("{b:<broadcast>}edits", "hash", "the process that tells its contacts' records"),
    _kind(
        "{a:<account>}tpl:<hash>",
        "hash",
        "templates at an account of a provider's: fact, name, language -> ms since when, JSON; # when it was asked",
    ),
    _kind("{a:<account>}tpl:<hash>:in", "set", "names of templates that wait to be handed in there", "until they are"),
    _kind("{a:<account>}templates", "hash", "templates made over the API: name -> JSON; # rises with each change"),
    _kind("{a:<account>}tpl:<hash>:asked", "string", "a process asks that provider now", "two minutes at most"),
    _kind(
        "{at:<hash>}", "sorted set", "starts of a flow whose attempts are limited -> ms", "62 days; of `ever`: for ever"
    ),
    _kind("{i:<hash>}answer", "string", "what that request was answered, sealed", "8 days"),
    _kind("{i:<hash>}", "string", "what the first request with an Idempotency-Key was, hashed", "8 days"),
    _kind("{fv:<version>}", "string", "a flow version: its meaning, and the words that it was made with", _USED),
    _kind("{fv:<version>}used", "string", "ms when somebody last had a use for it", _USED),
)
