"""What a simulated contact did, out of its history: to do it again, or to write it down as a test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...model.choice import to_wire

Plain = Mapping[str, Any]


def inputs_of(history: Iterable[tuple[str, str, Plain]], *, answers: bool = False) -> list[dict[str, Any]]:
    """Messages, starts, clock jumps and an operator's deeds in order; timers come again by themselves.

    So do the answers of services and verifiers, unless they are wanted too.
    """
    found = []
    for _, kind, body in history:
        made = _input(body.get("event", {})) if kind == "in" else None
        if made and (answers or made["k"] != "answer"):
            found.append(made)
    return found


def _input(event: Plain) -> dict[str, Any] | None:
    match event.get("k"):
        case "message":
            return {"k": "message", "said": said(event.get("inbound", {}))}
        case "clock":
            return {"k": "clock", "by": int(event.get("by", 0))}
        case "operator":
            return {"k": "operator", **{name: event.get(name, "") for name in ("action", "text", "choice")}}
        case "answer":
            parts = {name: event.get(name, "") for name in ("kind", "outcome", "reason")}
            heard = parts["kind"] in ("call", "verify")
            return {"k": "answer", **parts, "result": event.get("result") or {}} if heard else None
        case "start":
            template = event.get("template") or {}
            inputs = {**template.get("params", {}), **event.get("inputs", {})}
            made = {"k": "start", "inputs": inputs, "language": event.get("language", "")}
            return {**made, "invite": template["name"], "with": template["params"]} if template else made
    return None


def said(inbound: Plain) -> dict[str, Any]:
    """An inbound as the page would post it.

    >>> said({"id": "1", "kind": "tap", "tap": {"choice": "yes", "visit": 3, "title": "Yes"}})["tap"]["id"]
    'v3.yes'
    """
    kind = inbound.get("kind", "text")
    made = {"kind": kind, "language": inbound.get("facts", {}).get("language", "")}
    if kind == "tap":
        tap = inbound["tap"]
        name = tap.get("raw") or (to_wire(tap["choice"], tap["visit"]) if tap.get("visit") else tap["choice"])
        return {**made, "tap": {**tap, "id": name}}
    if kind == "location":
        return {**made, "place": inbound["place"]}
    if inbound.get("media"):
        return {**made, "media": inbound["media"]}
    return {**made, "kind": "text", "text": inbound.get("text", "")}
