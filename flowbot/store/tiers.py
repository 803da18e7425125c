"""To how many contacts a channel has opened a conversation within a day: providers allow only so many.

The set is the channel's and lies outside of all partitions: it holds hashes, and nobody's id.
"""

from __future__ import annotations

from ..model import ids
from . import keys
from .call import Call
from .scripts import fcall

DAY = 86_400_000  # ms


def look(channel_key: str, now: int) -> Call[tuple[int, int]]:
    """How many in the 24 hours before `now`, and when the first of them was (ms UTC; 0: never)."""
    where = [keys.channel(channel_key, "contacted")]
    return fcall("look_tier", where, [now - DAY], lambda reply: (int(reply[0]), int(reply[1])), repeatable=True)


def note(channel_key: str, contact_id: str, now: int) -> Call[int]:
    """One more; the contact counts once."""
    return fcall(
        "note_tier", [keys.channel(channel_key, "contacted")], [ids.digest(contact_id), now, DAY], int, repeatable=True
    )


def reserve(channel_key: str, contact_id: str, now: int, most: int) -> Call[int]:
    """From when on the contact may be written to (ms UTC), where no 24 hours may hold more than `most` contacts."""
    where = [keys.channel(channel_key, "contacted")]
    return fcall("reserve_tier", where, [ids.digest(contact_id), now, most, DAY], int, repeatable=True)
