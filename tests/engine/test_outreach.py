"""R142, R068, R073: waits, timeouts and templates to others pass the scheduler as re-engagements do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowbot.engine.schedule import Tier
from flowbot.model.effect import SendMessage
from flowbot.model.event import SendRequested, TimerFired
from flowbot.model.order import ContactEdited
from flowbot.model.outbound import Outbound
from flowbot.model.outreach import Outreach
from flowbot.model.project import Account
from flowbot.model.template import Filled, Template, Wording
from tests.engine.schedule import slow
from tests.engine.talk import Book, Talk, flow_of

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
OFFICE = 'settings: {outreach: {hours: {from: "08:00", to: "19:00"}}}'
VISIT = Template(name="visit_today", wordings={"en": Wording(language="en", body="Your visit is today.")})


def at(text: str, zone: str = "UTC") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def chat(
    steps: str, *, more: str = "", now: str = "2026-11-20T21:00", outreach: Outreach | None = None, content: Any = None
) -> Talk:
    flow = flow_of(f"flow: demo\nlanguages: [en]\nstart: {{keywords: [go]}}\n{more}\nsteps:\n{steps}", content)
    account = Account(name="acme", default_country="CO", outreach=outreach or Outreach())
    talking = Talk(Book(flow, account=account, templates=[VISIT]))
    talking.contact = replace(talking.contact, opted_in=("visits",))
    talking.now = at(now) - 1000
    talking.user("go")
    return talking


def told(talking: Talk, duration: str) -> list[tuple[str, str]]:
    """When and what was sent meanwhile."""
    start = len(talking.turns)
    moments: list[int] = []
    plain = talking.apply

    def noting(event: Any) -> Any:
        moments.append(talking.now)
        return plain(event)

    talking.apply = noting  # type: ignore[method-assign]
    talking.wait(duration)
    talking.apply = plain  # type: ignore[method-assign]
    return [
        (datetime.fromtimestamp(moment / 1000, ZoneInfo("UTC")).strftime("%a %H:%M"), one.text)
        for moment, turn in zip(moments, talking.turns[start:], strict=True)
        for one in talking.sent(turn)
    ]


LATER = "  a: {wait: {for: 2h}}\n  b: {say: Two hours., succeed: {}}"


def test_a_wait_that_is_over_at_night_goes_on_in_the_morning() -> None:
    talking = chat(LATER, more=OFFICE)
    assert told(talking, "2h") == []
    why = dict(talking.traces())["held"]
    assert why.startswith("due Fri 2026-11-20 23:00 (UTC); 23:00 is outside 08:00-19:00: moved to Sat 2026-11-21 08:00")
    assert told(talking, "1d") == [("Sat 08:00", "Two hours.")]
    assert talking.ended["outcome"] == "succeeded"


def test_without_hours_it_goes_at_its_time() -> None:
    assert told(chat(LATER), "1d") == [("Fri 23:00", "Two hours.")]


def test_who_writes_while_it_is_held_gets_it_then() -> None:
    talking = chat(LATER, more=OFFICE)
    told(talking, "3h")
    talking.user("hello?")
    assert talking.texts() == ["Two hours."] and not talking.session.parked


def test_an_event_does_not_wake_the_contact_at_night_either() -> None:
    talking = chat("  a: {wait: {event: paid}}\n  b: {say: Paid., succeed: {}}", more=OFFICE)
    told(talking, "1h")
    talking.happen("paid")
    assert talking.texts() == []
    assert told(talking, "1d") == [("Sat 08:00", "Paid.")]


def test_within_a_warm_conversation_nothing_is_held() -> None:
    talking = chat("  a: {wait: {for: 20m}}\n  b: {say: Twenty minutes., succeed: {}}", more=OFFICE)
    assert told(talking, "1d") == [("Fri 21:20", "Twenty minutes.")]


def test_what_says_nothing_is_not_held() -> None:
    talking = chat("  a: {wait: {for: 2h}}\n  b: {labels: {add: [old]}}\n  c: {fail: late}", more=OFFICE)
    talking.wait("2h")
    assert talking.ended["reason"] == "late" and talking.contact.labels == ("old",)


def test_a_timeout_is_held_and_the_expiry_with_it() -> None:
    """It would have expired at 23:00: what is still to be said comes first."""
    steps = (
        "  a: {ask: A?, timeout: [{after: 90m, say: Still there?}, {after: 100m, then: b}]}\n  b: {say: Bye., fail: x}"
    )
    talking = chat(steps, more=OFFICE)
    assert told(talking, "10h") == []
    assert told(talking, "1d") == [("Sat 08:00", "Still there?"), ("Sat 08:00", "Bye.")]
    assert talking.ended["reason"] == "x"


def test_a_timeout_that_only_ends_the_flow_is_not_held() -> None:
    talking = chat("  a: {ask: A?, timeout: {after: 90m, then: {fail: gave_up}}}\n  b: {succeed: {}}", more=OFFICE)
    talking.wait("90m")
    assert talking.ended["reason"] == "gave_up"


def test_no_more_than_the_account_allows_however_it_is_sent() -> None:
    steps = "  a: {wait: {for: 1h}, next: b}\n  b: {say: Again.}\n  c: {wait: {for: 1h}, next: b}"
    talking = chat(steps, now="2026-11-20T09:00", outreach=Outreach(per_day=2))
    assert told(talking, "26h") == [
        ("Fri 10:00", "Again."),
        ("Fri 11:00", "Again."),
        # the third of that day has to wait until the first is a day old, and there the window is closed
    ]
    assert len(talking.contact.sought) == 2
    talking.user("hi")
    assert talking.contact.sought[0] == at("2026-11-20T10:00")


def test_a_flow_allows_itself_less() -> None:
    steps = "  a: {wait: {for: 1h}}\n  b: {say: One.}\n  c: {wait: {for: 1h}}\n  d: {say: Two., succeed: {}}"
    once = "settings: {outreach: {per_day: 1}}"
    talking = chat(steps, more=once, now="2026-11-20T09:00")
    assert told(talking, "24h") == [("Fri 10:00", "One.")]
    assert "1 send in 1d is the most for one contact" in " ".join(text for _, text in talking.traces(talking.turns[-1]))


def test_outside_the_24_hours_its_template_goes_at_a_right_hour() -> None:
    words = {"en": {"today": {"text": "Today.", "outside": {"template": "visit_today"}}}}
    steps = "  a: {wait: {for: 26h}}\n  b: {say: [today, Plain.], succeed: {}}"
    talking = chat(steps, more=OFFICE, content=words)
    assert told(talking, "2d") == [("Sun 08:00", "Your visit is today.")]
    assert ("not_sent", "due Sun 2026-11-22 08:00") in [(what, text[:24]) for what, text in talking.traces()]


def test_who_has_opted_out_is_left_alone_and_the_process_goes_on() -> None:
    talking = chat(LATER)
    talking.change(opted_out=("all",))
    talking.wait("2h")
    assert ("not_sent", "opted_out") in talking.traces() and talking.ended["outcome"] == "succeeded"


def test_a_reengagement_keeps_to_the_accounts_quiet_hours_and_cap() -> None:
    quiet = Outreach(quiet=(("18:00", "10:00"),), per_day=1)
    more = "reengage: [{after: 2h, say: One?}, {after: 3h, say: Two?}]\nsettings: {expires_after: 20h}"
    talking = chat("  a: {ask: A?}\n  b: {succeed: {}}", more=more, now="2026-11-20T17:00", outreach=quiet)
    assert told(talking, "22h") == [("Sat 10:00", "One?")]
    skipped = next(text for turn in talking.turns for what, text in talking.traces(turn) if what == "reengage_skipped")
    assert "1 send in 1d is the most for one contact: moved to Sun" in skipped


def letter(nonce: str, *, flow: bool = True) -> SendRequested:
    filled = Filled(name="visit_today", language="en", category="utility")
    outbound = Outbound(kind="template", text="Your visit is today.", template=filled)
    return SendRequested(nonce=nonce, outbound=outbound, flow=flow, topic="visits")


NIGHT = Outreach(quiet=(("21:00", "07:00"),))


def test_a_template_of_anothers_flow_waits_for_the_recipients_morning() -> None:
    talking = chat("  a: {ask: A?}\n  b: {succeed: {}}", now="2026-11-20T23:00", outreach=NIGHT)
    session = talking.session
    talking.apply(letter("1"))
    assert talking.texts() == [] and talking.session.process == session.process
    talking.apply(letter("2", flow=False))  # a client's own order goes at once
    assert talking.texts() == ["Your visit is today."]
    assert told(talking, "1d") == [("Sat 07:00", "Your visit is today.")]
    assert talking.session.held == ()


def test_who_is_blocked_gets_no_template_of_anothers_flow() -> None:
    talking = chat("  a: {ask: A?}\n  b: {succeed: {}}", now="2026-11-20T12:00")
    talking.change(blocked=True)
    assert talking.sent(talking.apply(letter("1"))) == []


@pytest.mark.parametrize(
    ("consent", "agreed", "sent"),
    [
        ("strict", (), 0),
        ("strict", ("offers",), 0),
        ("strict", ("visits",), 1),
        ("strict", ("all",), 1),
        ("permissive", (), 1),
    ],
)
def test_a_template_of_anothers_flow_goes_to_who_opted_in(consent: str, agreed: tuple[str, ...], sent: int) -> None:
    """R086: where consent is strict, nobody else's flow speaks for the contact; and the claim looks again."""
    talking = chat("  a: {ask: A?}\n  b: {succeed: {}}", now="2026-11-20T12:00")
    talking.book.of = replace(talking.book.of, consent=consent)
    talking.change(opted_in=agreed)
    turn = talking.apply(letter("1"))
    assert len(talking.sent(turn)) == sent
    assert [one.unasked for one in turn.effects if isinstance(one, SendMessage)] == [consent == "strict"] * sent
    if not sent:
        assert dict(talking.traces())["not_sent"] == "the contact has not opted in"


