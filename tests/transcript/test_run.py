"""Chats on small projects of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from flowbot.errors import InvalidRequest
from flowbot.library.library import Library
from flowbot.library.load import load
from flowbot.testing import Chat, moment
from flowbot.transcript.read import read
from flowbot.transcript.run import Result, play

PROJECT = """
accounts:
  first: {languages: [en], flows: [other], channels: {web: {gateway: simulator}}}
  second: {timezone: America/Bogota, languages: [en], channels: {web: {gateway: simulator}}}
"""
FLOW = """
flow: demo
languages: [en]
start: {messages: [Hello there], api: true}
inputs: {city: {default: Lima}}
steps:
  age:
    ask: "How old are you in {{ inputs.city }}?"
    expect: integer
    timeout: [{after: 10m, say: Still there?}, {after: 20m, then: late}]
  sure: {ask: Sure?, expect: yes_no, sensitive: true}
  done: {say: [Thank you., Bye.], succeed: {age: "{{ answers.age }}", sure: "{{ answers.sure }}"}}
  late: {fail: too_late}
"""


@pytest.fixture
def library(tmp_path: Path) -> Library:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flowbot.yaml").write_text(PROJECT)
    (tmp_path / "flows" / "demo.yaml").write_text(FLOW)
    (tmp_path / "flows" / "other.yaml").write_text("flow: other\nsteps: {a: {say: Hi there, succeed: {}}}\n")
    return load(tmp_path, {})


def played(library: Library, text: str) -> Result:
    file = library.root / "flows" / "demo.test.yaml"
    file.write_text(text)
    tests, problems = read(file, library.root)
    assert problems == []
    return play(tests[0], library)


def test_the_project_is_sound(library: Library) -> None:
    assert [one for one in library.problems if one.level == "error"] == []


@pytest.mark.parametrize(
    "text",
    [
        """
given: {now: "2026-11-20 18:00", inputs: {city: Cali}}
tests:
  - test: by the client, on the account that may run it
    start: api
    chat:
      - bot: {text: How old are you in Cali?}
      - user: 7
      - bot: {contains: "sure?", buttons: ["yes", "no"]}
      - user: {tap: "yes"}
      - bot: [Thank you., Bye.]
    expect: {outcome: succeeded, result: {age: 7, sure: true}, hooks: [process.started, process.succeeded], labels: []}
""",
        """
tests:
  - test: timers fire in order, each at its time
    given: {now: "2026-11-20 18:00"}
    chat:
      - user: hello THERE
      - bot: {contains: Lima}
      - wait: 10m
      - bot: Still there?
      - wait_until: "2026-11-20 18:19"
      - bot: nothing
      - wait_until: "2026-11-20 23:20 UTC"
    expect: {outcome: failed, reason: too_late}
