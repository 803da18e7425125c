from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import stdnum
import yaml

from flowbot.engine import answers
from flowbot.engine.answers import Answer, Asked, Refused
from flowbot.engine.answers.papers import PAPERS
from flowbot.engine.content import Content
from flowbot.engine.match import Option
from flowbot.engine.plain import plain
from flowbot.engine.render import render
from flowbot.library.content import defaults
from flowbot.model.contact import Identity
from flowbot.model.inbound import Inbound, Media, Place, Tap

LANGUAGES = ("en", "es", "pt", "hi", "fr")
CONTENT = Content({lang: defaults(lang) for lang in LANGUAGES}, ["es"])
CASES = yaml.safe_load((Path(__file__).parent / "cases" / "answers.yaml").read_text())


def message(kind: str = "text", **facts: object) -> Inbound:
    return Inbound(id="m1", sender=Identity(number="573001112233"), kind=kind, **facts)  # type: ignore[arg-type]


def asked(expect: str, bounds: object = None, lang: str = "es", country: str = "CO", **more: object) -> Asked:
    return Asked(  # type: ignore[arg-type]
        expect=expect,
        bounds=bounds or {},
        lang=lang,
        country=country,
        today=date(2026, 11, 21),
        content=CONTENT,
        **more,
    )


def _says(refused: Refused, lang: str, country: str) -> set[str]:
    """Which of the parameters are read by the text in this language, shipped there and not borrowed from English."""
    entry = Content({lang: defaults(lang)}, [lang]).lookup(refused.key, lang)
    assert entry is not None
    scope = {**refused.params, "lang": lang, "contact": {"country": country}, "n": 1}
    (said,) = render(entry, scope)
    assert said.text and "{{" not in said.text
    return {plain(value) for name, value in refused.params.items() if name in entry.names or not value}


@pytest.mark.parametrize(("expect", "bounds", "lang", "country", "typed", "result"), CASES)
def test_typed(expect: str, bounds: dict[str, object], lang: str, country: str, typed: str, result: object) -> None:
    """R039, R040, R044, R045: read, or refused with a code, and what is said then names the bound."""
    found = answers.read(message(text=typed), asked(expect, bounds, lang, country))
    if isinstance(result, str) and result.startswith("!"):
        assert isinstance(found, Refused)
        assert found.code == result[1:]
        for spoken in LANGUAGES:
            assert _says(found, spoken, country) >= {plain(value) for value in found.params.values()}
    else:
        assert found == Answer(value=result)
        assert isinstance(found, Answer)
        assert type(found.value) is type(result)


@pytest.mark.parametrize("expect", sorted(answers.KINDS))
@pytest.mark.parametrize(
    "inbound",
    [
        message(text=""),
        message(text="\0"),
        message(text="\ud800"),
        message(text="x" * 70_000),
        message(text="٣٤٥" * 100),
        message(text="²"),
        message(text="１２/１２/２０２６"),
        message(text="1" * 5000),
        message(kind="sticker", media=Media(kind="sticker")),
        message(kind="audio", media=Media(kind="audio", voice=True)),
        message(kind="contacts", contacts=({"phones": [{"phone": None}]}, {"phones": None})),
        message(kind="location", place=Place(latitude=400, longitude=0)),
        message(kind="tap", tap=Tap(choice="x")),
        message(kind="unsupported"),
    ],
    ids=lambda inbound: f"{inbound.kind}-{inbound.text[:4]!r}",
)
def test_nothing_raises_and_every_refusal_has_its_text(expect: str, inbound: Inbound) -> None:
    """R004, R055."""
    found = answers.read(inbound, asked(expect))
    if isinstance(found, Refused):
        assert all(found.key in defaults(lang) for lang in LANGUAGES)


