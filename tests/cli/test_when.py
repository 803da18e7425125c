"""R142: `flowbot when` says when, as what, and why."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import pytest
from click.testing import CliRunner, Result

from flowbot.cli import program

PROJECT = """
accounts:
  acme:
    timezone: America/Bogota
    languages: [en]
    office: {mon-fri: ["08:00-12:00", "13:00-18:00"], holidays: ["2026-11-23"]}
    channels: {web: {gateway: simulator}}
"""
FLOW = """
flow: demo
languages: [en]
start: {keywords: [go]}
reengage: [{after: 2h, say: Still there?}, {after: 4h, say: Office., hours: office}]
steps: {a: {ask: A?, retry: {then: b}}, b: {succeed: {}}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flowbot.yaml").write_text(PROJECT)
    (tmp_path / "flows" / "demo.yaml").write_text(FLOW)
    (tmp_path / "flows" / "plain.yaml").write_text("flow: plain\nsteps: {a: {say: Hi, succeed: {}}}\n")
    return tmp_path


def when(project: Path, *words: str) -> Result:
    return CliRunner().invoke(program, ["when", *words, "--project", str(project)], obj={})


def test_without_a_moment_it_is_now(project: Path) -> None:
    today = f"{datetime.now(ZoneInfo('America/Bogota')):%Y-%m-%d}"
    assert f" {today} " in when(project, "demo").output.splitlines()[0]


def test_it_prints_the_reasoning(project: Path) -> None:
    result = when(project, "demo", "--at", "2026-11-20 22:10 America/Bogota")
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        "demo: a question of Fri 2026-11-20 22:10 (America/Bogota), never answered",
        "",
        "re-engagement 1, reengage.1 after 2h: Sat 2026-11-21 08:00 as text",
        "  - due Sat 2026-11-21 00:10 (America/Bogota)",
        "  - 00:10 is outside 08:00-19:00: moved to Sat 2026-11-21 08:00",
        "  - the 24-hour window is open until Sat 2026-11-21 22:10",
        "re-engagement 2, reengage.2 after 4h: not sent",
        "  - due Sat 2026-11-21 10:00 (America/Bogota)",
        "  - 10:00 is outside mon-fri 08:00-12:00, 13:00-18:00: moved to Tue 2026-11-24 08:00",
        "  - the 24-hour window has been closed since Sat 2026-11-21 22:10",
        "  - free text may not go outside it, and there is no template: not sent",
        "expires: Sat 2026-11-21 10:00",
        "  - 2h of silence after the last re-engagement",
    ]


def test_as_json_for_a_contact_elsewhere(project: Path) -> None:
    result = when(project, "demo", "--at", "2026-11-19 12:00", "--timezone", "Asia/Kolkata", "--json")
    data = orjson.loads(result.output)
    assert (data["at"], data["timezone"]) == ("2026-11-19T06:30:00Z", "Asia/Kolkata")
    assert [(one["as"], one["at"], one["local"]) for one in data["reengage"]] == [
        ("text", "2026-11-19T08:30:00Z", "Thu 2026-11-19 14:00"),
        ("text", "2026-11-19T13:00:00Z", "Thu 2026-11-19 18:30"),  # eight in Bogota
    ]
    assert data["expires"] == "2026-11-19T15:00:00Z"


def test_who_opted_out_and_a_flow_without(project: Path) -> None:
    result = when(project, "demo", "--at", "2026-11-19 12:00", "--opted-out")
    assert result.output.count("the contact has opted out: not sent") == 2
    assert "expires: Thu 2026-11-19 14:00\n  - 2h of silence after the question" in result.output
    assert "no re-engagement" in when(project, "plain", "--at", "2026-11-19 12:00").output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("dmo", "--at", "2026-11-19 12:00"), "did you mean 'demo'"),
        (("demo", "--at", "tomorrow"), "tomorrow"),
        (("demo", "--at", "2026-11-19 12:00", "--account", "acne"), "did you mean 'acme'"),
        (("demo", "--at", "2026-11-19 12:00", "--timezone", "America/Bogotta"), "did you mean 'America/Bogota'"),
    ],
)
def test_mistakes(project: Path, words: tuple[str, ...], says: str) -> None:
    result = when(project, *words)
    assert result.exit_code == 2 and says in result.output


