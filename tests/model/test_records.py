"""Records as this release writes them: a later one must still read them, field by field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from flowbot.model import codec, event
from flowbot.model.contact import Contact
from flowbot.model.hook import Hook
from flowbot.model.outbound import OutboxEntry
from flowbot.model.session import Session

FOLDER = Path(__file__).parent / "records"
KINDS: dict[str, Any] = {"session": Session, "contact": Contact, "outbox": OutboxEntry, "hook": Hook}


@pytest.mark.parametrize("name", KINDS)
def test_a_saved_record_is_read_whole(name: str) -> None:
    """Nothing in it has been renamed, dropped, or given another form: written out again it is the same."""
    kept = (FOLDER / f"{name}.json").read_bytes()
    assert orjson.loads(codec.encode(codec.decode(KINDS[name], kept))) == orjson.loads(kept)


@pytest.mark.parametrize("plain", orjson.loads((FOLDER / "events.json").read_bytes()), ids=lambda plain: plain["k"])
def test_a_saved_event_is_read_whole(plain: dict[str, Any]) -> None:
    assert orjson.loads(event.to_bytes(event.from_bytes(orjson.dumps(plain)))) == plain


@pytest.mark.parametrize("name", KINDS)
def test_what_a_newer_release_adds_is_left_out(name: str) -> None:
    """Two neighbouring releases work side by side."""
    plain = orjson.loads((FOLDER / f"{name}.json").read_bytes())
    more = orjson.dumps({**plain, "of_tomorrow": {"x": 1}})
    assert codec.decode(KINDS[name], more) == codec.decode(KINDS[name], orjson.dumps(plain))
