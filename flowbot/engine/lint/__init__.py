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


def lint(case: Case) -> tuple[Problem, ...]:
    """Everything the rules find, each thing once."""
    return tuple(dict.fromkeys(problem for rule in RULES for problem in rule(case)))


__all__ = ["RULES", "Case", "lint"]