LATER = """
flow: later
languages: [en]
inputs: {visit_on: {type: date}}
settings: {outreach: {hours: {from: "08:00", to: "19:00"}, per_day: 1}}
steps:
  a: {wait: {until: inputs.visit_on, minus: 1d, at: "20:00"}}
  b: {say: Tomorrow.}
  c: {ask: Coming?, timeout: [{after: 10m, say: Hello?}, {after: 3h, then: {fail: silent}}]}
  d: {wait: {event: seen}}
  e: {succeed: {}}
"""


def test_waits_and_timeouts_with_what_they_say(project: Path) -> None:
    (project / "flows" / "later.yaml").write_text(LATER)
    result = when(project, "later", "--at", "2026-11-20 22:10", "--input", "visit_on=2026-11-23")
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[5:] == [
        "",
        "wait a, until inputs.visit_on minus 1d at 20:00: Mon 2026-11-23 08:00",
        "  - due Sun 2026-11-22 20:00 (America/Bogota)",
        "  - 20:00 is outside 08:00-19:00: moved to Mon 2026-11-23 08:00",
        "  b: not sent",
        "    - the 24-hour window has been closed since Sat 2026-11-21 22:10",
        "    - free text may not go outside it, and there is no template: not sent",
        "  c: not sent",
        "    - the 24-hour window has been closed since Sat 2026-11-21 22:10",
        "    - free text may not go outside it, and there is no template: not sent",
        "",
        "timeout c, after 10m: Fri 2026-11-20 22:20",
        "  - due Fri 2026-11-20 22:20 (America/Bogota)",
        "  - the contact wrote at Fri 2026-11-20 22:10: the conversation goes on",
        "  c.timeout_1: text",
        "    - the 24-hour window is open until Sat 2026-11-21 22:10",
        "",
        "timeout c, after 3h: never",
        "  - the question has expired by then: Sat 2026-11-21 00:10",
        "",
        "wait d, for the event seen: when it happens",
        "  - its moment is known when the step is reached",
    ]


@pytest.mark.parametrize(
    ("head", "expired"),
    [
        ("title: Demo", "2026-11-20T17:00:00Z"),
        ("settings: {expires_after: 179m}", "2026-11-20T17:59:00Z"),
        ("settings: {expires_after: 3h}", None),
        ("settings: {expires_after: 4h}", None),
        ("reengage: {after: 2h, say: Still there?}", None),
    ],
)
def test_a_timeout_never_comes_when_the_question_expires_before(project: Path, head: str, expired: str | None) -> None:
    flow = f"flow: late\n{head}\nsteps:\n  a: {{ask: A?, timeout: {{after: 3h, then: b}}}}\n  b: {{succeed: {{}}}}\n"
    (project / "flows" / "late.yaml").write_text(flow)
    data = orjson.loads(when(project, "late", "--at", "2026-11-20 10:00", "--json").output)
    (found,) = data["steps"]
    assert (found["expired"], found["local"]) == (expired, None if expired else "Fri 2026-11-20 13:00")


def test_what_was_sent_before_counts(project: Path) -> None:
    (project / "flows" / "later.yaml").write_text(LATER)
    words = ("--at", "2026-11-20 10:00", "--input", "visit_on=2026-11-20", "--sent", "2026-11-20 09:00", "--json")
    data = orjson.loads(when(project, "later", *words).output)
    assert [(one["step"], one["kind"], one["local"]) for one in data["steps"]] == [
        ("a", "wait", "Fri 2026-11-20 10:00"),
        ("c", "timeout", "Fri 2026-11-20 10:10"),
        ("c", "timeout", None),
        ("d", "wait", None),
    ]
    words = ("--at", "2026-11-20 10:00", "--input", "visit_on=2026-11-21", "--sent", "2026-11-20 19:30", "--json")
    first = orjson.loads(when(project, "later", *words).output)["steps"][0]
    assert first["local"] == "Sun 2026-11-22 08:00" or first["why"][1].startswith("1 send in 1d"), first
    assert "no input" in when(project, "later", "--at", "2026-11-20 10:00", "--input", "x=1").output


