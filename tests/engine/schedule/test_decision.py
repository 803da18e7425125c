"""R068, R073, R080, R142, R151: when a send of the business goes, as what, and why."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbot.engine.schedule import EVERY_DAY, Cap, Decision, Hours, Recipient, Send, Tier, decide, office_hours, span
from flowbot.engine.schedule.opening import is_open

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
BOGOTA = ZoneInfo("America/Bogota")
DAILY = Hours(spans=dict.fromkeys(range(7), EVERY_DAY), zone=BOGOTA)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=BOGOTA).timestamp() * 1000)


WROTE = at("2026-11-20T18:40")
ANA = Recipient(zone=BOGOTA, last_inbound_at=WROTE)


def nudge(earliest: int, **facts: object) -> Send:
    return Send(kind="reengage", earliest=earliest, **facts)  # type: ignore[arg-type]


def test_inside_the_hours_it_goes_at_once() -> None:
    found = decide(nudge(WROTE + 10 * MINUTE), ANA, hours=[DAILY])
    assert (found.at, found.as_what) == (WROTE + 10 * MINUTE, "text")
    assert found.why == (
        "due Fri 2026-11-20 18:50 (America/Bogota)",
        "the 24-hour window is open until Sat 2026-11-21 18:40",
    )


def test_outside_it_moves_to_the_next_start() -> None:
    """R068."""
    found = decide(nudge(WROTE + 2 * HOUR), ANA, hours=[DAILY])
    assert (found.at, found.as_what) == (at("2026-11-21T08:00"), "text")
    assert found.why[1] == "20:40 is outside 08:00-19:00: moved to Sat 2026-11-21 08:00"


def test_moved_out_of_the_24_hours_it_is_a_template_or_nothing() -> None:
    """R073, R080: the last message is 24 h old to the millisecond."""
    monday = [Hours(spans={0: EVERY_DAY}, zone=BOGOTA)]
    found = decide(nudge(WROTE + 2 * HOUR, template="come_back"), ANA, hours=monday)
    assert (found.at, found.as_what) == (at("2026-11-23T08:00"), "template")
    found = decide(nudge(WROTE + 2 * HOUR), ANA, hours=monday)
    assert found.skipped and "there is no template: not sent" in found.why[-1]
    assert decide(nudge(WROTE + DAY - 1), ANA).as_what == "text"
    assert decide(nudge(WROTE + DAY), ANA).skipped
    assert (
        decide(nudge(WROTE), Recipient(zone=BOGOTA)).why[1] == "the 24-hour window is closed: the contact never wrote"
    )


def test_before_the_window_closes_when_the_send_asks_for_it() -> None:
    """R151."""
    wrote = at("2026-11-21T01:00")  # 20 h later it is 21:00, and at eight the window has closed
    person = Recipient(zone=BOGOTA, last_inbound_at=wrote)
    found = decide(nudge(wrote + 20 * HOUR, early=True), person, hours=[DAILY], now=wrote)
    assert (found.at, found.as_what) == (at("2026-11-21T18:59"), "text")
    assert decide(nudge(wrote + 20 * HOUR), person, hours=[DAILY]).skipped
    late = decide(nudge(wrote + 20 * HOUR, early=True), person, hours=[DAILY], now=at("2026-11-21T19:30"))
    assert late.skipped


def test_an_opt_out_counts_for_its_topic_or_for_all() -> None:
    for out, topic, skipped in ((("all",), "", True), (("news",), "news", True), (("news",), "visits", False)):
        person = Recipient(last_inbound_at=WROTE, opted_out=out)
        assert decide(nudge(WROTE + 1, topic=topic), person).skipped is skipped


def test_late_it_goes_when_it_can_unless_it_is_worth_nothing() -> None:
    reminder = Send(kind="rule", earliest=WROTE, text=False, template="visit", max_age=DAY)
    found = decide(reminder, ANA, now=WROTE + 3 * HOUR, hours=[DAILY])
    assert (found.at, found.as_what) == (at("2026-11-21T08:00"), "template")
    assert found.why[0].endswith("3h late")
    assert decide(reminder, ANA, now=WROTE + DAY + 1, hours=[DAILY]).skipped


def test_no_more_than_the_cap_allows() -> None:
    person = Recipient(zone=BOGOTA, last_inbound_at=WROTE, sent_at=(WROTE - 20 * HOUR, WROTE - HOUR))
    found = decide(nudge(WROTE + HOUR), person, caps=[Cap(count=2, period=DAY)], hours=[DAILY])
    assert found.at == at("2026-11-21T08:00")
    assert "moved to Fri 2026-11-20 22:40" in found.why[1]
    assert decide(nudge(WROTE + HOUR), person, caps=[Cap(count=3, period=DAY)]).at == WROTE + HOUR


def test_the_providers_tier_holds_only_what_opens_a_conversation() -> None:
    full = Tier(left=0, frees_at=at("2026-11-22T21:00"))
    later = Send(kind="broadcast", earliest=WROTE + 2 * DAY, template="news")
    assert decide(later, ANA, tier=full, hours=[DAILY]).at == at("2026-11-23T08:00")
    assert decide(later, ANA, tier=Tier(left=1, frees_at=0), hours=[DAILY]).at == WROTE + 2 * DAY
    assert decide(nudge(WROTE + 5), ANA, tier=full).at == WROTE + 5


def test_quiet_hours_and_another_zone_are_told() -> None:
    office = Hours(spans={5: ((9 * 60, 13 * 60),)}, zone=ZoneInfo("Europe/Madrid"))
    night = Hours(spans=dict.fromkeys(range(7), (span("21:00", "07:00"),)), zone=BOGOTA, quiet=True)
    found = decide(nudge(WROTE), ANA, hours=[office, night])
    assert (
        found.why[-1]
        == "sat 09:00-13:00 (Europe/Madrid) and all but 21:00-07:00 has no open hour within a year: not sent"
    )
    assert not decide(nudge(WROTE), ANA, hours=[night]).why[1].count("moved")


def test_holidays_of_a_country() -> None:
    """R078: several intervals a day, and none on a holiday."""
    office = {day: (("08:00", "12:00"), ("13:00", "18:00")) for day in ("mon", "tue", "wed", "thu", "fri")}
    hours = office_hours({**office, "holidays": "CO"}, BOGOTA)
    eve = at("2026-12-07T18:30")  # a Monday; the 8th is the Immaculate Conception
    found = decide(nudge(eve), Recipient(zone=BOGOTA, last_inbound_at=eve), hours=[hours])
    assert found.at == at("2026-12-09T08:00")
    noon = at("2026-12-09T12:10")
    assert decide(nudge(noon), Recipient(last_inbound_at=noon), hours=[hours]).at == at("2026-12-09T13:00")
    on_it = decide(nudge(eve + DAY), Recipient(zone=BOGOTA, last_inbound_at=eve + DAY), hours=[hours])
    assert "(Immaculate Conception)" in on_it.why[1]
    assert office_hours({"mon": (("08:00", "24:00"),), "holidays": "XX"}, BOGOTA).spans == {0: ((480, 1440),)}
    assert str(office_hours({}, BOGOTA)) == "08:00-19:00"


kinds = st.sampled_from(["", "come_back"])
moments = st.integers(WROTE - 3 * DAY, WROTE + 9 * DAY)


@given(
    earliest=moments,
    now=moments,
    inbound=st.just(0) | moments,
    template=kinds,
    text=st.booleans(),
    early=st.booleans(),
    sent=st.lists(moments, max_size=4),
    count=st.integers(1, 3),
    age=st.sampled_from([0, HOUR, DAY]),
    left=st.integers(0, 1),
    frees=moments,
)
def test_whatever_happens_these_hold(
    earliest: int,
    now: int,
    inbound: int,
    template: str,
    text: bool,
    early: bool,
    sent: list[int],
    count: int,
    age: int,
    left: int,
    frees: int,
) -> None:
    send = nudge(earliest, template=template, text=text, early=early, max_age=age)
    person = Recipient(zone=BOGOTA, last_inbound_at=inbound, sent_at=tuple(sent))
    cap, tier = Cap(count=count, period=DAY), Tier(left=left, frees_at=frees)
    found: Decision = decide(send, person, now=now, hours=[DAILY], caps=[cap], tier=tier)
    assert found.why
    if found.skipped:
        assert found.why[-1].endswith("not sent")
        return
    assert is_open(found.at, [DAILY]) and found.at >= now
    assert found.at >= earliest or early
    inside = bool(inbound) and found.at < inbound + DAY
    assert found.as_what == ("text" if inside and text else "template")
    assert not age or found.at <= earliest + age
    if found.at >= earliest:
        assert sum(found.at - DAY < one <= max(sent, default=0) for one in sent) < count
    if found.as_what == "template" and not inside:
        assert left or found.at >= frees


@pytest.mark.parametrize("kind", ["reengage", "reminder", "wait", "rule", "broadcast"])
def test_every_kind_passes_it(kind: str) -> None:
    assert decide(Send(kind=kind, earliest=WROTE), ANA).as_what == "text"