LOOKED = Media(kind="image", mime="image/jpeg", looked=True, width=1200, height=900, sharpness=400.0, size=300_000)
FILES = [
    ("image", Media(kind="image", mime="image/jpeg", id="1"), {}, ""),
    ("image", Media(kind="document", mime="image/png", id="1"), {}, ""),
    ("image", Media(kind="document", mime="application/pdf", id="1"), {}, "image"),
    ("image", Media(kind="video", mime="video/mp4", id="1"), {}, "image"),
    ("image", Media(kind="image", mime="image/jpeg", size=9_000_000), {"max_mb": 8}, "image.large"),
    ("image", Media(kind="image", mime="image/jpeg", size=0), {"max_mb": 8}, ""),
    ("image", Media(kind="image", mime="image/webp"), {"formats": ["jpg", "png"]}, "image.format"),
    ("image", Media(kind="image", mime="image/jpeg; charset=x"), {"formats": ["jpg", "png"]}, ""),
    ("image", Media(kind="image", mime="image/webp"), {"types": ["image/jpeg", "png"]}, "image.format"),
    ("image", Media(kind="image", mime="image/jpeg"), {"types": ["image/jpeg", "png"]}, ""),
    ("image", Media(kind="image", mime="image/png"), {"types": ["image/jpeg"], "formats": ["png"]}, ""),
    ("document", Media(kind="image", mime="image/jpeg", looked=True), {"types": ["image/jpeg"]}, ""),
    ("image", Media(kind="image", width=100, height=900), {"min_width": 800}, "image.small"),
    ("image", Media(kind="image"), {"min_width": 800}, ""),
    ("image", LOOKED, {"min_width": 800, "min_height": 800, "sharp": True}, ""),
    ("image", replace(LOOKED, sharpness=12.0), {"sharp": True}, "image.blurred"),
    ("image", replace(LOOKED, sharpness=0.0), {"sharp": True}, "image.blurred"),
    ("image", replace(LOOKED, sharpness=None), {"sharp": True}, ""),
    ("image", replace(LOOKED, sharpness=12.0), {}, ""),
    ("image", replace(LOOKED, damaged=True), {}, "image.damaged"),
    ("image", replace(LOOKED, mime=""), {}, "image"),  # a page that calls itself a photo
    ("image", replace(LOOKED, mime="application/pdf"), {}, "image"),
    ("document", Media(kind="document", mime="application/pdf"), {}, ""),
    ("document", Media(kind="document", mime="application/pdf", looked=True), {"formats": ["pdf"]}, ""),
    ("document", Media(kind="document", mime="text/plain", looked=True), {"formats": ["csv"]}, ""),
    ("document", Media(kind="document", mime="application/zip", looked=True), {"formats": ["pdf"]}, "file.format"),
    ("document", Media(kind="document", mime="", looked=True), {}, "file.format"),
    ("document", Media(kind="document", mime="application/x-msdownload", looked=True), {}, "file.format"),
    ("document", Media(kind="document", mime="application/pdf", size=20_000_000), {"max_mb": 10}, "file.large"),
    ("document", Media(kind="document", mime="image/png", looked=True, damaged=True), {}, "file.damaged"),
    ("document", LOOKED, {"formats": ["pdf", "jpg"]}, ""),
    ("document", LOOKED, {}, "document"),
    ("document", Media(kind="audio", mime="audio/ogg"), {}, "document"),
    ("audio", Media(kind="audio", mime="audio/ogg; codecs=opus", voice=True), {"voice": True}, ""),
    ("audio", Media(kind="audio", mime="audio/mpeg"), {"voice": True}, "audio.voice"),
    ("audio", Media(kind="document", mime="audio/mpeg"), {"formats": ["mp3"]}, ""),
    ("audio", Media(kind="audio", mime="video/mp4", looked=True), {}, ""),
    ("audio", Media(kind="video", mime="video/mp4"), {}, "audio"),
    ("audio", Media(kind="audio", mime="audio/aac"), {"formats": ["ogg"]}, "file.format"),
    ("video", Media(kind="video", mime="video/mp4"), {}, ""),
    ("video", Media(kind="document", mime="video/mp4"), {}, ""),
    ("video", Media(kind="video", mime="video/3gpp", size=17_000_000), {"max_mb": 16}, "file.large"),
    ("video", Media(kind="image", mime="image/jpeg"), {}, "video"),
    ("any_media", Media(kind="audio", mime="audio/ogg"), {}, ""),
    ("any_media", Media(kind="sticker", mime="image/webp"), {}, "any_media"),
    ("any_media", Media(kind="sticker", mime="image/webp"), {"types": ["sticker"]}, ""),
    ("any_media", Media(kind="audio", mime="audio/ogg"), {"types": ["image", "video"]}, "any_media"),
    ("any_media", Media(kind="document", mime="image/png"), {"types": ["image"]}, ""),
]


