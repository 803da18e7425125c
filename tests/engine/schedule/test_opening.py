"""R068, R069, R070, R078: the windows, against a model that looks at the wall clock minute by minute."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowbot.engine.schedule import Hours, last_open, opening, span
from flowbot.engine.schedule.zone import changes, instant, instants, wall
from tests.engine.schedule import slow

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
# A year in which the zone's clock is put forward and back, where it ever is.
ZONES = {
    "America/Bogota": 2026,
    "America/Sao_Paulo": 2018,  # its days began at 01:00 when the clock was put forward
    "Europe/Madrid": 2026,
    "Asia/Kolkata": 2026,
    "Australia/Lord_Howe": 2026,  # half an hour
}
WEEKS: dict[str, slow.Week] = {
    "every day": {day: [("08:00", "19:00")] for day in slow.DAYS},
    "office": {**{day: [("08:00", "12:00"), ("13:00", "18:00")] for day in slow.DAYS[:5]}, "sat": [("09:00", "13:00")]},
    "wraps": {day: [("13:00", "00:00")] for day in slow.DAYS},
    "nights": {"fri": [("22:00", "03:00")], "sat": [("20:30", "02:15")], "sun": [("01:30", "02:30")]},
    "in the gap": {day: [("02:00", "02:20"), ("00:10", "00:50")] for day in slow.DAYS},
}

times = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 59]))
weeks = st.dictionaries(
    st.sampled_from(slow.DAYS), st.lists(st.tuples(times, times), min_size=1, max_size=3), max_size=7
)


def ms(text: str, zone: str = "UTC") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def clock(text: str) -> datetime:
    """What a clock on a wall shows: it names no zone."""
    return datetime.fromisoformat(text)


def hours(week: slow.Week, zone: str, *, closed: frozenset[date] = frozenset(), quiet: bool = False) -> Hours:
    spans = {slow.DAYS.index(day): tuple(span(*pair) for pair in pairs) for day, pairs in week.items()}
    return Hours(spans=spans, zone=ZoneInfo(zone), holidays=dict.fromkeys(closed, "closed"), quiet=quiet)


def moments(zone: str) -> st.SearchStrategy[int]:
    """Of the zone's year; every other one in a day around a change of its clock."""
    start = ms(f"{ZONES[zone]}-01-01")
    edges = turns(zone)
    anywhere = st.integers(start, start + 365 * DAY)
    if not edges:
        return anywhere
    return anywhere | st.builds(lambda edge, by: edge + by, st.sampled_from(edges), st.integers(-DAY, DAY))


def turns(zone: str) -> list[int]:
    start = ms(f"{ZONES[zone]}-01-01")
    return [at for day in range(365) for at in changes(ZoneInfo(zone), start + day * DAY, start + (day + 1) * DAY)]


def test_the_years_have_their_changes() -> None:
    assert {zone: len(turns(zone)) for zone in ZONES} == {
        "America/Bogota": 0,
        "America/Sao_Paulo": 2,
        "Europe/Madrid": 2,
        "Asia/Kolkata": 0,
        "Australia/Lord_Howe": 2,
    }


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_it_opens_when_the_wall_clock_says_so(zone: str, data: st.DataObject) -> None:
    week = data.draw(st.sampled_from(list(WEEKS.values())) | weeks)
    at = data.draw(moments(zone))
    closed = frozenset(
        slow.shown(at, zone).date() + timedelta(days=days)
        for days in data.draw(st.sets(st.integers(-1, 2), max_size=2))
    )
    found = opening(at, [hours(week, zone, closed=closed)])
    until = min(found if found is not None else at + 9 * DAY, at + 3 * DAY)
    expected = slow.opening(at, until, zone, week, closed)
    assert found == expected if expected is not None or (found or 0) <= until else found is None or found > until


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_several_hours_have_to_be_open_at_once(zone: str, data: st.DataObject) -> None:
    """Business hours of one zone, and the quiet hours of a contact in another."""
    other = data.draw(st.sampled_from(list(ZONES)))
    office, night = data.draw(weeks), data.draw(weeks)
    at = data.draw(moments(zone))
    found = opening(at, [hours(office, zone), hours(night, other, quiet=True)])
    last = min(found if found is not None else at + DAY, at + DAY)
    for minute in itertools.chain([at], range(at - at % MINUTE + MINUTE, last, MINUTE)):
        if minute != found:
            assert not slow.is_open(minute, zone, office) or slow.is_open(minute, other, night)
    if found is not None:
        assert slow.is_open(found, zone, office) and not slow.is_open(found, other, night)


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_the_last_open_minute(zone: str, data: st.DataObject) -> None:
    week = data.draw(weeks)
    start = data.draw(moments(zone))
    end = start + data.draw(st.integers(0, DAY))
    minutes = [start, *range(start - start % MINUTE + MINUTE, end, MINUTE)]
    expected = next((at for at in reversed(minutes) if at < end and slow.is_open(at, zone, week)), None)
    assert last_open(start, end, [hours(week, zone)]) == expected


