"""Verify something about the contact, and go on by the verdict.

`verify: otp`, `email` and `phone` send a one-time code, which the contact writes here. `ask` says what is asked then,
else the entry with the step's id does, else shipped words. `<step>_wrong` answers a wrong code, `n` is how many tries
are left; there are `<step>_form`, `_resent`, `_soon`, `_unsent` and `_message` too. *Resend* gets another code.

`with` may hold `channel` (whatsapp, sms, email), `to` (the contact's own number unless given), `length` (6 digits),
`valid_for` (10m), `attempts` (5), `template` (an authentication template) and `integration` (the action that sends it).
It ends as verified; rejected, when the tries are used up; expired; or error, when no code could be sent, and
`<step>.reason` says why. `email` and `phone` take `by: link` too: what goes out, by e-mail or SMS, is a link to a page
with one button, and whoever presses that is verified; `{{ code }}` in `<step>_message` stands for it. What it came to
stands under the step's id, and in the hook's `verifications`.

```yaml
flow: example
languages: [en]
steps:
  code:
    verify: otp
    ask: We have sent you a code. Which one is it?
    with: {channel: whatsapp, length: 6, valid_for: 10m, attempts: 5}
    next: {verified: done, rejected: locked, expired: late, error: sorry}
  done: {say: "That's you.", succeed: {}}
  locked: {say: That was one wrong code too many., fail: too_many_tries}
  late: {say: The code is not valid any more., fail: expired}
  sorry: {say: We can't send you a code right now., fail: service_down}
```

`verify: document`, `face`, `document_and_face` and `verify: <name>` ask the verifier of that name in flowbot.yaml.
`with` names the files, asked for before, and plain values; beside them it may hold `threshold` (the least score),
`retries` (visits after the first; then what is unclear is rejected), and for our own looks at the files, which come
first, `max_mb`, `min_width`, `min_height` and `sharp: false`. It ends as verified, rejected, unclear, expired (no
verdict came in time) or error. `<step>.score`, `.reasons`, `.remaining` and `.data` are what the verifier said.

```yaml
  check:
    verify: document
    with: {front: "{{ answers.front }}", number: "{{ answers.number }}", threshold: 0.8, retries: 2}
    timeout: {after: 90s, then: by_person}
    next: {verified: done, rejected: locked, unclear: front, error: by_person}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..model.problem import Path
from .base import Keys, Tools, Verb
from .fields import Table, Text
from .verification import KINDS, OTHER


class Verify:
    """What all kinds have in common; `build` gives the one that is named.

    A kind is a file in verification/: a class with the face of a verb, listed in KINDS there.
    """

    word: ClassVar[str] = "verify"
    role: ClassVar[str] = "wait"
    good: ClassVar[str] = "verified"
    bad: ClassVar[tuple[str, ...]] = ("rejected", "unclear", "expired", "error")
    shares: ClassVar[tuple[str, ...]] = ("timeout",)
    private: ClassVar[bool] = True  # what is typed here may be a code: it lies encrypted even on its way in

    class Schema(Keys):
        verify = Text(required=True)
        ask = Text()
        with_ = Table(data_key="with")

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> Verb:
        kind = KINDS.get(data["verify"], OTHER)
        return kind.build(data, tools, path)
