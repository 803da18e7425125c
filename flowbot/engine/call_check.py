"""Whether what a flow calls is declared in flowbot.yaml, and gets the values that it reads."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ..model.code import GIVEN
from ..model.problem import Path, suggest
from ..steps.verification import KINDS
from .workbench import Workbench

NOBODY: Mapping[str, Collection[str]] = {}


@dataclass(frozen=True, slots=True)
class Takes:
    """The values that an action needs, and all those that it has a use for."""

    needs: frozenset[str]
    reads: frozenset[str]


def check_calls(
    bench: Workbench, known: Mapping[str, Takes] | None, lacking: Mapping[str, Collection[str]] = NOBODY
) -> None:
    """`lacking`: what some account has -> the accounts of the flow that have it not."""
    if known is None:
        return
    for name, given, path in bench.actions:
        found = known.get(name)
        if found is None:
            _unknown(bench, name, known, (*path, "call"))
        else:
            _given(bench, name, found, given, path)
            _lacked(bench, "F221", f"action {name!r}", lacking.get(name, ()), (*path, "call"))
    for name, path in bench.senders:
        sender = known.get(name)
        if sender is None:
            _unknown(bench, name, known, path)
        else:
            _lacked(bench, "F221", f"action {name!r}", lacking.get(name, ()), path)
        for one in sorted(sender.reads - set(GIVEN)) if sender else ():
            message = f"{name} reads {one!r}, which no code brings along"
            bench.problem(path, "F222", message, hint=f"there are: {', '.join(GIVEN)}")


def check_verifiers(
    bench: Workbench, known: Collection[str] | None, lacking: Mapping[str, Collection[str]] = NOBODY
) -> None:
    for name, path in bench.verifiers if known is not None else ():
        if name not in (known or ()):
            hint = suggest(name, [*KINDS, *(known or ())]) or "declare it in flowbot.yaml: verifiers"
            bench.problem(path, "F223", f"there is no verifier {name!r}", hint=hint)
        else:
            _lacked(bench, "F223", f"verifier {name!r}", lacking.get(name, ()), path)


def _lacked(bench: Workbench, code: str, what: str, accounts: Collection[str], path: Path) -> None:
    if accounts:
        whose = "the accounts" if len(accounts) > 1 else "the account"
        message = f"there is no {what} for {whose} {', '.join(map(repr, accounts))}"
        hint = "declare it there in flowbot.yaml, or say below `flows` which flows an account runs"
        bench.problem(path, code, message, hint=hint, level="warning")


def _unknown(bench: Workbench, name: str, known: Collection[str], path: Path) -> None:
    integration = name.partition(".")[0]
    here = [one for one in known if one.partition(".")[0] == integration]
    what = f"no action {name!r}" if here else f"no integration {integration!r}"
    near = suggest(name, known)
    hint = near or (f"there are: {', '.join(sorted(here))}" if here else "declare it in flowbot.yaml: integrations")
    bench.problem(path, "F221", f"there is {what}", hint=hint)


def _given(bench: Workbench, name: str, takes: Takes, given: Collection[str], path: Path) -> None:
    where = (*path, "with") if given else (*path, "call")
    for one in sorted(takes.reads - set(given)):
        needed = one in takes.needs
        message = f"{name} reads {one!r}, and `with` has no such value"
        hint = f"with: {{{one}: …}}" + ("" if needed else "; without, it is left empty")
        bench.problem(where, "F222", message, hint=hint, level="error" if needed else "warning")
    for one in given:
        if one not in takes.reads:
            hint = suggest(one, takes.reads) or f"it reads: {', '.join(sorted(takes.reads)) or 'nothing'}"
            bench.problem((*path, "with", one), "F222", f"{name} has no use for {one!r}", hint=hint, level="warning")
