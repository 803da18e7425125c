"""What a project of 500 flows costs: to compile, to reload when one was written, and to check."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flowbot.library.load import load
from flowbot.worker.loop import calm_collector

from .result import Result

FLOWS = 500
USUAL, LARGE = 2, 6  # blocks of five steps: as long as the example flows, and much longer
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
    """Flows in two languages, no text like another; each run in a fresh process."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        usual, large = Path(one), Path(other)
        write(usual, USUAL)
        write(large, LARGE)
        checks = [_middle(_check, usual), _middle(_check, large)]
        compiled = [_middle(_compile, usual), _middle(_compile, large)]
        reloads = _reload(large)
    sizes = [f"{5 * blocks + 2} steps each, two languages" for blocks in (USUAL, LARGE)]
    spread = f"of {FLOWS}; {sizes[1]}; the slowest of {RELOADS} {max(reloads):.0f} ms"
    reloaded = statistics.median(reloads)
    return [
        Result(what="compiling 500 flows", value=compiled[0], unit="s", at_most=3, note=sizes[0]),
        Result(what="compiling 500 large flows", value=compiled[1], unit="s", at_most=3, note=sizes[1]),
        Result(what="reload of one changed flow", value=reloaded, unit="ms", at_most=50, note=spread),
        Result(what="flowbot check, 500 flows", value=checks[0], unit="s", at_most=2, note=sizes[0]),
        Result(what="flowbot check, 500 large flows", value=checks[1], unit="s", note=sizes[1]),
    ]


def _middle(measured: Callable[[Path], float], root: Path) -> float:
    return sorted(measured(root) for _ in range(RUNS))[RUNS // 2]


def write(root: Path, blocks: int, flows: int = FLOWS) -> None:
    """A project of flows that are `blocks` long."""
    (root / "flowbot.yaml").write_text(PROJECT)
    for folder in ("flows", "content/en", "content/es"):
        (root / folder).mkdir(parents=True)
    for number in range(flows):
        steps = "".join(BLOCK.replace("@", str(block)) for block in range(blocks))
        (root / "flows" / f"flow_{number}.yaml").write_text(HEAD.replace("@", str(number)) + steps + TAIL)
        for lang, words in WORDS.items():
            text = "".join(ENTRIES.replace("@", str(block)) for block in range(blocks)) + REST
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
    calm_collector()
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