def test_a_held_template_is_not_sent_to_who_opts_out_meanwhile() -> None:
    talking = chat("  a: {ask: A?}\n  b: {succeed: {}}", now="2026-11-20T23:00", outreach=NIGHT)
    talking.apply(letter("1"))
    held = talking.session.held[0]
    late = TimerFired(name="held", visit=held.visit + 7, due=held.at)
    assert talking.sent(talking.apply(late)) == []  # nobody's timer
    talking.change(opted_out=("visits",))
    assert told(talking, "1d") == []
    assert "opted out of visits" in dict(talking.traces())["not_sent"]


@pytest.mark.parametrize("zone", ["America/Bogota", "Europe/Madrid", "Asia/Kolkata", "Australia/Lord_Howe"])
@settings(max_examples=25, deadline=None)
@given(
    start=st.integers(at("2026-01-01") // MINUTE, at("2026-12-31") // MINUTE),
    minutes=st.integers(31, 4000),
    span=st.sampled_from([("08:00", "19:00"), ("13:00", "00:00"), ("22:15", "06:30"), ("02:10", "02:50")]),
    days=st.sampled_from(["mon-sun", "mon-fri", "sat-sun"]),
)
def test_a_wait_of_any_length_ends_when_the_slow_model_says(
    zone: str, start: int, minutes: int, span: tuple[str, str], days: str
) -> None:
    """R070: a year, four zones; the model looks at the wall clock every minute."""
    hours = f'{{from: "{span[0]}", to: "{span[1]}", days: [{days}]}}'
    flow = flow_of(
        f"flow: demo\nlanguages: [en]\nstart: {{keywords: [go]}}\n"
        f"settings: {{timezone: {zone}, outreach: {{hours: {hours}}}}}\n"
        f"steps:\n  a: {{wait: {{for: {minutes}m}}}}\n"
        "  b: {labels: {add: [x]}, say: Hi., succeed: {}}"
    )
    talking = Talk(Book(flow))
    talking.now = start * MINUTE - 1000
    talking.user("go")
    due = start * MINUTE + minutes * MINUTE
    first, _, last = days.partition("-")
    names = slow.DAYS[slow.DAYS.index(first) : slow.DAYS.index(last) + 1]
    expected = slow.opening(due, due + 9 * DAY, zone, {day: [span] for day in names})
    assert expected is not None
    talking.wait(f"{(expected - talking.now) // MINUTE - 1}m")
    assert talking.contact.labels == ()
    talking.wait("1m")
    assert talking.contact.labels == ("x",)


FULL = Tier(left=0, frees_at=at("2026-11-23T09:30"))


def test_the_providers_tier_holds_a_wait_that_would_open_a_conversation() -> None:
    words = {"en": {"today": {"text": "Today.", "outside": {"template": "visit_today"}}}}
    steps = "  a: {wait: {for: 26h}}\n  b: {say: today, succeed: {}}"
    talking = chat(steps, more=OFFICE, content=words)
    talking.tier = FULL
    assert told(talking, "2d") == []
    assert "limit of new conversations is used up: moved to Mon 2026-11-23 09:30" in dict(talking.traces())["held"]
    talking.tier = Tier(left=1, frees_at=0)
    assert told(talking, "1d") == [("Mon 09:30", "Your visit is today.")]


def test_the_tier_holds_nothing_inside_the_window_and_no_plain_text() -> None:
    talking = chat(LATER, now="2026-11-20T09:00")
    talking.tier = FULL
    assert told(talking, "2h") == [("Fri 11:00", "Two hours.")]


def test_the_tier_holds_a_template_to_another() -> None:
    talking = chat("  a: {ask: A?}\n  b: {succeed: {}}", now="2026-11-20T09:00")
    talking.tier = FULL
    talking.apply(letter("1"))
    assert talking.texts() == ["Your visit is today."], "who wrote a moment ago costs nothing"
    talking.now += 2 * DAY
    talking.apply(letter("2"))
    assert talking.texts() == []
    talking.tier = None
    assert told(talking, "2d") == [("Mon 09:30", "Your visit is today.")]


@pytest.mark.parametrize(
    ("rule", "moment"),
    [
        (Outreach(quiet=(("21:00", "07:00"),)), "Sat 07:00"),
        (Outreach(quiet=(("12:00", "13:00"), ("22:30", "09:15"))), "Sat 09:15"),
        (Outreach(hours={"mon": (("10:00", "12:00"),)}), "Mon 10:00"),
        (Outreach(office=True), "Sat 08:00"),  # an account that names no hours: every day from 8
        (Outreach(per_week=50), "Fri 23:00"),
    ],
)
def test_each_way_to_write_an_accounts_hours(rule: Outreach, moment: str) -> None:
    words = {"en": {"b": {"text": "Two hours.", "outside": {"template": "visit_today"}}}}
    talking = chat("  a: {wait: {for: 2h}}\n  b: {say: b, succeed: {}}", outreach=rule, content=words)
    ((when, _),) = told(talking, "5d")
    assert when == moment


def test_a_broadcast_counts_among_what_the_business_sends() -> None:
    talking = chat(LATER, now="2026-11-20T09:00", outreach=Outreach(per_day=1))
    talking.apply(ContactEdited(nonce="bc1:c1", sought=talking.now + HOUR))
    assert talking.contact.sought == (at("2026-11-20T10:00"),)
    assert told(talking, "1d") == []
    talking.user("hello")
    assert talking.texts() == ["Two hours."], "a warm conversation is not held"
