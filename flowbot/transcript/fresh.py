"""A `bot:` line for what the bot says now, in the manner of the line that stood there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..engine.folding import fold
from ..testing import Said

_KEY = re.compile(r"[a-z0-9_.]+\Z")


def fresh(group: Sequence[Said], old: Any = None) -> Any:
    """What to expect of the messages of one entry: its key, or the parts that the `old` line names."""
    outbound = group[0].outbound
    text = " ".join(outbound.text.split())
    if isinstance(old, str) and old != "nothing" and not _KEY.match(old):
        return text
    template = outbound.template
    if not isinstance(old, Mapping):
        if template is not None:
            return {"template": template.name}
        return outbound.key or {"text": text}
    ids = [choice.id for choice in outbound.choices]
    titles = [choice.title for choice in outbound.choices]
    part = " ".join(str(old.get("contains", "")).split())
    real = {
        "key": outbound.key,
        "text": text,
        "contains": old.get("contains") if fold(part) in fold(text) else text,
        "lang": outbound.lang,
        "template": template.name if template else None,
        "with": {name: template.params.get(name) for name in old.get("with") or ()} if template else None,
        "to": f"+{group[0].to}" if group[0].to else None,
        "buttons": ids if set(old.get("buttons") or ()) & set(ids) else titles,
    }
    return {name: real.get(name, item) for name, item in old.items()}
