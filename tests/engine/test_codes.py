"""One-time codes as a turn asks for them: bound, addressed and worded here; no session, trace or hook holds one."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from flowbot.model import codec
from flowbot.model.code import MARK, fill
from flowbot.model.contact import Identity
from flowbot.model.effect import SendMessage
from flowbot.model.event import MessageRefused
from flowbot.model.outbound import Outbound
from flowbot.model.project import Account, CodeRules
from flowbot.model.template import Button, Template, Wording
from tests.engine.talk import Book, Talk, flow_of

FLOW = """
languages: [en, es]
start: {keywords: [go]}
inputs: {to: {default: ""}}
steps:
  code: {verify: otp, with: {channel: CHANNEL, to: "{{ inputs.to }}"}, next: {error: sorry}}
  done: {succeed: {}}
  sorry: {say: "{{ code.reason }}", fail: sorry}
"""
RULES = CodeRules(template="login_code", sms="texter.send", email="mailer.send", countries=("CO", "MX"))


LOGIN = Template(
    name="login_code",
    category="authentication",
    wordings={
        lang: Wording(
            language=lang,
            body="*{{ code }}* " + word,
            buttons=(Button(kind="copy_code", text="Copy", value="{{ code }}"),),
        )
        for lang, word in (("en", "is your code"), ("es", "es tu código"))
    },
)


def asking(channel: str = "whatsapp", rules: CodeRules = RULES, **contact: str) -> Talk:
    account = Account(name="acme", default_country="CO", codes=rules)
    found = Talk(Book(flow_of(FLOW.replace("CHANNEL", channel)), account=account))
    found.book.templates["login_code"] = LOGIN
    found.change(**contact)
    return found


def body(found: Talk) -> dict:
    (call,) = found.calls.values()
    assert call.kind == "code.issue"
    return dict(call.body)


def test_an_authentication_template_carries_the_code_twice() -> None:
    found = asking()
    found.user("go")
    asked = body(found)
    assert (asked["to"], asked["length"], asked["valid_for"], asked["attempts"]) == ("573001112233", 6, 600_000, 5)
    assert asked["bound"][:3] == ["acme", "main", "c1"] and asked["bound"][-2:] == ["demo", "code"]
    outbound = asked["outbound"]
    assert outbound["kind"] == "template" and outbound["template"]["name"] == "login_code"
    sent = codec.from_plain(Outbound, fill(outbound, "123456"))
    assert sent.text == "*123456* is your code"
    assert [one.value for one in sent.template.body] == ["123456"]
    assert [one.value for one in sent.template.buttons] == ["123456"], "in the button that copies it too"


def test_the_template_speaks_the_contacts_language() -> None:
    found = asking(language="es")
    found.user("go")
    assert body(found)["outbound"]["template"]["language"] == "es"


@pytest.mark.parametrize("name", ["gone", "order_update", "refused"])
def test_a_template_that_cannot_carry_a_code_is_an_error(name: str) -> None:
    found = asking(rules=CodeRules(template=name))
    found.book.templates["order_update"] = replace(LOGIN, name="order_update", category="utility")
    found.book.templates["refused"] = replace(LOGIN, name="refused")
    found.book.statuses["refused"] = "REJECTED"
    found.user("go")
    assert found.texts() == ["template"] and not found.calls


def test_free_text_goes_to_who_wrote_and_to_nobody_else() -> None:
    found = asking(rules=CodeRules())
    found.user("go")
    assert body(found)["to"] == "573001112233"
    found = asking(rules=CodeRules())
    found.user("hello")
    found.api("demo", inputs={"to": "300 999 8877"})
    assert found.texts() == ["no_template"]


def test_who_has_no_number_gets_no_authentication_template() -> None:
    """R154: WhatsApp sends them to phone numbers alone; in the open chat the code is a text. Where a number is known,
    it is taken whatever id the last message came under.
    """
    found = asking(number="", bsuid="CO.Ana1")
    found.inbound("text", text="go", sender=Identity(bsuid="CO.Ana1"))
    assert (body(found)["to"], body(found)["outbound"].get("kind", "text")) == ("CO.Ana1", "text")
    found = asking("sms", number="", bsuid="CO.Ana1")
    found.inbound("text", text="go", sender=Identity(bsuid="CO.Ana1"))
    assert found.texts() == ["no_address"]
    found = asking(bsuid="CO.Ana1")
    found.inbound("text", text="go", sender=Identity(bsuid="CO.Ana1"))
    assert (body(found)["to"], body(found)["outbound"]["kind"]) == ("573001112233", "template")


def test_without_a_template_it_is_a_text() -> None:
    found = asking(rules=CodeRules())
    found.user("go")
    assert body(found)["outbound"].get("kind", "text") == "text"


def test_a_text_message_or_an_email_goes_by_the_accounts_integration() -> None:
    found = asking("sms", language="es")
    found.user("go")
    asked = body(found)
    assert asked["integration"] == "texter.send" and asked["values"]["code"] == MARK
    assert asked["values"]["to"] == "573001112233" and asked["values"]["minutes"] == 10
    assert asked["values"]["text"].startswith(f"*{MARK}* es tu código")
    found = asking("email")
    found.api("demo", inputs={"to": "Ana@Example.com"})
    assert body(found)["to"] == "Ana@example.com" and body(found)["integration"] == "mailer.send"


@pytest.mark.parametrize(
    ("channel", "rules", "to", "why"),
    [
        ("sms", CodeRules(), "", "no_integration"),
        ("email", RULES, "", "no_address"),
        ("whatsapp", RULES, "12345", "no_address"),
        ("sms", RULES, "+44 7400 123456", "country"),
        ("whatsapp", RULES, "+44 7400 123456", "country"),
    ],
)
def test_what_cannot_be_sent_is_known_at_once(channel: str, rules: CodeRules, to: str, why: str) -> None:
    found = asking(channel, rules)
    found.api("demo", inputs={"to": to})
    assert found.texts() == [why] and not found.calls
    assert found.ended["verifications"][0]["reason"] == why


def test_the_record_says_what_happened_and_never_the_code() -> None:
    """R042: remaining tries, kind, status, channel, time; LANGUAGE section 4: the record is in the hook."""
    found = asking()
    found.user("go")
    found.answer("sent", {"valid_for": 600_000})
    for typed, outcome, left in (("111111", "wrong", 4), ("987654", "verified", 0)):
        turn = found.user(f"it is {typed}")
        assert turn.hidden, "history does not keep what was typed"
        seen = [codec.encode(turn.session), *(codec.encode(one) for one in turn.effects if one not in calls(turn))]
        assert not any(typed.encode() in one for one in seen)
        (call,) = found.calls.values()
        assert (call.kind, call.body["code"]) == ("code.check", typed)
        found.answer(outcome, {"left": left} if outcome == "wrong" else {})
    ended = found.ended
    assert [{**one, "asked_at": 0, "at": 0} for one in ended["verifications"]] == [
        {
            "step": "code",
            "kind": "otp",
            "status": "verified",
            "channel": "whatsapp",
            "codes": 1,
            "remaining": 4,
            "reason": "",
            "asked_at": 0,
            "at": 0,
        }
    ]
    assert b"987654" not in orjson.dumps(ended, default=dict)


def calls(turn) -> list:
    return [one for one in turn.effects if type(one).__name__ == "RequestCall"]


def test_another_chat_or_process_is_another_bond() -> None:
    """RELIABILITY 4.1: bound to the chat that asked."""
    first, second = asking(), asking()
    second.session = replace(second.session, channel="other")
    for found in (first, second):
        found.user("go")
    assert body(first)["bound"] != body(second)["bound"] and body(first)["place"] != body(second)["place"]
    first.user("go")
    assert len(first.calls) == 1
    third = asking()
    third.user("go")
    bound = body(third)["bound"]
    third.answer("error")
    third.user("go")
    assert body(third)["bound"] != bound, "a new process"


def test_what_is_said_elsewhere_is_kept_as_ever() -> None:
    found = asking()
    assert not found.user("go").hidden


def test_the_question_after_the_code_is_a_reply_when_the_contact_asked_for_it() -> None:
    """R087: who opted out still gets replies to what they write."""
    for start, purpose in (("user", "reply"), ("api", "business")):
        found = asking()
        getattr(found, start)("go" if start == "user" else "demo")
        (sent,) = [one for one in found.answer("sent").effects if isinstance(one, SendMessage)]
        assert sent.purpose == purpose


def test_a_code_that_is_not_delivered_ends_the_step_at_once() -> None:
    """The contact does not wait for what never comes; the client hears why."""
    found = asking()
    found.user("go")
    found.answer("sent", {"valid_for": 600_000})
    visit = found.session.process.visit
    found.apply(MessageRefused(message="ms_0_a", wakes=f"code:{visit - 1}", code="131026"))
    assert found.session.process is not None
    found.apply(MessageRefused(message="ms_0_a", wakes=f"code:{visit}", code="131026"))
    assert found.texts() == ["undelivered"] and found.ended["reason"] == "sorry"
    assert "outbound.failed" in found.hook_types
    assert found.ended["verifications"][-1]["reason"] == "undelivered"


LINK = """
languages: [en, es]
start: {keywords: [go]}
steps:
  mail: {verify: email, with: {by: link, to: ana@example.com, valid_for: 10m}, next: {error: sorry, expired: late}}
  done: {say: Thanks., succeed: {}}
  late: {fail: late}
  sorry: {say: "{{ mail.reason }}", fail: sorry}
