"""R032, LANGUAGE section 5: who gets what arrives, one test a line. The lines below would have taken it too."""

from __future__ import annotations

from flowbot.model.inbound import Tap
from flowbot.model.template import Button, Template, Wording
from flowbot.store import inbox
from flowbot.store.client import Store
from tests.engine.talk import NOW, Book, Talk, flow_of

HOUR = 3_600_000
# One word that everybody understands: stop it is for line 3, and a choice, a command, a keyword … for the others.
FLOW = """
flow: demo
languages: [en]
start: {{keywords: [go], messages: [Please go], template: {{name: invite}}}}
settings: {{expires_after: 20h}}
reengage: {{after: 2h, say: still_there, hours: {{from: "00:00", to: "24:00"}}}}
anytime: {{word: {{say: help}}, person: {{then: person}}}}
steps:
  plan:
    ask: Which plan?
    choices: {choices}
    match: exact
    commands: {commands}
    next: {{answered: name}}
    expect: text
  name: {{ask: Your name?}}
  done: {{succeed: {{}}}}
  person: {{handoff: support, next: back}}
"""
PARKED = """
flow: later
languages: [en]
start: {keywords: [later]}
anytime: {word: {say: parked_help}}
steps:
  a: {wait: {for: 2d}, listen: {hear: b}}
  b: {say: Listened., succeed: {}}
"""
OTHER = """
flow: other
languages: [en]
start: {keywords: [word, hear, "yes", basic], default: true}
steps: {a: {say: The other., succeed: {}}}
"""
WORDS = {
    "en": {
        "help": "Help.",
        "parked_help": "Parked help.",
        "still_there": "Still there?",
        "words": {
            "word": ["word"],
            "person": ["person"],
            "hear": ["hear"],
            "command": ["word"],
            "opt_out": ["enough"],
        },
    }
}
INVITE = Template(
    name="invite",
    wordings={
        "en": Wording(
            language="en",
            body="Shall we?",
            buttons=(
                Button(kind="quick_reply", id="continue", text="Show me"),
                Button(kind="quick_reply", id="cancel", text="Not now"),
            ),
        )
    },
)


def talk(choices: str = "{basic: name, full: name}", commands: str = "{}", *, other: str = OTHER) -> Talk:
    texts = {"demo": FLOW.format(choices=choices, commands=commands), "later": PARKED, "other": other}
    found = Talk(Book(*(flow_of(text, WORDS, id=id) for id, text in texts.items()), templates=[INVITE]))
    found.now = NOW + 9 * HOUR
    return found


def begun(choices: str = "{basic: name, full: name}", commands: str = "{}") -> Talk:
    found = talk(choices, commands)
    found.user("go")
    return found


def test_1_a_duplicate_is_dropped(store: Store) -> None:
    pushes = [inbox.push(3, "c1", "acme/main", b"{}", dedupe_id=name, at_ms=0) for name in ("a", "a", "b")]
    assert [store.run(push) for push in pushes] == [True, False, True]


def test_2_who_is_blocked_is_recorded_only_even_when_opting_out() -> None:
    found = begun()
    found.change(blocked=True)
    found.user("enough")
    assert found.sent() == [] and found.contact.opted_out == () and found.traces() == [("recorded", "blocked")]


def test_3_opting_out_goes_before_the_operator() -> None:
    found = begun()
    found.user("person")
    found.user("enough")
    assert found.contact.opted_out == ("all",) and found.session.process is None


def test_4_the_operator_goes_before_a_tap_that_names_its_visit() -> None:
    found = begun()
    visit = found.session.process.visit
    found.user("person")
    for act in (lambda: found.tap("basic", visit), lambda: found.user("word"), lambda: found.user("go")):
        act()
        assert found.sent() == [] and ("operator", "") in found.traces()


def test_5_a_tap_goes_by_its_visit_and_not_by_its_words() -> None:
    """Re-engagement's yes, an invitation's Continue, the open question's choice, an old button: each its own."""
    found = begun("{'yes': name, word: name}")
    question = found.session.process.visit
    found.wait("2h")
    asked = found.session.process.reengaged
    found.tap("yes", asked)
    assert found.said() == ["plan"] and found.step == "plan", "it is the re-engagement's, and no choice"
    found.tap("word", question, title="enough")
    assert found.contact.opted_out == (), "what stands on our own button is no word of the contact's"
    assert found.step == "name" and found.session.process.answers == {"plan": "word"}
    found.tap("yes", question, title="word")
    assert found.said() == ["stale_choice", "name"]
    found.api("demo", template={"name": "invite", "params": {}}, if_open="queue", window=24 * HOUR)
    found.user("Ana")
    (invited,) = found.session.parked
    found.inbound("tap", tap=Tap(choice="continue", visit=invited.visit, title="word", source="template"))
    assert found.step == "plan"


def test_6_an_exact_choice_and_a_command_go_before_words_of_anytime() -> None:
    found = begun("{word: name, full: name}")
    found.user("word")
    assert found.session.process.answers == {"plan": "word"}
    found = begun(commands="{command: {next: done}}")
    found.user("word")
    assert found.ended["outcome"] == "succeeded"
    found = begun()
    found.wait("2h")
    found.user("yes")  # of the re-engagement that was just sent, before another flow's keyword
    assert found.said() == ["plan"] and ("reengage_answered", "yes") in found.traces()


def test_7_words_of_anytime_go_before_another_flows_keyword() -> None:
    found = begun()
    found.user("word")
    assert found.said() == ["help", "plan"]


def test_8_another_flow_goes_before_the_open_question() -> None:
    found = begun()
    found.tap("basic")
    found.user("basic")  # any text would be a name
    assert found.texts() == ["The other."]


def test_9_the_open_question_goes_before_parked_flows() -> None:
    found = talk(other=OTHER.replace("word, hear, ", ""))
    found.user("later")
    found.user("go")
    found.tap("basic")
    found.user("hear")
    assert found.ended["answers"]["name"] == "hear" and len(found.session.parked) == 1


def test_10_parked_flows_go_before_starts() -> None:
    found = talk()
    found.user("later")
    found.user("word")
    assert found.texts() == ["Parked help."]
    found.user("hear")
    assert found.texts() == ["Listened."]


def test_11_whole_messages_then_first_words_then_the_default() -> None:
    found = talk(other=OTHER.replace("[word, ", "[please, word, "))
    assert found.said(found.user("Please go!")) == ["plan"]
    found = talk(other=OTHER.replace("[word, ", "[please, word, "))
    assert found.texts(found.user("Please, anything")) == ["The other."]
    assert found.texts(found.user("unheard of")) == ["The other."]
    assert found.texts(found.user("unheard of")) == [], "once in 24 hours"


def test_12_what_nobody_takes_is_recorded_and_no_error() -> None:
    found = talk(other=OTHER.replace(", default: true", ""))
    found.user("unheard of")
    assert found.sent() == [] and found.traces() == [("recorded", "")]
    assert found.session.last_inbound_at == found.now
