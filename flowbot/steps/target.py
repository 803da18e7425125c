"""Where an outcome leads: a step, an end, another flow, or back to the question that was open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..model.quick import quick


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`{kind: step, name: consent}`; kinds: step, succeed, fail, expire, jump, back."""

    kind: str
    name: str = ""  # the step, the flow to jump to, or the reason of a failure
    fill: Callable[[Mapping[str, Any]], Any] | None = None  # result of succeed, inputs of jump
    reason: str = ""  # jump: end this process as failed with it
    path: tuple[str | int, ...] = ()  # its place in the file

    @property
    def state(self) -> str:
        """The machine's state that stands for it.

        >>> Target(kind="step", name="consent").state, Target(kind="fail", name="declined").state
        ('consent', '@fail declined')
        """
        if self.kind == "step":
            return self.name
        if self.fill is None and not self.reason:
            return f"@{self.kind} {self.name}".rstrip()
        return f"@{self.kind} {self.name} {'/'.join(map(str, self.path))}"


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One of an outcome's ways, tried in order; `fallback` marks the one nobody wrote."""

    target: Target
    when: Callable[[Mapping[str, Any]], Any] | None = None
    fallback: bool = False