""",
    ],
)
def test_passes(library: Library, text: str) -> None:
    result = played(library, text)
    assert result.passed, (result.message, result.chat)


@pytest.mark.parametrize(
    ("chat", "expect", "message", "number"),
    [
        ("- user: hello there", "", "the bot also said", 5),
        ("- user: hello there\n      - user: x", "", "before user  x", 6),
        ("- user: hello there\n      - bot: [age]\n      - bot: age", "", "nothing more", 7),
        ("- user: hello there\n      - bot: age\n      - wait: soon", "", "not a duration", 7),
        ('- user: hello there\n      - bot: age\n      - wait_until: "2020-01-01"', "", "only goes forward", 7),
        ("- user: {tap: x}", "", "no button 'x'", 5),
        ("- user: {location: here}", "", "a location is", 5),
        ("- user: hello there\n      - bot: age", "expect: {outcome: succeeded}", "outcome is 'open'", 7),
        ("- user: hello there\n      - bot: age", "expect: {contact: {name: X}}", "name", 7),
        ("- user: nothing starts by this", "expect: {outcome: succeeded}", "outcome is None", 6),
    ],
)
def test_fails_at_the_line(library: Library, chat: str, expect: str, message: str, number: int) -> None:
    result = played(library, f"tests:\n  - test: x\n    note: y\n    chat:\n      {chat}\n    {expect}\n")
    assert message in result.message
    assert result.number == number


@pytest.mark.parametrize(
    "given",
    ["{account: first}", "{channel: nope}", "{account: nope}", '{now: "20:00"}', "{now: '2026-11-20 10:00 Mars/Base'}"],
)
def test_a_setting_that_cannot_be(library: Library, given: str) -> None:
    result = played(library, f"tests:\n  - test: x\n    given: {given}\n    chat: [{{user: hi}}]\n")
    assert not result.passed
    assert result.number == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- a", 1),
        ("tests: {}", 1),
        ("tests:\n  - x", 2),
        ("tests:\n  - chat:\n      - bot: x\n        user: y", 3),
        ("tests:\n  - chat: hello", 2),
        ("mock: {verify.otp: verfied}\ntests: []", 1),
        ("mock: {verify.faces: {score: 1}}\ntests: []", 1),
        ("mock: {verify.faces: {status: verified, scores: 1}}\ntests: []", 1),
        ("mock: {verify.faces: {status: verified, score: high}}\ntests: []", 1),
        ("tests:\n  - chat: []\n    mock:\n      run.survey: [failed, succeded]", 4),
        ("tests:\n  - chat: []\n    mock:\n      run.survey: {answers: [1]}", 4),
        ("mock:\n  call.crm.save: okay\ntests: []", 2),
        ("mock:\n  call.crm.save: {status: fine}\ntests: []", 2),
        ("mock:\n  call: {ok: true}\ntests: []", 2),
        ("mock: [verify.otp]\ntests: []", 1),
        ("tests:\n  - start: {event: {nam: x}}\n    chat: []", 2),
        ("tests:\n  - start: {event: x, with: {}}\n    chat: []", 2),
        ("tests:\n  - test: t\n    start: {template: 3}\n    chat: []", 3),
        ("tests:\n  - chat: [{operator: {tap: x}, user: y}]", 2),
        ("tests:\n  - expect: {outcomes: x}\n    chat: []", 2),
        ("tests:\n  - test: of nothing", 2),
        ("tests:\n  - test: of nothing\n    chat: []\n    expect: {}", 2),
        ("tests:\n  - test: of nothing\n    start: {event: paid}\n    chat: []", 2),
        ("tests: [", 1),
    ],
)
def test_mistakes_in_the_file_have_their_line(library: Library, text: str, line: int) -> None:
    file = library.root / "flows" / "demo.test.yaml"
    file.write_text(text)
    tests, problems = read(file, library.root)
    assert tests == []
    assert problems[0].line == line


def test_a_test_that_asks_for_nothing_is_a_mistake_and_one_that_asks_for_silence_is_none(library: Library) -> None:
    file = library.root / "flows" / "demo.test.yaml"
    rows = ("{chat: [], start: {event: paid}}", "{chat: [{bot: nothing}]}", "{start: api}", "{expect: {hooks: []}}")
    file.write_text("tests:\n" + "".join(f"  - {row}\n" for row in rows))
    tests, (problem,) = read(file, library.root)
    assert [test.number for test in tests] == [3, 4, 5]
    assert (problem.code, problem.line, problem.pointer) == ("T601", 2, "/tests/0")
    assert "asks for nothing" in problem.message and "- bot: nothing" in problem.hint


def test_inputs_that_the_contact_s_own_message_would_not_bring(library: Library) -> None:
    """R141: they were left out without a word; what the whole file gives is for those tests that a client starts."""
    file = library.root / "flows" / "demo.test.yaml"
    given, chat = "given: {inputs: {city: Cali}}", "chat: [{user: hello there}]"
    file.write_text(
        f"{given}\ntests:\n  - {{test: a, {given}, {chat}}}\n  - {{test: b, {chat}}}\n  - {{{given}, start: api}}\n"
    )
    tests, (problem,) = read(file, library.root)
    assert [test.number for test in tests] == [4, 5]
    assert (problem.code, problem.pointer, problem.hint[:10]) == ("T601", "/tests/0/given/inputs", "start: api")


GIVEN = """
flow: demo
languages: [en]
start: {messages: [Hello there], api: true}
inputs: {city: {type: text, required: true}, note: text}
steps:
  hello:
    say: "{{ inputs.city }} {{ contact.phone }} {{ contact.plan }} {{ 'in' if 'vip' in contact.groups else 'out' }}"
    succeed: {}
