"""Payloads that others captured or published, where they are at hand: never copied in here.

`FLOWBOT_PAYLOADS`, or a folder `shared/payloads` beside the repository; its index.tsv says what each file holds.
"""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

ROOT = Path(os.environ.get("FLOWBOT_PAYLOADS") or Path(__file__).parents[3] / "shared" / "payloads")
HERE = (ROOT / "index.tsv").exists()
ABSENT = "no payloads of others at hand (FLOWBOT_PAYLOADS): only our own retyped cases are shown to parse, not "


def rows(provider: str) -> list[tuple[str, dict[str, Any]]]:
    """Each file of a provider with what it should parse to; none where the payloads are not at hand."""
    if not HERE:
        return []
    with (ROOT / "index.tsv").open(encoding="utf-8") as lines:
        found = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(row["file"], json.loads(row["expect"])) for row in found if row["provider"] == provider]
