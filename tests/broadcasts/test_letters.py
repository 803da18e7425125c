"""What holds a broadcast back, and what fails for one recipient alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowbot.broadcasts.letters import Letters
from flowbot.engine.templates import Templates
from flowbot.model.broadcast import Broadcast, Recipient
from flowbot.model.contact import Contact
from flowbot.model.outreach import Outreach
from flowbot.model.project import Account
from flowbot.model.template import Approval, Template, Wording

ONE = Broadcast(id="bc1", account="acme", channel="main", template="notice", params={"name": "you"}, topic="offers")
WORDS = {"en": Wording(language="en", body="Hi {{ name }}."), "es": Wording(language="es", body="Hola {{ name }}.")}
ANA = Contact(id="c1", account="acme", number="573001112233", language="es", opted_in=("offers",))


class Book(Templates):
    """One template, and what its provider says of it in each language."""

    def __init__(self, **status: str) -> None:
        self.status = status

    def template(self, name: str, account: str = "") -> Template:
        return Template(name=name, wordings=WORDS)

    def approval(self, account: str, channel: str, name: str, language: str) -> Approval | None:
        return Approval(name=name, language=language, status=self.status.get(language, "APPROVED"))


def letters(**status: str) -> Letters:
    return Letters(ONE, Account(name="acme", languages=("en",)), Book(**status), until=1000)


def test_a_paused_template_holds_the_rest_back_until_it_is_too_old() -> None:
    assert letters(en="PAUSED").paused(999) and not letters(en="PAUSED").paused(1000)
    assert not letters(en="REJECTED").paused(1) and not letters().paused(1)


CASES: dict[str, tuple[dict[str, str], Contact | None, str, str]] = {
    "in the contact's own language": ({}, ANA, "", "Hola you."),
    "in no language that is approved": ({"es": "REJECTED"}, ANA, "template_not_approved", ""),
    "somebody unknown who never agreed": ({}, None, "not_opted_in", ""),
    "blocked": ({}, Contact(id="c1", account="acme", number="5", blocked=True), "blocked", ""),
    "without a number": ({}, Contact(id="c1", account="acme", opted_in=("all",)), "no_number", ""),
    "of another topic": ({}, Contact(id="c1", account="acme", number="5", opted_in=("orders",)), "not_opted_in", ""),
}


@pytest.mark.parametrize(("status", "contact", "code", "text"), CASES.values(), ids=CASES)
def test_what_becomes_of_one(status: dict[str, str], contact: Contact | None, code: str, text: str) -> None:
    """R106, R107: what lasts is told at once, and for this one alone."""
    recipient = Recipient(contact_id="c1", to="" if contact else "573001112233")
    made = letters(**status).write(recipient, contact, 3, 5)
    assert (made.code, made.entry.outbound.text, made.entry.id) == (code, text, "ms_3_bc1.c1")
    assert (made.entry.lane, made.entry.policy, made.entry.expires_at) == ("b", "fail", 1000)


NIGHT, HOUR, DAY = 1_795_219_200_000, 3_600_000, 86_400_000  # midnight, UTC


@pytest.mark.parametrize(
    ("outreach", "zone", "sought", "later"),
    [
        (Outreach(), "", (), 0),
        (Outreach(quiet=(("21:00", "07:00"),)), "", (), 7 * HOUR),
        (Outreach(quiet=(("21:00", "07:00"),)), "Asia/Kolkata", (), HOUR + HOUR // 2),  # half past five there
        (Outreach(quiet=(("21:00", "07:00"),)), "Asia/Tokyo", (), 0),
        (Outreach(per_day=2), "", (NIGHT - 20 * HOUR, NIGHT - HOUR), 4 * HOUR),
        (Outreach(per_day=3), "", (NIGHT - 20 * HOUR, NIGHT - HOUR), 0),
    ],
)
def test_it_leaves_in_the_contacts_hours_and_not_too_often(
    outreach: Outreach, zone: str, sought: tuple[int, ...], later: int
) -> None:
    """R142: a broadcast passes the one scheduler, by the account's hours and limits."""
    account = Account(name="acme", languages=("en",), outreach=outreach)
    found = Letters(ONE, account, Book(), until=NIGHT + DAY)
    person = replace(ANA, timezone=zone, sought=sought)
    made = found.write(Recipient(contact_id="c1"), person, 3, NIGHT)
    assert (made.code, made.start) == ("", NIGHT + later if later else 0)
    assert found.counted is bool(outreach.per_day)


def test_it_waits_for_its_place_in_the_providers_tier_and_then_for_the_hours() -> None:
    quiet = Account(name="acme", languages=("en",), outreach=Outreach(quiet=(("21:00", "07:00"),)))
    found = Letters(ONE, quiet, Book(), until=NIGHT + 9 * DAY)
    assert found.write(Recipient(contact_id="c1"), ANA, 3, NIGHT, NIGHT + 9 * HOUR).start == NIGHT + 9 * HOUR
    assert found.write(Recipient(contact_id="c1"), ANA, 3, NIGHT, NIGHT + 22 * HOUR).start == NIGHT + 31 * HOUR


def test_hours_that_never_open_fail_for_this_one() -> None:
    account = Account(name="acme", languages=("en",), outreach=Outreach(quiet=(("00:00", "00:00"),)))
    made = Letters(ONE, account, Book(), until=NIGHT + DAY).write(Recipient(contact_id="c1"), ANA, 3, NIGHT)
    assert made.code == "no_hour"