"""


def linking() -> Talk:
    found = Talk(Book(flow_of(LINK), account=Account(name="acme", codes=RULES)))
    found.user("go")
    return found


def kinds(found: Talk) -> dict[str, str]:
    return {call.kind: id for id, call in found.calls.items()}


def test_a_link_is_sent_and_waited_for() -> None:
    """LANGUAGE section 4: code or link."""
    found = linking()
    asked = kinds(found)
    assert list(asked) == ["code.open", "code.issue"]
    issue = found.calls[asked["code.issue"]]
    assert issue.body["link"] == asked["code.open"] and issue.body["to"] == "ana@example.com"
    assert MARK in issue.body["values"]["text"]
    found.answer("sent", {"valid_for": 600_000}, call=asked["code.issue"])
    assert found.said() == ["link.ask"]
    found.user("123456")
    assert found.said() == ["link.form"] and not found.session.process.results["mail"].get("remaining")
    found.answer("verified", call=asked["code.open"])
    assert found.texts() == ["Thanks."]
    assert found.ended["verifications"][-1]["status"] == "verified"


def test_a_link_goes_out_again_and_any_of_them_counts() -> None:
    found = linking()
    first = kinds(found)
    found.answer("sent", {"valid_for": 600_000}, call=first["code.issue"])
    found.user("resend")
    again = kinds(found)
    assert found.calls[again["code.issue"]].body["link"] == first["code.open"] == again["code.open"]
    found.answer("sent", {"valid_for": 600_000}, call=again["code.issue"])
    assert found.said() == ["link.resent"]
    found.wait("9m")
    found.answer("verified", call=first["code.open"])
    assert found.ended["outcome"] == "succeeded"


def test_a_link_nobody_opens_expires_and_one_that_cannot_be_sent_is_an_error() -> None:
    found = linking()
    found.answer("sent", {"valid_for": 600_000}, call=kinds(found)["code.issue"])
    found.wait("10m")
    assert found.ended["reason"] == "late" and found.calls == {}
    found = linking()
    found.answer("error", reason="capped", call=kinds(found)["code.issue"])
    assert found.texts() == ["capped"] and found.calls == {}
