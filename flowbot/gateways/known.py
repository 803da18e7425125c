"""One line of a provider's table of errors.

Kinds: retry (may pass by itself), slow (throttled: pause the scope), hold (stop the channel, a person must act), perm
(this message fails), perm-user (and so will others to this contact), perm-tmpl (and so will others of this template),
hold-tmpl (the same, until the template is approved again).
"""

from __future__ import annotations

from typing import NamedTuple


class Known(NamedTuple):
    kind: str
    title: str
    scope: str = "channel"  # what a throttle pauses: channel, recipient
