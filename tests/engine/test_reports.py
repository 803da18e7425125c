"""What a provider says of a contact, and what the contact's own word counts against it."""

from __future__ import annotations

import pytest

from flowbot.model.effect import EmitHook, MarkUnreachable, RecordConsent
from flowbot.model.event import ContactReported
from flowbot.model.order import ConsentGiven, ContactEdited
from flowbot.model.template import Template, Wording
from tests.engine.talk import NOW, Book, Talk, flow_of

FLOW = """
    flow: demo
    languages: [en]
    start: {api: true, keywords: [hello]}
    steps:
      later: {wait: {for: 2h}}
      news: {template: news, next: done}
      done: {succeed: {}}
"""
NEWS = Template(name="news", category="marketing", topic="offers", wordings={"en": Wording(language="en", body="News")})
ORDERS = Template(name="news", topic="orders", wordings={"en": Wording(language="en", body="News")})


def begun(template: Template = NEWS) -> Talk:
    return Talk(Book(flow_of(FLOW), templates=[template]))


def report(found: Talk, what: str, n: int = 1, **more: object) -> None:
    found.apply(ContactReported(nonce=f"{what}{n}", what=what, **more))


def hooks(found: Talk) -> list[str]:
    return [one.type for one in found.last.effects if isinstance(one, EmitHook)]


def ledger(found: Talk) -> list[tuple[str, str, str]]:
    return [(one.topic, one.change, one.method) for one in found.last.effects if isinstance(one, RecordConsent)]


def marks(found: Talk) -> list[bool]:
    return [one.on for one in found.last.effects if isinstance(one, MarkUnreachable)]


def test_who_is_not_on_whatsapp_is_marked_once_and_cleared_by_writing() -> None:
    """R089: not tried again; a message from the contact shows that it is there."""
    found = begun()
    report(found, "unreachable", code="1002")
    assert (found.contact.unreachable, found.contact.unreachable_at) == ("1002", NOW)
    assert marks(found) == [True] and hooks(found) == ["contact.unreachable"]
    assert found.hooks[0].data["code"] == "1002"
    report(found, "unreachable", 2, code="1002")
    assert marks(found) == [] and hooks(found) == []
    found.user("hello")
    assert found.contact.unreachable == "" and marks(found) == [False]
    assert hooks(found)[0] == "contact.reachable"


def test_what_the_business_starts_is_not_sent_to_who_is_not_there() -> None:
    """R089"""
    found = begun()
    report(found, "unreachable", code="1002")
    found.api()
    assert found.ended["reason"] == "unreachable" and found.sent() == []


def test_a_step_that_waited_does_not_write_to_who_is_not_there() -> None:
    """R089"""
    found = begun()
    found.api()
    report(found, "unreachable", code="1002")
    found.wait("3h")
    assert found.sent() == [] and ("template_refused", "the provider says that nobody is there") in found.traces()


def test_who_wrote_within_a_day_is_there_whatever_the_provider_says() -> None:
    found = begun()
    found.user("hello")
    found.wait("23h")
    report(found, "unreachable", code="131026")
    assert found.contact.unreachable == ""
    found.wait("2h")
    report(found, "unreachable", 2, code="131026", at=found.now - 2 * 3_600_000)
    assert found.contact.unreachable == "", "that was said before the day was over"
    report(found, "unreachable", 3, code="131026")
    assert found.contact.unreachable == "131026"


def test_the_client_may_have_it_tried_again() -> None:
    found = begun()
    report(found, "unreachable", code="1002")
    found.apply(ContactEdited(nonce="e", reachable=True, by="t"))
    assert found.contact.unreachable == "" and marks(found) == [False] and hooks(found) == ["contact.reachable"]
    found.apply(ContactEdited(nonce="f", reachable=True, by="t"))
    assert marks(found) == [] and hooks(found) == []


def test_consent_that_the_provider_was_told_stands_in_the_ledger() -> None:
    """R090: with its method and proof; R086."""
    found = begun()
    report(found, "stopped", code="63014")
    assert found.contact.opted_out == ("all",) == found.contact.stopped
    assert ledger(found) == [("all", "out", "provider")] and hooks(found) == ["contact.opted_out"]
    report(found, "stopped", 2)
    assert ledger(found) == [] and hooks(found) == []
    report(found, "resumed")
    assert found.contact.opted_out == () == found.contact.stopped and found.contact.opted_in == ("all",)
    assert ledger(found) == [("all", "in", "provider")] and hooks(found) == ["contact.opted_in"]


@pytest.mark.parametrize("topic", ["all", "offers"])
def test_what_the_contact_took_back_itself_no_provider_gives_again(topic: str) -> None:
    """R087: Gupshup calls everyone opted in who writes, or whom we told it of."""
    found = begun()
    found.apply(ConsentGiven(nonce="1", topic=topic, change="out", method="word"))
    report(found, "resumed")
    assert found.contact.opted_out == (topic,) and ledger(found) == [] and hooks(found) == []


def test_who_says_stop_here_as_well_has_said_it_itself() -> None:
    found = begun()
    report(found, "stopped", code="63014")
    found.apply(ConsentGiven(nonce="1", topic="all", change="out", method="word"))
    assert found.contact.opted_out == ("all",) and found.contact.stopped == ()
    report(found, "resumed")
    assert found.contact.opted_out == ("all",)


def test_no_marketing_is_no_marketing_whatever_its_topic() -> None:
    """Meta's "stop" says nothing of what is useful; what is sold under another topic stays away too."""
    for template, count in ((NEWS, 0), (ORDERS, 1)):
        found = begun(template)
        report(found, "stopped", topic="marketing")
        found.api()
        found.wait("3h")
        assert sum(len(found.sent(turn)) for turn in found.turns) == count
    assert NEWS.is_out(("all",)) and NEWS.is_out(("offers",)) and not NEWS.is_out(("orders",))
