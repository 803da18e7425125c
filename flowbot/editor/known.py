"""The names of a project that its files may use: flows, steps, words, channels, fields of the contact.

A schema is for all files of a kind: it offers the steps and words of all flows, for it cannot know which file it is in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from ..engine.content import TABLES
from ..engine.names import CONTACT
from ..library.library import Library
from ..transcript.mocks import splits

MOST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All sorted; empty where nothing is known, and then anything goes."""

    flows: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()  # of all flows
    entries: tuple[str, ...] = ()  # of all content
    channels: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    contact_fields: tuple[str, ...] = ()  # those that may be set
    languages: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()  # integration.action
    verifiers: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    splits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # step -> its ways

    @classmethod
    def of(cls, library: Library) -> Known:
        accounts = library.project.accounts.values()
        spoken = {lang for one in accounts for lang in one.languages} | {
            lang for flow in library.flows.values() for lang in flow.languages
        }
        fields = {name for one in accounts for name in one.contact_fields} | (
            CONTACT & {"name", "language", "timezone"}
        )
        return cls(
            flows=tuple(sorted(library.made)),
            steps=_few({step for flow in library.flows.values() for step in flow.steps}),
            entries=_few({str(key) for data in _contents(library) for key in data} - TABLES),
            channels=tuple(sorted({name for one in accounts for name in one.channels})),
            accounts=tuple(sorted(one.name for one in accounts)),
            contact_fields=tuple(sorted(fields)),
            languages=tuple(sorted(spoken)),
            verifiers=tuple(sorted({name for one in accounts for name in one.verifiers})),
            actions=tuple(
                sorted(
                    {
                        f"{service.name}.{name}"
                        for one in accounts
                        for service in one.integrations.values()
                        for name in service.actions
                    }
                )
            ),
            templates=tuple(sorted(library.templates)),
            splits=splits(library),
        )


def _contents(library: Library) -> Iterator[Mapping[str, object]]:
    for read in library.folder.contents().values():
        if read.source is not None and isinstance(read.source.data, Mapping):
            yield read.source.data


def _few(names: Collection[str]) -> tuple[str, ...]:
    """Sorted; none of so many that nobody would look through them."""
    return tuple(sorted(names)) if len(names) <= MOST else ()