@pytest.mark.parametrize(("expect", "media", "bounds", "code"), FILES)
def test_files(expect: str, media: Media, bounds: dict[str, object], code: str) -> None:
    """R040, R041: by what they are, where somebody looked, else by what the provider said; and with the reason said."""
    found = answers.read(message(kind=media.kind, media=media), asked(expect, bounds))
    assert (found.code if isinstance(found, Refused) else "") == code
    if isinstance(found, Answer):
        assert found.value["kind"] == media.kind
        return
    for lang in LANGUAGES:
        assert _says(found, lang, "CO") >= {plain(value) for value in found.params.values()}


@pytest.mark.parametrize(
    ("expect", "media", "bounds", "wanted"),
    [
        ("image", Media(kind="image"), {}, False),
        ("image", Media(kind="image"), {"sharp": True}, True),
        ("image", Media(kind="image"), {"max_mb": 8}, True),
        ("image", LOOKED, {"sharp": True}, False),
        ("image", Media(kind="audio"), {"sharp": True}, False),
        ("document", Media(kind="document"), {"formats": ["pdf"]}, True),
        ("document", Media(kind="document"), {"types": ["pdf"]}, True),
        ("any_media", Media(kind="video"), {"types": ["video"]}, False),
        ("text", Media(kind="image"), {}, False),
    ],
)
def test_which_files_ought_to_be_looked_at(expect: str, media: Media, bounds: dict[str, object], wanted: bool) -> None:
    assert answers.unseen(message(kind=media.kind, media=media), asked(expect, bounds)) is wanted


FORM = message(kind="form", form={"flow_token": "t", "name": "Ana", "date": ""})
CARD = message(kind="contacts", contacts=({"name": {"first_name": "Ana"}, "phones": [{"wa_id": "573001112233"}]},))


@pytest.mark.parametrize(
    ("expect", "bounds", "inbound", "result"),
    [
        ("form", {}, FORM, {"name": "Ana", "date": ""}),
        ("form", {"fields": ["name"]}, FORM, {"name": "Ana", "date": ""}),
        ("form", {"fields": ["name", "date"]}, FORM, "!form.missing"),
        ("form", {}, message(kind="form", form={}), "!form"),
        ("form", {}, message(text="Ana"), "!form"),
        ("contact", {}, message(text="Ana"), "!contact"),
        (
            "contact",
            {},
            message(kind="contacts", contacts=({"phones": [{"phone": "none"}, 3], "emails": 7},)),
            "!contact",
        ),
        ("contact", {}, message(kind="contacts", contacts=()), "!contact"),
    ],
)
def test_forms_and_cards(expect: str, bounds: dict[str, object], inbound: Inbound, result: object) -> None:
    found = answers.read(inbound, asked(expect, bounds))
    if not isinstance(result, str):
        assert found == Answer(value=result)
        return
    assert isinstance(found, Refused) and found.code == result[1:]
    for lang in LANGUAGES:
        assert _says(found, lang, "CO") >= {plain(value) for value in found.params.values()}


def test_places_and_cards() -> None:
    found = answers.read(message(kind="location", place=Place(latitude=4.6, longitude=-74.0)), asked("location"))
    assert found == Answer(value={"latitude": 4.6, "longitude": -74.0})
    card = message(kind="contacts", contacts=({"phones": [{"phone": "+57 300 1112233"}]},))
    assert answers.read(card, asked("phone")) == Answer(value="+573001112233")
    ana = answers.read(CARD, asked("contact"))
    assert isinstance(ana, Answer)
    assert ana.value == {
        "name": "Ana",
        "phone": "+573001112233",
        "email": None,
        "phones": ["+573001112233"],
        "emails": [],
    }