"""


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("{inputs: {city: Lima}, contact: {phone: +57 300 111 2233, plan: full, groups: [vip]}}", ""),
        ("{inputs: {city: Lima, citty: x}}", "given: the flow 'demo' declares no input 'citty'; did you mean 'city'?"),
        ("{inputs: {note: x}}", "given: the flow 'demo' needs the input 'city'"),
        ("{inputs: {city: x}, contact: {plann: full}}", "'plann' is no field of a contact; did you mean 'plan'?"),
    ],
)
def test_what_is_given_has_to_be_possible(library: Library, given: str, told: str) -> None:
    (library.root / "flowbot.yaml").write_text(
        "accounts: {a: {languages: [en], contact_fields: {plan: text}, channels: {web: {gateway: simulator}}}}"
    )
    (library.root / "flows" / "demo.yaml").write_text(GIVEN)
    chat = "chat: [{bot: Lima +573001112233 full in}]"
    found = played(load(library.root, {}), f"tests:\n  - test: x\n    given: {given}\n    start: api\n    {chat}\n")
    assert found.message == told or (told and told in found.message)


def test_the_same_events_make_the_same_chat(library: Library) -> None:
    """I14."""

    def run() -> tuple[object, ...]:
        chat = Chat(library, "second", "web", now=moment("2026-11-20 18:00"))
        for spec in ("hello there", "eight", "8", {"tap": "no"}):
            chat.user(spec)
        chat.wait(1000)
        return chat.messages, chat.hooks, chat.traces, chat.session, chat.contact

    assert run() == run()


def test_the_clock_goes_forward_only(library: Library) -> None:
    chat = Chat(library, "second", "web", now=moment("2026-11-20 18:00"))
    with pytest.raises(InvalidRequest):
        chat.wait_until(chat.now - 1)
    assert chat.next_timer is None
    chat.user("hello there")
    assert chat.next_timer == chat.now + 600_000
    assert [said.outbound.text for said in chat.wait(3 * 3_600_000)] == ["Still there?"]
    assert chat.timers == {}
    assert chat.last["reason"] == "too_late"
    assert chat.last["ended_at"] == "2026-11-20T18:20:00Z"


def test_a_name_that_the_flow_keeps_goes_before_the_profiles(library: Library) -> None:
    flow = "flow: demo\nlanguages: [en]\nstart: {messages: [Hi]}\nsteps:\n  who: {ask: Who?, save: contact.name}\n"
    (library.root / "flows" / "demo.yaml").write_text(
        flow + '  bye: {ask: "And you, {{ contact.name }}?", next: bye}\n'
    )
    chat = Chat(load(library.root, {}), "second", "web", now=moment("2026-11-20 18:00"), name="~*ana*~")
    chat.user("hi")
    assert chat.contact.name == "~*ana*~"
    chat.user("Ana")
    chat.user("fine")
    assert chat.messages[-1].outbound.text == "And you, Ana?"


REENGAGING = """
flow: identity
languages: [en]
start: {keywords: [verify], api: true}
settings: {timezone: America/Bogota, expires_after: 2h}
reengage:
  after: 2h
  say: still_there
  hours: {from: "08:00", to: "19:00", days: [mon, tue, wed, thu, fri, sat], timezone: America/Bogota}
  choices: {later: {again: 20h}}
steps:
  consent: {ask: consent, match: exact, choices: {accept: done, decline: done}}
  done: {say: Thank you., succeed: {}}
"""
REENGAGED = """
flow: identity
given: {now: "2026-11-20 18:40 America/Bogota", account: second}
tests:
  - test: re-engaged next morning, not at night
    start: api
    chat:
      - bot: consent
      - wait: 2h                      # 20:40, outside the window
      - bot: nothing
      - wait_until: "2026-11-21 08:00"
      - bot: still_there
      - user: {tap: "yes"}
      - bot: consent
    expect: {outcome: open, hooks: [process.started, session.reengaged, session.resumed]}
  - test: later, and then silence
    chat:
      - user: verify
      - bot: consent
      - wait_until: "2026-11-21 08:00"
      - bot: {key: still_there, buttons: [Yes, No, Later]}
      - user: later
      - wait_until: "2026-11-21 18:58" # 04:00 is on a Sunday, and on Monday at eight the 24 hours are over
      - bot: nothing
      - wait: 1m
      - bot: still_there
      - wait: 2h
    expect: {outcome: expired}
  - test: "no"
    chat:
      - user: verify
      - bot: consent
      - wait_until: "2026-11-21 09:00"
      - bot: still_there
      - user: "No, thanks"
    expect: {outcome: failed, reason: declined_to_continue, step: consent}
"""


def test_re_engagement_as_the_language_page_shows_it(library: Library) -> None:
    """R068, R071, R073: LANGUAGE section 8, the second example."""
    root = library.root
    (root / "content" / "en").mkdir(parents=True)
    (root / "flows" / "identity.yaml").write_text(REENGAGING)
    (root / "content" / "en" / "identity.yaml").write_text(
        "consent: {text: May we?, choices: {accept: I accept, decline: I do not}}\n"
        "still_there: {text: Are you still there?, choices: {later: Later}}\n"
    )
    (root / "flows" / "identity.test.yaml").write_text(REENGAGED)
    loaded = load(root, {})
    assert [one for one in loaded.problems if one.file == "flows/identity.yaml" and one.level == "error"] == []
    tests, problems = read(root / "flows" / "identity.test.yaml", root)
    assert problems == [] and len(tests) == 3
    for test in tests:
        result = play(test, loaded)
        assert result.passed, f"{test.name}: {result.message}\n" + "\n".join(result.chat)


WAITING = """
flow: other
languages: [en]
start: {api: true}
steps:
  paid: {wait: {event: paid, timeout: 1d}, next: {timeout: late}}
  done: {say: "Thank you for {{ paid.amount }}.", succeed: {}}
  late: {fail: too_late}
