"""The linter: rules over a compiled flow, each a small pure function that yields problems."""

from __future__ import annotations

from ...model.problem import Problem
from . import answers, graph, heard, labels, names, silence, starts, translations, windows
from .case import Case, Rule

RULES: tuple[Rule, ...] = (
    graph.unreachable,
    graph.endless,
    graph.dead_ends,
    graph.never_succeeds,
    silence.unanswered,
    silence.expired_before,
    silence.unnamed,
    silence.endless_wait,
    labels.titles,
    labels.many,
    labels.alike,
    labels.unlabeled,
    labels.bodies,
    labels.in_place,
    translations.untranslated,
    translations.unused,
    translations.placeholders,
    starts.unstarted,
    names.unknown_in_content,
    names.unknown_in_place,
    names.missing,
    answers.never_equal,
    answers.unasked,
    heard.consent_first,
    heard.twice,
    windows.begun_by_business,
    windows.after_a_wait,
)
# What can be said of a flow with errors, too: no rule whose finding may only follow from one of them.
CAUTIOUS: tuple[Rule, ...] = (
    labels.titles,
    labels.many,
    labels.alike,
    labels.bodies,
    labels.in_place,
    translations.untranslated,
    translations.placeholders,
    names.unknown_in_content,
    names.unknown_in_place,
    names.missing,
    answers.never_equal,
    heard.twice,
)


def lint(case: Case, *, sound: bool = True) -> tuple[Problem, ...]:
    """Everything the rules find, each thing once; less of a flow that has errors."""
    return tuple(dict.fromkeys(problem for rule in (RULES if sound else CAUTIOUS) for problem in rule(case)))


__all__ = ["CAUTIOUS", "RULES", "Case", "lint"]