def test_choices_by_tap_by_word_and_beside_a_type() -> None:
    options = (Option(id="today", title="Hoy"), Option(id="unknown", title="No sé"))
    tapped = message(kind="tap", tap=Tap(choice="unknown", visit=3, title="No sé"))
    assert answers.read(tapped, asked("text", options=options)) == Answer(value="unknown", choice="unknown")
    assert answers.read(message(text="no se"), asked("text", options=options)).choice == "unknown"  # type: ignore[union-attr]
    assert answers.read(message(text="algo"), asked("text", options=options)) == Refused(code="choice")
    assert answers.read(message(text="24/12"), asked("date", options=options)) == Answer(value="2026-12-24")
    assert answers.read(message(text="algo"), asked("date", options=options)) == Refused(code="date")


@pytest.mark.parametrize(
    ("expect", "bounds", "paths"),
    [
        ("text", {}, []),
        ("text", {"min_length": "{{ vars.x }}"}, []),
        ("text", {"min_length": "three"}, [("with", "min_length")]),
        ("number", {"least": 3}, [("with", "least")]),
        ("yes_no", {"min": 3}, [("with", "min")]),
        ("date", {"min": "today", "max": "2026-12-31"}, []),
        ("date", {"min": "someday"}, [("with", "min")]),
        ("regex", {"pattern": "(a"}, [("with", "pattern")]),
        ("regex", {"pattern": r"(a)\1"}, [("with", "pattern")]),
        ("time", {"min": "08:30", "max": "7pm"}, [("with", "max")]),
        ("money", {"currency": "cop"}, [("with", "currency")]),
        ("country", {"countries": ["CO", "Mexico"]}, [("with", "countries")]),
        ("language", {"languages": ["spanish"]}, [("with", "languages")]),
        ("national_id", {"country": "Colombia"}, [("with", "country")]),
        ("national_id", {"country": "CO", "kind": "cpf"}, [("with", "kind")]),
        ("national_id", {"country": "{{ inputs.country }}", "kind": "cpf"}, []),
        ("national_id", {"kind": "library_card"}, [("with", "kind")]),
        ("national_id", {"country": "AQ"}, [("with", "country")]),
        ("card", {"brands": ["visa", "tarjeta"]}, [("with", "brands")]),
        ("phone", {"mobile": "yes"}, [("with", "mobile")]),
        ("image", {"formats": ["jpg", "gfi"]}, [("with", "formats")]),
        ("image", {"sharp": 3}, [("with", "sharp")]),
        ("audio", {"voice": "yes"}, [("with", "voice")]),
        ("any_media", {"types": ["image", "photo"]}, [("with", "types")]),
        ("document", {"types": ["pdf", "image/png"]}, []),
        ("document", {"types": ["image/jpog"]}, [("with", "types")]),
        ("video", {"types": ["image"]}, [("with", "types")]),
        ("form", {"fields": "name"}, [("with", "fields")]),
        ("form", {"form": "4711", "screen": "A", "data": {"name": "Ana"}}, []),
        ("form", {"screen": "A"}, [("with", "screen")]),
        ("form", {"form": "4711", "data": {"name": "Ana"}}, [("with", "data")]),
        ("contact", {"country": "co"}, [("with", "country")]),
        ("nummber", {}, [("expect",)]),
    ],
)
def test_bounds_are_checked_beforehand(expect: str, bounds: dict[str, object], paths: list[tuple[str, ...]]) -> None:
    assert [path for path, _ in answers.check(expect, bounds)] == paths


def test_a_type_that_is_misspelled_is_named() -> None:
    assert "did you mean 'number'" in answers.check("nummber", {})[0][1]


def test_a_card_is_whole_only_where_it_is_sensitive() -> None:
    found = answers.read(message(text="4111-1111-1111-1111"), asked("card", whole=True))
    assert found == Answer(value="4111111111111111")


def test_every_document_s_rule_is_there() -> None:
    """A country's kinds that name a module of python-stdnum name one that there is."""
    for country, papers in PAPERS.items():
        for kind, paper in papers.items():
            for module in paper.modules:
                home, _, name = module.partition(".")
                assert callable(stdnum.get_cc_module(home, name).validate), (country, kind)