"""


@pytest.mark.parametrize(
    ("chat", "expect"),
    [
        ("- event: refunded\n      - wait: 1h", "{outcome: parked, step: paid}"),
        ("- event: {name: paid, with: {amount: 30}}\n      - bot: Thank you for 30.", "{outcome: succeeded}"),
        ("- wait: 1d", "{outcome: failed, reason: too_late}"),
    ],
)
def test_a_flow_that_waits(library: Library, chat: str, expect: str) -> None:
    (library.root / "flows" / "other.yaml").write_text(WAITING)
    text = f"flow: other\ntests:\n  - test: t\n    start: api\n    chat:\n      {chat}\n    expect: {expect}\n"
    result = played(load(library.root, {}), text)
    assert result.passed, (result.message, result.chat)


HANDED = """
flow: other
languages: [en]
start: {api: true}
steps:
  review:
    say: Wait.
    handoff: review
    choices: {approve: done}
    timeout: {after: 2d, then: late}
    next: {canceled: late}
  done: {say: Approved., succeed: {}}
  late: {fail: too_late}
"""


@pytest.mark.parametrize(
    ("chat", "expect"),
    [
        ("- user: hello\n      - bot: nothing", "{outcome: handed_off, step: review}"),
        ("- operator: One moment.\n      - bot: One moment.\n      - operator: {cancel: true}", "{reason: too_late}"),
        ("- operator: {tap: approve}\n      - bot: Approved.", "{outcome: succeeded}"),
        ("- operator: {close: true}\n      - bot: Approved.", "{outcome: succeeded}"),
        ("- wait: 2d", "{outcome: failed, reason: too_late}"),
    ],
)
def test_an_operator_talks(library: Library, chat: str, expect: str) -> None:
    (library.root / "flows" / "other.yaml").write_text(HANDED)
    start = "- bot: Wait.\n      "
    text = f"flow: other\ntests:\n  - test: t\n    start: api\n    chat:\n      {start}{chat}\n    expect: {expect}\n"
    result = played(load(library.root, {}), text)
    assert result.passed, (result.message, result.chat)


def test_what_an_operator_cannot_do(library: Library) -> None:
    text = "tests:\n  - test: t\n    chat:\n      - operator: {dance: true}\n"
    assert "an operator's line is a text, or one of text, tap, close, cancel" in played(library, text).message


REPORT = """
flow: report
languages: [en]
start: {keywords: [report]}
settings: {attempts: {per_day: 1}}
steps:
  places: {set: {vars.places: [{id: n, title: North}, {id: s, title: South}]}}
  where: {ask: Where?, choices: {from: vars.places, id: id, empty: done}}
  what: {ask: What happened?, collect: {quiet: 4s, until: done}}
  photos: {ask: Photos?, expect: image, collect: {until: done}, with: {min_width: 40}}
  done: {say: "{{ where.title }}: {{ answers.what }}, {{ answers.photos | length }}", succeed: {}}
"""
BURSTS = """
flow: report
tests:
  - test: several messages are one answer, and time ends them
    chat:
      - user: report
      - bot: {text: Where?, buttons: [n, s]}
      - user: {tap: s}
      - bot: What happened?
      - user: The road
      - wait: 3s
      - user: is gone.
      - bot: nothing
      - wait: 4s
      - bot: Photos?
      - user: {image: small.png}
      - bot: [error.image.small, photos]
      - user: {image: large.png}
      - user: that was the first
      - user: {image: large.png}
      - user: Done
      - bot: "South: The road\\nis gone., 2"
      - user: report
      - bot: too_many_attempts
    expect: {reason: too_many_attempts}
"""


def test_bursts_data_files_and_attempts_in_a_transcript(library: Library) -> None:
    """R145, R036, R041: with the virtual clock, and files that are looked at by their bytes."""
    for name, side in (("small", 20), ("large", 60)):
        Image.new("RGB", (side, side), "white").save(library.root / f"{name}.png")
    (library.root / "flows" / "report.yaml").write_text(REPORT)
    found = load(library.root, {})
    assert [one for one in found.problems if one.level == "error"] == []
    file = found.root / "flows" / "report.test.yaml"
    file.write_text(BURSTS)
    tests, problems = read(file, found.root)
    assert problems == []
    result = play(tests[0], found)
    assert result.passed, result.message
