"""The keys of a flow outside its steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import marshmallow as ma

from ..model.attempt import Attempts
from ..model.problem import Path, suggest
from ..steps.fields import Anything, Count, Flag, Table, Text, Texts
from ..steps.target import Target
from .answers.regex import BOUNDS
from .flow import HOUR, Anytime, Input, Invitation, Retry, Settings, Start
from .folding import squeeze
from .hour_keys import check_zone, window_of
from .workbench import Workbench

PATTERN = BOUNDS["pattern"]
DAY = 24 * HOUR
LONGEST_EXPIRY = 24 * HOUR
MOST_SENDS = 50  # to one contact that are kept in mind
INPUT_TYPES = (
    *("text", "number", "integer", "money", "date", "time", "phone", "email", "url", "country", "language"),
    *("yes_no", "image", "document", "list", "table"),
)


class _Keys(ma.Schema):
    class Meta:
        unknown = ma.EXCLUDE


class FlowKeys(_Keys):
    flow = Text()
    title = Text()
    note = Text()
    languages = Texts()
    start = Anything()
    inputs = Anything()
    settings = Anything()
    reengage = Anything()
    anytime = Anything()
    defaults = Anything()
    steps = Anything()


class StartKeys(_Keys):
    messages = Anything()
    keywords = Anything()
    channels = Texts()
    template = Anything()
    api = Flag()
    regex = Texts()
    referral = Flag()
    new_contact = Flag()
    default = Anything()
    out_of_hours = Anything()


class EveryKeys(_Keys):
    every_time = Flag()


class InvitationKeys(_Keys):
    name = Text(required=True)
    expires = Text()
    cancel = Anything()


class CancelKeys(_Keys):
    say = Text(required=True)


class SettingKeys(_Keys):
    timezone = Text()
    expires_after = Text()
    keywords_interrupt = Flag()
    attempts = Table()
    outreach = Table()


class OutreachKeys(_Keys):
    hours = Anything()
    per_day = Count(least=1)
    per_week = Count(least=1)


class AttemptKeys(_Keys):
    per_day = Count(least=1)
    per_month = Count(least=1)
    ever = Count(least=1)
    say = Text()


class InputKeys(_Keys):
    type = Text()
    required = Flag()
    default = Anything(allow_none=True)
    title = Text()
    note = Text()


class DefaultKeys(_Keys):
    retry = Anything()
    timeout = Anything()
    match = Text()
    stale = Text()


class RetryKeys(_Keys):
    times = Anything()
    say = Text()
    then = Anything()


class TimeoutKeys(_Keys):
    after = Text(required=True)
    say = Text()
    template = Text()
    with_ = Table(data_key="with")
    then = Anything()


class StepKeys(_Keys):
    """What any step may hold beside its verbs.

    `save`, `timeout`, `retry` and `sensitive` are for steps that wait for an answer. An outcome that nobody names: the
    good one goes to the step below, a timeout and an expiry end the flow as `expired`, others as failed.

    ```yaml
    flow: example
    languages: [en]
    inputs: {known: {type: yes_no, default: false}}
    steps:
      number:
        title: The document              # in the picture and in reports
        note: Nobody but the client sees the number.
        when: not inputs.known           # else the step is skipped, as if done
        ask: What is the number of your document?
        save: contact.document           # on the contact too; another name under `answers`: save: id
        sensitive: true
        timeout: [{after: 10m, say: Are you still there?}, {after: 30m, then: {fail: silent}}]
        retry: {times: 2, say: "Please write it again, {{ n }} left.", then: {fail: too_many_tries}}
        next: {answered: thanks}         # a step; {fail: reason}, {succeed: {…}}, {jump: flow}; [{when, then}, {else}]
      thanks:
        say: [Thank you., That was all.]
        next_after: delivered            # the second bubble leaves when the first has arrived
        next_after_cap: 5s
        succeed: {}
    ```
    """

    when = Anything()
    next = Anything()
    save = Text()
    timeout = Anything()
    retry = Anything()
    sensitive = Flag()
    next_after = Text()
    next_after_cap = Text()
    title = Text()
    note = Text()


PACES = ("sent", "delivered")  # what the message after waits for
FLOW_KEYS = frozenset(FlowKeys().fields)
WAITING = ("save", "timeout", "retry", "sensitive")  # only where a step waits for an answer


def start_of(data: Any, bench: Workbench, languages: Sequence[str]) -> Start:
    if data is None:
        return Start()
    path: Path = ("start",)
    found = bench.table(data, path, StartKeys)
    channels = found.get("channels", ())
    words = {key: _by_language(found.get(key), (*path, key), bench, languages) for key in ("messages", "keywords")}
    return Start(
        messages=tuple(text for text, _ in words["messages"]),
        keywords=tuple(text for text, _ in words["keywords"]),
        spoken={squeeze(text): lang for pairs in words.values() for text, lang in pairs if lang},
        channels=() if "all" in channels else channels,
        api=found.get("api", False),
        patterns=_patterns(found.get("regex", ()), bench, (*path, "regex")),
        referral=found.get("referral", False),
        new_contact=found.get("new_contact", False),
        **_otherwise(found, bench, path),
        invitation=_invitation(found["template"], (*path, "template"), bench) if "template" in found else None,
    )


def _patterns(given: tuple[str, ...], bench: Workbench, path: Path) -> tuple[str, ...]:
    for pattern in given:
        wrong = PATTERN(pattern)
        if wrong:
            bench.problem(path, "F203", f"the pattern {pattern!r} {wrong}")
    return given


def _otherwise(found: Mapping[str, Any], bench: Workbench, path: Path) -> dict[str, Any]:
    """`default` and `out_of_hours`: true, or {every_time: true}."""
    on, every = {}, []
    for word in ("default", "out_of_hours"):
        rule = found.get(word, False)
        if isinstance(rule, Mapping):
            keys = bench.table(rule, (*path, word), EveryKeys)
            every += [word] if keys.get("every_time") else []
            rule = True
        elif not isinstance(rule, bool):
            bench.problem((*path, word), "F203", f"{word!r} should be true, or {{every_time: true}}")
        on[word] = rule is True
    return {**on, "every_time": tuple(every)}


def _invitation(data: Any, path: Path, bench: Workbench) -> Invitation | None:
    """`{name: …, expires: 24h, cancel: {say: …}}`, or the name alone."""
    found = bench.table({"name": data} if isinstance(data, str) else data, path, InvitationKeys)
    if "name" not in found:
        return None
    bench.template_named(found["name"], (*path, "name") if isinstance(data, Mapping) else path)
    say = ""
    if "cancel" in found:
        bench.step = "invitation"
        row = bench.table(found["cancel"], (*path, "cancel"), CancelKeys)
        say = bench.entry(row["say"], (*path, "cancel", "say"), part="cancel") if "say" in row else ""
    expires = bench.duration(found["expires"], (*path, "expires")) if "expires" in found else DAY
    return Invitation(template=found["name"], expires=expires, say=say)


def _by_language(data: Any, path: Path, bench: Workbench, languages: Sequence[str]) -> list[tuple[str, str]]:
    """Texts, each with its language when they stand below languages: `{es: Hola, en: [Hello, Hi]}`."""
    if data is None:
        return []
    found: list[tuple[str, str]] = []
    for key, listed in data.items() if isinstance(data, Mapping) else (("", data),):
        lang, here = str(key), (*path, key) if isinstance(data, Mapping) else path
        if isinstance(data, Mapping) and lang not in languages:
            hint = suggest(lang, languages) or f"the flow speaks {', '.join(languages)}"
            bench.problem(here, "F203", f"the flow does not speak {lang!r}", hint=hint)
        items = listed if isinstance(listed, list) else [listed]
        if items and all(isinstance(item, str) and squeeze(item) for item in items):
            found += [(item, lang) for item in items]
        else:
            bench.problem(here, "F203", f"{here[-1]!r} should be a text or a list of texts")
    return found


def inputs_of(data: Any, bench: Workbench) -> Mapping[str, Input]:
    if data is None:
        return {}
    if not isinstance(data, Mapping):
        bench.problem(("inputs",), "F203", "'inputs' should be names with their types")
        return {}
    found = {}
    for name, item in data.items():
        path: Path = ("inputs", name)
        if not str(name).isidentifier():
            bench.problem(path, "F211", f"{name!r} is no name", hint="letters, digits and _")
        keys = bench.table({"type": item} if isinstance(item, str) else item, path, InputKeys)
        kind = bench.one_of(keys.get("type", "text"), INPUT_TYPES, (*path, "type"), "type")
        found[str(name)] = Input(type=kind, required=keys.get("required", False), default=keys.get("default"))
    return found


def settings_of(data: Any, bench: Workbench) -> Settings:
    if data is None:
        return Settings()
    path: Path = ("settings",)
    found = bench.table(data, path, SettingKeys)
    expiry = 2 * HOUR
    if "expires_after" in found:
        expiry = bench.duration(found["expires_after"], (*path, "expires_after"))
        if expiry > LONGEST_EXPIRY:
            bench.problem((*path, "expires_after"), "F218", "a question stays open for 24h at most")
            expiry = LONGEST_EXPIRY
    if "timezone" in found:
        check_zone(found["timezone"], (*path, "timezone"), bench)
    return Settings(
        timezone=found.get("timezone", ""),
        expires_after=expiry,
        keywords_interrupt=found.get("keywords_interrupt", True),
        attempts=_attempts(found["attempts"], bench, (*path, "attempts")) if "attempts" in found else None,
        **(_outreach(found["outreach"], bench, (*path, "outreach")) if "outreach" in found else {}),
    )


def _outreach(data: Any, bench: Workbench, path: Path) -> dict[str, Any]:
    """When the flow may write by itself, and how often at most."""
    found = bench.table(data, path, OutreachKeys)
    for name in ("per_day", "per_week"):
        if found.get(name, 0) > MOST_SENDS:
            bench.problem((*path, name), "F203", f"{name!r} should be a whole number up to {MOST_SENDS}")
    limits: dict[str, Any] = {name: min(found[name], MOST_SENDS) for name in ("per_day", "per_week") if name in found}
    hours = {"hours": window_of(found["hours"], (*path, "hours"), bench)} if "hours" in found else {}
    return {**limits, **hours}


def _attempts(data: Any, bench: Workbench, path: Path) -> Attempts | None:
    """Per day and month, or once for all; not both."""
    bench.step = "attempts"
    found = bench.table(data, path, AttemptKeys)
    limits = {name: found[name] for name in ("per_day", "per_month", "ever") if name in found}
    if isinstance(data, Mapping) and not {"per_day", "per_month", "ever"} & set(data):
        bench.problem(path, "F202", "no limit is set", hint="per_day, per_month or both; or ever")
    if "ever" in limits and len(limits) > 1:
        message = "`ever` does not go together with `per_day` and `per_month`"
        bench.problem((*path, "ever"), "F205", message, hint="what is counted for good is not counted by the day too")
    if limits.get("per_month", 0) and limits["per_month"] < limits.get("per_day", 0):
        bench.problem((*path, "per_day"), "F203", "no day can have more attempts than the month")
    say = bench.entry(found["say"], (*path, "say")) if "say" in found else ""
    return Attempts(**limits, say=say) if limits else None


def anytime_of(data: Any, bench: Workbench) -> tuple[Mapping[str, Anytime], Mapping[str, Target]]:
    """The words, and where those lead that lead somewhere, by trigger."""
    words: dict[str, Anytime] = {}
    targets: dict[str, Target] = {}
    if data is None:
        return words, targets
    if not isinstance(data, Mapping):
        bench.problem(("anytime",), "F203", "'anytime' should be words with what they do")
        return words, targets
    for word, item in data.items():
        path: Path = ("anytime", word)
        if not isinstance(item, Mapping) or not set(item) & {"say", "then"}:
            target: Target | None = bench.target(item, path)
            say = ""
        else:
            bench.row(item, path, (), ("say", "then"))
            bench.step = str(word)
            say = bench.entry(item["say"], (*path, "say")) if "say" in item else ""
            target = bench.target(item["then"], (*path, "then")) if "then" in item else None
        trigger = f"anytime:{word}" if target is not None else ""
        words[str(word)] = Anytime(word=str(word), say=say, trigger=trigger)
        if target is not None:
            targets[trigger] = target
    return words, targets


def in_short(data: Any) -> Any:
    """`retry: 2` and `retry: unlimited` say how often, and nothing else.

    >>> in_short("unlimited"), in_short({"say": "again"})
    ({'times': 'unlimited'}, {'say': 'again'})
    """
    return {"times": data} if data == "unlimited" or isinstance(data, int) else data


def retry_of(data: Any, path: Path, bench: Workbench, base: Mapping[str, Any] | None) -> tuple[Retry, Any]:
    """How often to ask again, and the raw way out (None when nobody names one)."""
    own = bench.table(in_short(data), path, RetryKeys) if data is not None else {}
    found = {**(base or {}), **own}
    shared: Path = ("defaults", "retry")
    times = found.get("times", 3)
    if times == "unlimited":
        times = -1
    elif not isinstance(times, int) or isinstance(times, bool) or times < 0:
        here = path if "times" in own else shared
        bench.problem((*here, "times"), "F203", "'times' should be a whole number or unlimited")
        times = 3
    here = path if "say" in own else shared
    say = bench.entry(found["say"], (*here, "say"), part="retry") if "say" in found else ""
    return Retry(times=times, say=say), found.get("then")
