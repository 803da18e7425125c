"""The way back: which publication to take back, and what is published then."""

from __future__ import annotations

from collections.abc import Sequence

from ..engine.compiler import from_bundle
from ..engine.flow import Flow
from ..errors import NotFound
from ..library.library import Library
from ..model.project import Account
from ..store import flows, publications
from ..store.client import Store
from ..store.publications import Publication
from .plan import Plan, plan_for


def rollback(store: Store, library: Library, account: Account, flow: str = "", version: str = "") -> Plan:
    """A plan that takes the last publication back; of one `flow` the last that changed it, or straight to a version.

    NotFound when there is nothing to go back to.
    """
    pointers = store.run(publications.current(account.name))
    past = store.run(publications.history(account.name))
    undoes, back = (0, {flow: _full(version, flow, past)}) if version else last(past, flow)
    if not back or not {**pointers.flows, **back}.keys() - {id for id, one in back.items() if not one}:
        what = f"of '{flow}' " if flow else ""
        raise NotFound(f"account '{account.name}' has nothing {what}to go back to: nothing was published before")
    targets = {id: _version(store, id, one) for id, one in back.items()}
    return plan_for(store, library, account, targets, pointers, undoes=undoes)


def last(past: Sequence[Publication], flow: str = "") -> tuple[int, dict[str, str]]:
    """The newest publication that was not taken back and is not itself a taking back, and what there was before it.

    `past`: the newest first. With a `flow`, that flow's alone; what was taken back of a publication is left out.

    >>> one = Publication(number=1, at=0, who="", changes={"f": ("", "a"), "g": ("", "x")})
    >>> two = Publication(number=2, at=0, who="", changes={"f": ("a", "b"), "g": ("x", "y")})
    >>> three = Publication(number=3, at=0, who="", undoes=2, changes={"f": ("b", "a")})
    >>> last([two, one]), last([three, two, one]), last([three, two, one], "f")
    ((2, {'f': 'a', 'g': 'x'}), (2, {'g': 'x'}), (1, {'f': ''}))
    """
    undone = {(one.undoes, id) for one in past if one.undoes for id in one.changes}
    for one in past:
        left = {id: old for id, (old, _) in one.changes.items() if flow in ("", id) and (one.number, id) not in undone}
        if left and not one.undoes:
            return one.number, left
    return 0, {}


def _full(version: str, flow: str, past: Sequence[Publication]) -> str:
    """The version whose beginning is given: of those that were published ever."""
    known = {one for entry in past for id, pair in entry.changes.items() if id == flow for one in pair if one}
    fits = sorted(one for one in known if one.startswith(version))
    if len(fits) != 1:
        named = ", ".join(sorted(fits or known)) or "none"
        raise NotFound(f"no one version of '{flow}' begins with {version!r}; published were: {named}")
    return fits[0]


def _version(store: Store, flow: str, version: str) -> Flow | None:
    if not version:
        return None
    bundle = store.run(flows.get(version))
    if bundle is None:
        raise NotFound(f"version {version} of '{flow}' is not kept any more")
    return from_bundle(bundle, version=version)