@pytest.mark.long
@pytest.mark.parametrize("name", WEEKS)
@pytest.mark.parametrize("zone", ZONES)
def test_every_minute_of_a_year(zone: str, name: str) -> None:
    """Open or closed at each minute; the next opening at each near a change of the clock, else at every 17th."""
    week, start = WEEKS[name], ms(f"{ZONES[zone]}-01-01")
    one, changed = hours(week, zone), turns(zone)
    following: int | None = None
    for at in range(start + 366 * DAY, start, -MINUTE):
        now_open = slow.is_open(at, zone, week)
        assert one.open(wall(at, one.zone)) == now_open, slow.shown(at, zone)
        if now_open:
            following = at
        near = any(abs(at - edge) < 3 * HOUR for edge in changed) or at // MINUTE % 17 == 0
        if near and following is not None:
            assert opening(at, [one]) == following, slow.shown(at, zone)


# -- what is easy to get wrong, by hand


def test_a_window_that_wraps_midnight_holds_both_edges() -> None:
    """R069: 13:00Z-00:00Z."""
    window = [hours(WEEKS["wraps"], "UTC")]
    noon = ms("2026-11-20T12:59:59")
    assert opening(noon, window) == noon + 1000
    assert opening(ms("2026-11-20T13:00"), window) == ms("2026-11-20T13:00")
    assert opening(ms("2026-11-20T23:59:59"), window) == ms("2026-11-20T23:59:59")
    assert opening(ms("2026-11-21T00:00"), window) == ms("2026-11-21T13:00")


def test_a_span_past_midnight_belongs_to_the_day_it_starts() -> None:
    friday = [hours({"fri": [("22:00", "02:00")]}, "America/Bogota")]
    one = ms("2026-11-21T01:00", "America/Bogota")  # Saturday
    assert opening(one, friday) == one
    assert opening(one + HOUR, friday) == ms("2026-11-27T22:00", "America/Bogota")
    holiday = [hours({"fri": [("22:00", "02:00")]}, "America/Bogota", closed=frozenset({date(2026, 11, 20)}))]
    assert opening(one, holiday) == ms("2026-11-27T22:00", "America/Bogota")
    saturday_off = [hours({"fri": [("22:00", "02:00")]}, "America/Bogota", closed=frozenset({date(2026, 11, 21)}))]
    assert opening(one, saturday_off) == one


def test_daylight_saving() -> None:
    """R070: eight is eight by the clock there, however far from UTC."""
    morning = [hours(WEEKS["every day"], "Europe/Madrid")]
    night = ms("2026-03-28T23:00", "Europe/Madrid")
    assert opening(night, morning) - night == 8 * HOUR  # 02:00 to 03:00 never was
    night = ms("2026-10-24T23:00", "Europe/Madrid")
    assert opening(night, morning) - night == 10 * HOUR
    inside = [hours({"sun": [("02:00", "03:00")]}, "Europe/Madrid")]
    assert opening(ms("2026-03-28T12:00"), inside) == ms("2026-04-05T02:00", "Europe/Madrid")
    half = [hours({"sun": [("02:00", "04:00")]}, "Europe/Madrid")]
    assert opening(ms("2026-03-28T12:00"), half) == ms("2026-03-29T03:00", "Europe/Madrid")


def test_a_gap_gives_the_next_minute_and_a_fold_the_first() -> None:
    madrid, howe = ZoneInfo("Europe/Madrid"), ZoneInfo("Australia/Lord_Howe")
    assert wall(instant(clock("2026-03-29T02:30"), madrid), madrid) == clock("2026-03-29T03:00")
    assert wall(instant(clock("2026-10-04T02:10"), howe), howe) == clock("2026-10-04T02:30")
    twice = instants(clock("2026-10-25T02:30"), madrid)
    assert twice == (ms("2026-10-25T00:30"), ms("2026-10-25T01:30"))
    assert instant(clock("2026-10-25T02:30"), madrid) == twice[0]
    assert instants(clock("2026-03-29T02:30"), madrid) == ()


@settings(max_examples=200)
@given(zone=st.sampled_from(list(ZONES)), data=st.data())
def test_a_wall_clock_is_read_back(zone: str, data: st.DataObject) -> None:
    at = data.draw(moments(zone)) // 1000 * 1000
    shown = wall(at, ZoneInfo(zone))
    assert shown == slow.shown(at, zone).replace(tzinfo=None, fold=0)
    assert at in instants(shown, ZoneInfo(zone))
    assert instant(shown, ZoneInfo(zone)) == min(instants(shown, ZoneInfo(zone)))


def test_what_never_opens() -> None:
    always = {day: [("00:00", "24:00")] for day in slow.DAYS}
    assert opening(0, [hours({}, "UTC")]) is None
    assert opening(0, [hours(always, "UTC", quiet=True)]) is None
    assert opening(5, [hours(always, "UTC")]) == 5
    assert last_open(0, DAY, [hours({}, "UTC")]) is None


@example(start=ms("2026-10-25T00:59:30"))
@settings(max_examples=20)
@given(start=st.integers(0, 4_000_000_000_000))
def test_a_moment_that_is_open_stays(start: int) -> None:
    every = {day: [("00:00", "12:00"), ("12:00", "24:00")] for day in slow.DAYS}
    assert opening(start, [hours(every, "Europe/Madrid")]) == start
    assert datetime.fromtimestamp(start / 1000, UTC)
