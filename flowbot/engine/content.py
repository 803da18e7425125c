"""A flow's words: language -> key -> entry, as the library merged them, compiled when first asked for.

A key missing in the contact's language is looked for in the language's base, then in the flow's fall-back language,
then in English, where every wording of the engine itself exists; and so is each field of an entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import ExpressionError, RenderError
from .entry import Entry, build
from .expressions import Report, Scope, compile_text
from .folding import squeeze
from .locale import base
from .match import Option

# Lists of words to understand, not to say.
TABLES = frozenset({"words", "date_words", "time_words", "number_words", "country_words"})
OPEN_TABLES = ("number_words", "country_words")  # an author may add any name to them
_PLAIN_FIELDS = frozenset({"text", "choices"})
_UNSAYABLE = ("C402", "E301")  # mistakes that leave nothing to say where they stand


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """What is wrong with an entry, and where below it."""

    lang: str
    key: str
    path: tuple[str | int, ...]  # from the key on
    code: str
    message: str


class Content:
    """Immutable but for its cache of compiled entries."""

    __slots__ = ("_cache", "_entries", "_keys", "_lenient", "_meanings", "_options", "_tables", "languages")

    def __init__(
        self, entries: Mapping[str, Mapping[str, Any]], languages: Sequence[str], *, lenient: bool = False
    ) -> None:
        """`lenient`: an entry is said as far as it can be read, as a version of another release may need it."""
        self.languages = tuple(languages)
        self._lenient = lenient
        self._entries = entries
        self._keys = {lang.replace("_", "-").lower(): lang for lang in entries}
        self._cache: dict[tuple[str, str], Entry | None] = {}
        self._tables: dict[tuple[str, str], Mapping[str, tuple[str, ...]]] = {}
        self._meanings: dict[tuple[str, str], Mapping[str, str]] = {}
        self._options: dict[tuple[str, str, tuple[str, ...]], Options] = {}

    def chain(self, lang: str) -> tuple[str, ...]:
        """The languages to look in, in order.

        >>> Content({"es": {}, "pt": {}, "en": {}}, ["es"]).chain("pt_BR")
        ('pt', 'es', 'en')
        """
        fallback = self.languages[0] if self.languages else ""
        wanted = (lang, base(lang), fallback, base(fallback), "en")
        known = (self._keys.get(one.replace("_", "-").lower()) for one in wanted if one)
        return tuple(dict.fromkeys(one for one in known if one))

    def lookup(self, key: str, lang: str) -> Entry | None:
        """The entry for a contact of this language; None when no language has it. RenderError for a broken one."""
        found = self._cache.get((key, lang), _UNKNOWN)
        if found is not _UNKNOWN:
            return found  # type: ignore[return-value]
        raw = [(one, self._entries[one][key]) for one in self.chain(lang) if self._entries[one].get(key) is not None]
        mistakes: list[tuple[tuple[str | int, ...], str, str]] = []
        entry = build(key, raw, mistakes) if raw else None
        grave = [one for one in mistakes if not self._lenient or one[1] in _UNSAYABLE]
        if grave:
            raise RenderError(f"content {key!r}: {grave[0][2]}")
        self._cache[key, lang] = entry
        return entry

    def written(self, lang: str) -> Mapping[str, Any]:
        """The entries of this language alone, as an author wrote them."""
        return self._entries.get(lang, {})

    def has(self, key: str) -> bool:
        return any(key in entries for entries in self._entries.values())

    def table(self, key: str, lang: str) -> Mapping[str, tuple[str, ...]]:
        """Words to understand: of `words`, or another table; those of all languages in the chain count.

        >>> spoken = {"es": {"words": {"stop": ["baja"]}}, "en": {"words": {"stop": "stop"}}}
        >>> Content(spoken, ["es"]).table("words", "es")
        {'stop': ('baja', 'stop')}
        """
        found = self._tables.get((key, lang))
        if found is None:
            found = self._tables[key, lang] = self._table(key, lang)
        return found

    def _table(self, key: str, lang: str) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for one in self.chain(lang):
            for name, listed in _mapping(self._entries[one].get(key)).items():
                more = (listed,) if isinstance(listed, str) else tuple(map(str, listed or ()))
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), *more)))
        return found

    def meanings(self, key: str, lang: str) -> Mapping[str, str]:
        """The table the other way round: each word, folded, and what it means, first in the contact's own language.

        >>> Content({"es": {"number_words": {"1": ["uno", "una"]}}}, ["es"]).meanings("number_words", "es")
        {'uno': '1', 'una': '1'}
        """
        found = self._meanings.get((key, lang))
        if found is None:
            made: dict[str, str] = {}
            for one in self.chain(lang):
                for name, listed in _mapping(self._entries[one].get(key)).items():
                    for word in (listed,) if isinstance(listed, str) else map(str, listed or ()):
                        made.setdefault(squeeze(word), name)
            found = self._meanings[key, lang] = made
        return found

    def words(self, name: str, lang: str) -> tuple[str, ...]:
        """The words that mean `stop`, `help` …"""
        return self.table("words", lang).get(name, ())

    def spoken(self, name: str, folded: str) -> str:
        """The one language in which this word means `opt_in` …; "" when it is said in several, or in none.

        >>> words = {"es": {"words": {"opt_out": ["baja", "stop"]}}, "en": {"words": {"opt_out": "stop"}}}
        >>> [Content(words, ["es", "en"]).spoken("opt_out", word) for word in ("baja", "stop", "go")]
        ['es', '', '']
        """
        found = []
        for lang, entries in self._entries.items():
            listed = _mapping(entries.get("words")).get(name)
            if folded in [squeeze(one) for one in ((listed,) if isinstance(listed, str) else map(str, listed or ()))]:
                found.append(lang)
        return found[0] if len(found) == 1 else ""

    def options(self, key: str, lang: str, ids: tuple[str, ...], scope: Scope, report: Report | None = None) -> Options:
        """The choices of a question as this contact sees them; without an entry their ids are their labels."""
        found = self._options.get((key, lang, ids))
        if found is not None:
            return found
        entry = self.lookup(key, lang)
        labels = entry.labels if entry else {}
        found = tuple(
            labels[id].option(scope, report) if id in labels else Option(id=id, title=titled(id)) for id in ids
        )
        if all(labels[id].is_constant for id in ids if id in labels):
            self._options[key, lang, ids] = found
        return found

    def yes_or_no(self, lang: str, value: bool) -> str:
        """How the buttons of a question of yes or no say it.

        >>> Content({"es": {"yes_no": {"choices": {"yes": "Sí"}}}}, ["es"]).yes_or_no("es", True)
        'Sí'
        """
        return self.options("yes_no", lang, ("yes" if value else "no",), {})[0].title

    def mistakes(self, keys: Sequence[str] | None = None) -> list[Mistake]:
        """All that is wrong in all entries, or in those given; each language by itself."""
        found: list[Mistake] = []
        for lang, entries in self._entries.items():
            for key, raw in entries.items():
                if key in TABLES or (keys is not None and key not in keys) or _is_sound(raw):
                    continue
                wrong: list[tuple[tuple[str | int, ...], str, str]] = []
                build(key, [(lang, raw)], wrong)
                found += [Mistake(lang=lang, key=key, path=path, code=code, message=why) for path, code, why in wrong]
        return found

    def names(self, key: str, lang: str) -> tuple[str, ...]:
        """The dotted names that an entry reads; () when it has mistakes."""
        try:
            entry = self.lookup(key, lang)
        except (RenderError, ExpressionError):
            return ()
        return entry.names if entry else ()


def laid(beneath: Mapping[str, Any], layer: Mapping[str, Any]) -> dict[str, Any]:
    """One language's entries over those beneath; tables of words are joined name by name.

    >>> laid({"a": "1", "words": {"stop": "stop", "go": "go"}}, {"a": "2", "words": {"stop": ["halt", 3]}})
    {'a': '2', 'words': {'stop': ['halt', '3'], 'go': ['go']}}
    """
    entries = {**beneath, **layer}
    for name in TABLES:
        if name in layer:
            entries[name] = {**_listed(beneath, name), **_listed(layer, name)}
        if name in entries and not entries[name]:
            del entries[name]
    return entries


def _listed(entries: Mapping[str, Any], name: str) -> dict[str, list[str]]:
    """The lists of words, as far as they are some; what else stands there is a problem of its file."""
    found = {key: _texts(listed) for key, listed in _mapping(entries.get(name)).items()}
    return {key: words for key, words in found.items() if words}


def _texts(listed: Any) -> list[str]:
    items = listed if isinstance(listed, list) else [listed]
    return [str(item) for item in items if isinstance(item, (str, int, float)) and not isinstance(item, bool)]


Options = tuple[Option, ...]
_UNKNOWN = object()


def _mapping(raw: Any) -> Mapping[str, Any]:
    return raw if isinstance(raw, Mapping) else {}


def _is_sound(raw: Any) -> bool:
    """Whether nothing is wrong in it: a text that can be read, perhaps with choices that are such texts.

    >>> _is_sound("Which?"), _is_sound({"text": "Which {{ x }}?", "choices": {"tea": "Tea"}}), _is_sound("{{ x")
    (True, True, False)
    >>> _is_sound({"txt": "Which?"})
    False
    """
    if isinstance(raw, str):
        return "{" not in raw or _can_be_read(raw)
    if not isinstance(raw, dict) or not raw.keys() <= _PLAIN_FIELDS:
        return False
    choices = raw.get("choices", {})
    texts = (raw.get("text", ""), *choices.values()) if isinstance(choices, dict) else (None,)
    return all(isinstance(text, str) and ("{" not in text or _can_be_read(text)) for text in texts)


def _can_be_read(text: str) -> bool:
    try:
        compile_text(text)
    except ExpressionError:
        return False
    return True


def titled(id: str) -> str:
    """The label of a choice that has no words.

    >>> titled("order_status")
    'Order status'
    """
    return id.replace("_", " ").capitalize()
