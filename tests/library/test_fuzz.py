"""Whatever stands in a project's files, loading it ends in problems, never in an exception."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowbot.library.load import load

PROJECT = """\
accounts:
  acme:
    languages: [en]
    timezone: America/Bogota
    office: {mon-fri: ["08:00-12:00"]}
    contact_fields: {city: text}
    channels: {main: {gateway: cloud_api, phone_number_id: "1", access_token: "${env:A}", rate: 80/s}}
    endpoints: [{name: crm, url: "https://c.example", secret: "${env:B}", events: [process.failed]}]
"""
FLOW = """\
flow: demo
languages: [en, es]
start: {messages: [Hello there], keywords: [hi], channels: [main], api: true}
inputs: {country: {type: country, default: CO}, id: text}
settings: {timezone: America/Bogota, expires_after: 2h, keywords_interrupt: false}
anytime: {stop: {then: bye}, help: {say: help}}
defaults: {retry: {times: 3, then: bye}}
steps:
  consent: {ask: consent, match: exact, choices: {accept: number, decline: bye}}
  number:
    when: inputs.country == 'CO'
    ask: "Your number, {{ contact.name }}?"
    expect: integer
    with: {min: 1, max: 99}
    save: contact.city
    sensitive: true
    retry: {times: 2, say: wrong, then: bye}
    timeout: [{after: 10m, say: still}, {after: 1h, then: bye}]
    commands: {again: {next: consent, max: 2}}
    validate: [{check: answers.number > 3, say: wrong, then: bye}]
  count: {set: {vars.n: "{{ vars.n + 1 }}"}}
  way: {branch: [{when: vars.n > 3, then: done}, {else: consent}]}
  done: {say: [done, bye], succeed: {number: "{{ answers.number }}"}}
  bye: {say: bye, fail: declined}
"""
CONTENT = """\
words: {stop: [stop], help: "?"}
consent: {text: "Hello {{ contact.name }}", choices: {accept: {title: "Yes", aliases: [ok]}, decline: "No"}}
wrong: {one: "{{ n }} left", other: "{{ n }} left"}
still: ["Still there?", {image: a.jpg, text: Look}]
done: {any: [Done, Well done]}
help: {text: Help, location: {latitude: 1, longitude: 2}}
bye: {document: {url: "https://x.example/a.pdf", filename: a.pdf}, text: Bye}
"""
FILES = {"flowbot.yaml": PROJECT, "flows/demo.yaml": FLOW, "content/en/demo.yaml": CONTENT}
PLAIN = {name: yaml.safe_load(text) for name, text in FILES.items()}
ODD: list[Any] = [
    *(None, True, 0, -1, 1.5, 10**17, "", " ", "x", "{{", "{{ x", "{% for %}", "a b", "é" * 30, "../..", "🎉", "back"),
    *([], [[]], [None], ["x", 1], {}, {"x": None}, {"then": "x"}, {"fail": None}, {"": ""}, {"say": {"say": []}}),
]


def mutate(data: Any, draw: random.Random) -> Any:
    """The data with one odd thing put somewhere in it, or a key gone or renamed."""
    if not isinstance(data, (dict, list)) or not data or draw.random() < 0.15:
        return draw.choice(ODD)
    if isinstance(data, list):
        at = draw.randrange(len(data))
        return [mutate(item, draw) if index == at else item for index, item in enumerate(data)]
    key = draw.choice(list(data))
    match draw.randrange(10):
        case 0:
            return {name: item for name, item in data.items() if name != key}
        case 1:
            return {
                (draw.choice(["x", "A b", "", "now", "ask"]) if name == key else name): item
                for name, item in data.items()
            }
        case _:
            return {name: mutate(item, draw) if name == key else item for name, item in data.items()}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(FILES)), st.integers(0, 2**32))
def test_an_odd_value_anywhere_is_a_problem_at_most(changed: str, seed: int) -> None:
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        for name, data in PLAIN.items():
            for _ in range(draw.randint(1, 3) if name == changed else 0):
                data = mutate(data, draw)
            file = Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), "utf-8")
        library = load(Path(folder), {})
    for problem in library.problems:
        assert problem.file in FILES and problem.code and problem.message


def test_the_project_that_is_mutated_is_sound(tmp_path: Path) -> None:
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    assert [
        one for one in load(tmp_path, {}).problems if one.level == "error" and one.code not in ("P102", "C413")
    ] == []
