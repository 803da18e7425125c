"""The linter: rules over a compiled flow, each a small pure function that yields problems."""

from __future__ import annotations

from collections.abc import Iterable

from ...model.problem import Problem
from . import answers, graph, heard, labels, names, silence, starts, translations, windows
from .case import Case, Rule

# Rules that may find an error: a flow is sound when they find none.
GRAVE: tuple[Rule, ...] = (
    graph.endless,
    labels.titles,
    labels.made,
    labels.bodies,
    labels.in_place,
    names.unknown_in_content,
    names.unknown_in_place,
    names.missing,
)
# Rules that only warn: no flow runs otherwise for what they find.
REMARKS: tuple[Rule, ...] = (
    graph.unreachable,
    graph.dead_ends,
    graph.never_succeeds,
    silence.unanswered,
    silence.expired_before,
    silence.unnamed,
    silence.endless_wait,
    labels.many,
    labels.alike,
    labels.unlabeled,
    translations.untranslated,
    translations.unused,
    translations.placeholders,
    starts.unstarted,
    answers.never_equal,
    answers.unasked,
    heard.consent_first,
    heard.twice,
    windows.begun_by_business,
    windows.after_a_wait,
)


def lint(case: Case, rules: Iterable[Rule] = (*GRAVE, *REMARKS)) -> tuple[Problem, ...]:
    """Everything the rules find, each thing once."""
    return tuple(dict.fromkeys(problem for rule in rules for problem in rule(case)))


__all__ = ["GRAVE", "REMARKS", "Case", "lint"]
