"""Flows of any size with every kind of way in them, the same for the same number."""

from __future__ import annotations

import random


def grown(steps: int, seed: int = 4) -> str:
    """The YAML of a flow that asks, branches, jumps ahead and back, and gives up."""
    chance = random.Random(seed)
    lines = ["flow: demo", f"title: A flow of {steps} steps", "languages: [en]"]
    lines += ["defaults: {retry: {times: 2, then: locked}}", "anytime: {exit: {fail: canceled}, help: {say: Helping}}"]
    lines += ["steps:", *(f"  step_{at}: {{{_step(at, steps, chance)}}}" for at in range(steps))]
    lines += ["  closing: {set: {vars.score: 1}}", "  over: {say: bye, succeed: {}}"]
    return "\n".join([*lines, "  locked: {say: sorry, fail: locked}", "  gave_up: {fail: gave_up}", ""])


def _step(at: int, steps: int, chance: random.Random) -> str:
    below = f"step_{min(steps - 1, at + 1)}"
    near = f"step_{chance.randrange(max(0, at - 8), min(steps, at + 12))}"
    far = f"step_{chance.randrange(steps)}" if chance.random() < 0.2 else below
    kind = chance.random()
    if kind < 0.5:
        ways = f"yes_please: {below}, rather_not: {near}, another_way_altogether: {far}"
        return f"ask: Question {at}?, choices: {{{ways}}}"
    if kind < 0.6:
        rows = f"{{when: vars.score >= {at}, then: {near}}}, {{when: vars.score < 0, then: locked}}, {{else: {below}}}"
        return f"title: Where we look at number {at}, note: Because of rule {at}, branch: [{rows}]"
    if kind < 0.7:
        return f"when: vars.score != {at}, say: Hello"
    return f"ask: Number {at}?, expect: integer, timeout: {{after: 1h, then: gave_up}}"