RULES = """
event: {event: visit.set, when: event.kind == 'anc', at: {date: event.on, minus: 2d, at: "10:00"}, start: demo}
monday: {every: {weekly: [mon], at: "07:00"}, to: {group: all}, start: plain, hours: office}
due: {every: {date: contact.due_on, minus: 7d}, start: plain}
"""


@pytest.fixture
def ruled(project: Path) -> Path:
    (project / "rules").mkdir()
    (project / "rules" / "r.yaml").write_text(RULES)
    return project


AT = ("--at", "2026-11-20 18:40")
CASES = [
    (("r.event", "--input", "kind=anc", "--input", "on=2026-11-30"), "- free text may not go outside it"),
    (("r.event", "--input", "kind=x"), "nothing is planned: its `when` does not hold"),
    (("r.event", "--input", "kind=anc"), "nothing is planned: it cannot tell its time"),
    (("r.monday",), "07:00 is outside mon-fri 08:00-12:00, 13:00-18:00 (a holiday): moved to Tue 2026-11-24 08:00"),
    (("r.monday",), "- due Mon 2026-12-07 07:00 (America/Bogota)"),
    (("r.monday", "--opted-out"), "the contact has opted out"),
    (("r.evnt",), "did you mean 'r.event'?"),
]


@pytest.mark.parametrize(("words", "said"), CASES)
def test_what_comes_of_a_rule(ruled: Path, words: tuple[str, ...], said: str) -> None:
    """R142."""
    assert said in when(ruled, *words, *AT).output


def test_a_rule_as_json(ruled: Path) -> None:
    (ruled / "flowbot.yaml").write_text(PROJECT.replace("channels:", "contact_fields: {due_on: date}\n    channels:"))
    found = orjson.loads(when(ruled, "r.due", "--input", "contact.due_on=2026-12-20", *AT, "--json").output)
    assert found["rule"] == "r.due" and len(found["sends"]) == 1
    assert found["sends"][0]["why"][0] == "due Sun 2026-12-13 00:00 (America/Bogota)"


def test_what_goes_before_counts_for_what_comes_after(project: Path) -> None:
    """R142: the second re-engagement, and the second run of a rule, were told as if nothing had been sent before."""
    (project / "flowbot.yaml").write_text(PROJECT.replace("languages", "outreach: {per_day: 1}\n    languages"))
    told = when(project, "demo", "--at", "2026-11-19 10:00", "--sent", "2026-11-18 09:00").output
    assert told.count("1 send in 1d is the most for one contact") == 1
    assert "re-engagement 2, reengage.2 after 4h: not sent" in told


def test_a_rule_says_who_may_get_it_and_what_is_not_set(project: Path) -> None:
    """R142, R109."""
    words = PROJECT.replace("languages", "consent: strict\n    outreach: {per_day: 1}\n    languages")
    (project / "flowbot.yaml").write_text(words)
    (project / "content" / "templates").mkdir(parents=True)
    (project / "content" / "templates" / "tip.yaml").write_text("category: utility\nlanguages: {en: {body: A tip.}}\n")
    (project / "rules").mkdir()
    (project / "rules" / "r.yaml").write_text(
        "tips: {every: hourly, to: {group: g}, template: tip}\n"
        "visit: {event: visit.planned, at: {date: event.on, minus: 1d}, template: tip}\n"
    )
    told = when(project, "r.tips", "--at", "2026-11-19 10:00").output
    assert told.count("consent is strict: it goes only to who has opted in\n") == 3
    assert [line[:20] for line in told.splitlines() if "the template tip" in line and line[0] != " "] == [
        "Thu 2026-11-19 11:00",
        "Fri 2026-11-20 11:00",
        "Sat 2026-11-21 11:00",
    ]
    told = when(project, "r.visit", "--at", "2026-11-19 10:00").output
    assert "it cannot tell its time: the date is not set" in told
    told = when(project, "r.visit", "--at", "2026-11-19 10:00", "--input", "on=2026-12-01").output
    assert "opted in, or whose event says user_authorized" in told
