"""SARIF 2.1.0, which code scanning and editors read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import orjson

from ... import __version__
from ...library.baseline import known
from ...library.codes import Code, codes
from ...model.problem import Problem
from .report import Report

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def write(report: Report) -> str:
    named = {one.code: number for number, one in enumerate(_rules(report))}
    results = list(_results(report, named))
    driver = {"name": "flowbot", "semanticVersion": __version__, "rules": [_rule(one) for one in _rules(report)]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return orjson.dumps(log, option=orjson.OPT_INDENT_2).decode()


def _rules(report: Report) -> list[Code]:
    used = {one.code for one in report.problems}
    every = codes()
    return [every.get(name) or Code(code=name, meaning=name) for name in sorted(used)]


def _rule(code: Code) -> dict[str, Any]:
    return {
        "id": code.code,
        "shortDescription": {"text": code.meaning},
        "fullDescription": {"text": " ".join(part.strip() for part in (code.meaning, code.why) if part)},
        "help": {"text": code.fix or code.meaning},
        "defaultConfiguration": {"level": code.level},
    }


def _results(report: Report, named: dict[str, int]) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for one in report.problems:
        print_ = sha256(repr(known(one)).encode()).hexdigest()[:32]
        seen[print_] += 1
        yield {
            "ruleId": one.code,
            "ruleIndex": named[one.code],
            "level": one.level,
            "message": {"text": f"{one.message} ({one.hint})" if one.hint else one.message},
            "locations": [_location(report, one)],
            # Of two alike each is its own.
            "partialFingerprints": {"flowbotProblem/v1": f"{print_}:{seen[print_]}"},
        }


def _location(report: Report, problem: Problem) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": report.uri(problem.file)}}
    if problem.line:
        start = max(1, problem.column)
        place["region"] = {
            "startLine": problem.line,
            "startColumn": start,
            "endLine": problem.line,
            "endColumn": start + problem.length,
        }
    return {"physicalLocation": place}
