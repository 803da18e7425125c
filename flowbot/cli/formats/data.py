"""JSON for programs."""

from __future__ import annotations

import dataclasses
from collections import Counter

import orjson

from .report import Report


def write(report: Report) -> str:
    counts = Counter(one.level for one in report.problems)
    data = {
        "problems": [dataclasses.asdict(one) for one in report.problems],
        "fixed": list(report.fixed),
        "gone": [dataclasses.asdict(one) for one in report.gone],
        "summary": {
            "errors": counts["error"],
            "warnings": counts["warning"],
            "notes": counts["note"],
            "ignored": report.ignored,
            "known": report.known,
        },
    }
    return orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()
