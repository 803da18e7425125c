"""Versions out of the store of another release: what compiled once is made again, whatever the rules are by now."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import orjson
import pytest

from flowbot.engine.compiler import from_bundle
from flowbot.errors import ParseError
from flowbot.library.content import shipped
from flowbot.library.yaml import read_yaml

from .talk import Book, Talk, flow_of
from .test_compiler import MISTAKES
from .test_compiler_damage import JUNK, _damaged, _places

FOLDER = Path(__file__).parent / "bundles"
FLOW = """
    flow: demo
    languages: [es, en]
    anytime: {help: {say: help_text}}
    steps:
      name: {ask: name_text, retry: {then: bye}, commands: {again: {say: help_text}}}
      bye: {succeed: {n: "{{ answers.name }}"}}
"""
WORDS: dict[str, dict[str, Any]] = {
    "es": {"name_text": "¿Tu nombre?", "help_text": "Ayuda.", "words": {"help": ["auxilio"]}},
    "en": {},
}


def bundle(name: str) -> bytes:
    return (FOLDER / f"{name}.json").read_bytes()


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.json")))
def test_a_saved_version_is_played_to_its_end(name: str) -> None:
    """R012, R143: nobody on the way is dropped by a release that has other rules."""
    flow = from_bundle(bundle(name), version="kept")
    assert flow.version == "kept"
    talk = Talk(Book(flow))
    talk.api()
    assert talk.texts() == ["¿Tu nombre?"]
    talk.user("ayuda" if name == "first_form" else "help")
    assert talk.texts() == ["Ayuda.", "¿Tu nombre?"]
    talk.user("Ana")
    assert talk.texts() == ["Which plan?"] and talk.step == "plan"
    talk.user("neither")
    assert talk.texts()[0] == "Elige una."
    talk.tap("basic")
    assert talk.texts() == ["Adiós."]
    assert talk.ended["outcome"] == "succeeded" and talk.ended["flow_version"] == "kept"


def test_a_step_that_cannot_be_read_any_more_ends_only_who_comes_to_it() -> None:
    flow = from_bundle(bundle("newer_rules"), shipped=shipped(("es", "en")))
    assert flow.version == "0123456789abcdef"
    for step, outcome in (("odd", "failed"), ("unread", "failed"), ("bye", "succeeded")):
        talk = Talk(Book(flow))
        talk.api(step=step)
        assert talk.ended["outcome"] == outcome and talk.texts()


def test_words_that_a_release_adds_are_there_for_older_versions() -> None:
    """What a version was kept with goes before what this release says."""
    now = {"es": {"error.choice": "Otra cosa.", "error.new": "Nuevo."}, "en": {"error.new": "New."}}
    content = from_bundle(bundle("newer_rules"), shipped=now).content
    found = [content.lookup(key, "es").bubbles[0][0].text.render({}) for key in ("error.choice", "error.new")]
    assert found == ["Elige una.", "Nuevo."]


@pytest.mark.parametrize("case", MISTAKES.source.data, ids=lambda case: case["why"])
def test_no_rule_of_today_would_have_stopped_it(case: dict[str, Any]) -> None:
    """Every mistake that the compiler knows, as if yesterday's release had not known it."""
    kept = {"flow": "demo", "data": case["flow"], "content": {}, "languages": ["en"]}
    if {code for code, *_ in case["says"]} & {"F219", "F207"} or "_state" in str(case["flow"]):
        # no steps, ways to steps that are not there, an outcome that transitions refuses: no release ever made that run
        with pytest.raises(ParseError):
            from_bundle(orjson.dumps(kept))
    else:
        assert from_bundle(orjson.dumps(kept)).steps


@pytest.mark.parametrize("seed", range(4))
def test_damage_is_a_flow_or_a_parse_error(seed: int) -> None:
    chance = random.Random(seed)
    whole = orjson.loads(bundle("newer_rules"))
    made = 0
    for _ in range(100):
        data = _damaged(whole, chance.choice(_places(whole)[1:]), chance.choice(JUNK), chance.randrange(3))
        try:
            made += bool(from_bundle(orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)).steps)
        except ParseError:
            continue
    assert made > 30


def version(words: dict[str, dict[str, Any]], flow: str = FLOW) -> str:
    return flow_of(flow, words).version


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ({"es": {"name_text": "¿Cómo te llamas?"}}, True),
        ({"es": {"words": {"help": ["socorro"]}}}, True),
        ({"es": {"words": {"again": ["otra vez"]}}}, True),
        ({"es": {"error.text": "Escríbelo, por favor."}}, True),
        ({"es": {"words": {"opt_out": ["parar"]}}}, True),
        ({"en": {"name_text": "Your name?"}}, True),
        ({"es": {"of_another_flow": "Hola."}}, False),
        ({"es": {"words": {"another": ["otro"]}}}, False),
        ({"fr": {"name_text": "Ton nom ?"}}, False),
        ({"en": {}}, False),
    ],
    ids=str,
)
def test_the_words_that_a_flow_uses_are_a_part_of_its_version(change: dict[str, Any], counts: bool) -> None:
    """R012: of content shared by all flows only what this one says or understands."""
    words = {lang: {**WORDS.get(lang, {}), **change.get(lang, {})} for lang in {**WORDS, **change}}
    if "words" in change.get("es", {}):
        words["es"]["words"] = {**WORDS["es"]["words"], **change["es"]["words"]}
    assert (version(words) != version(WORDS)) is counts


def test_a_release_with_other_words_of_its_own_changes_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """A version is the hash of what its author wrote."""
    before = flow_of(FLOW, WORDS)
    newer = {"fallback": "Hoppla.", "error.brandnew": "Something else."}
    monkeypatch.setattr("tests.engine.talk.shipped", lambda languages: {lang: newer for lang in languages})
    after = flow_of(FLOW, WORDS)
    assert after.version == before.version
    assert after.content.has("error.brandnew") and not before.content.has("error.brandnew")
    assert from_bundle(before.bundle()).content.has("error.text")


def test_the_order_of_keys_is_layout_and_the_order_of_steps_is_not() -> None:
    again = FLOW.replace("ask: name_text, retry: {then: bye}", "retry: {then: bye}, ask: name_text")
    assert again != FLOW and version(WORDS, again) == version(WORDS)
    one, two = "{steps: {a: {say: x_text}, b: {say: y_text, next: c}", "c: {succeed: {}}}}"
    swapped = "{steps: {b: {say: y_text, next: c}, a: {say: x_text}"
    assert version({}, f"{one}, {two}") != version({}, f"{swapped}, {two}")


def test_a_file_is_read_as_yaml_and_kept_as_json() -> None:
    """R018: what the store holds of a flow makes an equal one, on whatever machine."""
    source = read_yaml("flows/demo.yaml", FLOW.encode()).source
    assert source is not None
    flow = flow_of(FLOW, WORDS)
    kept = orjson.loads(flow.bundle())
    assert kept["data"] == source.data and kept["version"] == flow.version
    assert from_bundle(flow.bundle()).bundle() == flow.bundle()
