"""What a project of 500 flows costs: to compile, to reload when one was written, and to check."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from flowbot.library.load import load

from .result import Result

FLOWS, BLOCKS = 500, 6  # five steps a block
RUNS, RELOADS = 3, 15
PROJECT = "accounts: {acme: {languages: [en, es], channels: {web: {gateway: simulator}}}}\n"
HEAD = """\
flow: flow_@
languages: [en, es]
start: {keywords: {en: begin @, es: empezar @}, api: true}
inputs: {account_id: {type: text}, plan: {default: basic}}
settings: {expires_after: 2h}
defaults: {retry: {times: 3, then: gave_up}}
anytime: {help: {say: help}, exit: {fail: canceled}}
steps:
"""
BLOCK = """\
  name_@:
    ask: name_@
    with: {max_length: 80}
    timeout: [{after: 10m, say: help}, {after: 1h, then: gave_up}]
  age_@:
    ask: age_@
    expect: integer
    with: {min: 0, max: 120}
  by_age_@:
    branch: [{when: "answers.age_@ >= 18 and inputs.plan == 'basic'", then: plan_@}, {else: sure_@}]
  plan_@:
    ask: plan_@
    choices: {basic: null, full: {set: {vars.plan_of: "{{ answers.name_@ }}"}}, none: {then: sure_@}}
  sure_@: {say: told_@, ask: sure_@, expect: yes_no}
"""
TAIL = """\
  done: {say: done, succeed: {name: "{{ answers.name_0 }}", age: "{{ answers.age_0 }}"}}
  gave_up: {say: gave_up, fail: gave_up}
"""
ENTRIES = """\
name_@: <1> (#.@)
age_@: "<2>, {{ answers.name_@ }}? (#.@)"
plan_@: {text: "<3>? (#.@)", choices: {basic: B #.@, full: F #.@, none: N #.@}}
told_@: "<4> {{ answers.name_@ }}, {{ answers.age_@ }}. (#.@)"
sure_@: "<5>? (#.@)"
"""
REST = """\
help: <1> (#)
done: <6> #
gave_up: <6>, <6> #
"""
WORDS = {
    "en": ("Your name, please", "How old are you", "Which plan do you want", "You said", "Is that right", "Bye"),
    "es": ("Su nombre, por favor", "Cuántos años tiene", "Qué plan quiere", "Usted dijo", "Es correcto", "Adiós"),
}


def measure() -> list[Result]:
    """Flows of about thirty steps in two languages, no text like another; each run in a fresh process."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        write(root)
        loads = sorted(_compile(root) for _ in range(RUNS))
        checks = sorted(_check(root) for _ in range(RUNS))
        reloads = _reload(root)
    size = f"{FLOWS} flows of {5 * BLOCKS + 2} steps, two languages"
    what = "reload of one changed flow"
    spread = f"of {FLOWS}; the slowest of {RELOADS} {max(reloads):.0f} ms"
    return [
        Result(what="compiling 500 flows", value=loads[RUNS // 2], unit="s", at_most=3, note=size),
        Result(what=what, value=statistics.median(reloads), unit="ms", at_most=50, note=spread),
        Result(what="flowbot check, 500 flows", value=checks[RUNS // 2], unit="s", at_most=2, note=size),
    ]


def write(root: Path, flows: int = FLOWS) -> None:
    """The project."""
    (root / "flowbot.yaml").write_text(PROJECT)
    for folder in ("flows", "content/en", "content/es"):
        (root / folder).mkdir(parents=True)
    for number in range(flows):
        steps = "".join(BLOCK.replace("@", str(block)) for block in range(BLOCKS))
        (root / "flows" / f"flow_{number}.yaml").write_text(HEAD.replace("@", str(number)) + steps + TAIL)
        for lang, words in WORDS.items():
            text = "".join(ENTRIES.replace("@", str(block)) for block in range(BLOCKS)) + REST
            for place, said in enumerate(words, 1):
                text = text.replace(f"<{place}>", said)
            (root / "content" / lang / f"flow_{number}.yaml").write_text(text.replace("#", str(number)))


def _compile(root: Path) -> float:
    code = (
        "import sys, time, pathlib; from flowbot.library.load import load\n"
        "began = time.perf_counter(); found = load(pathlib.Path(sys.argv[1]), {})\n"
        "print(time.perf_counter() - began, len(found.flows), *found.problems[:3])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(root)], capture_output=True, text=True, check=True)
    spent, flows, *problems = done.stdout.split(maxsplit=2)
    assert int(flows) == FLOWS and not problems, done.stdout[:2000]
    return float(spent)


def _check(root: Path) -> float:
    began = time.perf_counter()
    command = [sys.executable, "-m", "flowbot", "check", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    spent = time.perf_counter() - began
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return spent


def _reload(root: Path) -> list[float]:
    """ms from a look at the disk until the project with the changed flow is there."""
    library, took = load(root, {}), []
    for number in range(RELOADS):
        file = root / "flows" / f"flow_{number}.yaml"
        file.write_text(file.read_text().replace("max_length: 80", f"max_length: {81 + number}"))
        before = library.flow(f"flow_{number}").version
        began = time.perf_counter()
        assert library.changed()
        library = load(root, {}, before=library)
        took.append(1000 * (time.perf_counter() - began))
        assert library.flow(f"flow_{number}").version != before
    return took
