"""Tables of what one message becomes for a provider."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowbot.gateways.fit import fit
from flowbot.gateways.split import cut, pages, tail
from flowbot.model.choice import to_wire
from flowbot.model.gateway import Limits
from flowbot.model.outbound import Attachment, Choice, Outbound
from flowbot.model.template import Filled

LIMITS = Limits()
SMALL = Limits(text=40, caption=20, button_body=30, list_body=40, footer=10)
BARE = Limits(buttons=0, list_rows=0, location_request=False)
PHOTO = Attachment(kind="image", url="https://files.test/a.jpg")
VOICE = Attachment(kind="audio", url="https://files.test/a.ogg")


def choices(count: int, title: str = "Choice {}") -> tuple[Choice, ...]:
    return tuple(Choice(id=f"c{n}", title=title.format(n)) for n in range(1, count + 1))


def told(found: tuple[Outbound, ...]) -> list[tuple[str, str, int]]:
    return [(one.kind, one.text, len(one.choices)) for one in found]


TABLE = {
    "text": (Outbound(text="Hi"), LIMITS, [("text", "Hi", 0)]),
    "nothing to say": (Outbound(text="  "), LIMITS, []),
    "footer below a plain text": (Outbound(text="Hi", footer="F"), LIMITS, [("text", "Hi\n\nF", 0)]),
    "three are buttons": (Outbound(text="Q", choices=choices(3)), LIMITS, [("buttons", "Q", 3)]),
    "four are a list": (Outbound(text="Q", choices=choices(4)), LIMITS, [("list", "Q", 4)]),
    "ten are a list": (Outbound(text="Q", choices=choices(10)), LIMITS, [("list", "Q", 10)]),
    "eleven are numbers": (
        Outbound(text="Q", choices=choices(11, "C{}")),
        LIMITS,
        [("text", "Q\n\n" + "\n".join(f"{n}. C{n}" for n in range(1, 12)), 0)],
    ),
    "no buttons there": (
        Outbound(text="Q", footer="F", choices=choices(2)),
        BARE,
        [("text", "Q\n\n1. Choice 1\n2. Choice 2\n\nF", 0)],
    ),
    "numbered text in pages": (
        Outbound(text="Question?", choices=choices(6)),
        Limits(buttons=0, list_rows=0, text=40),
        [
            ("text", "Question?\n\n1. Choice 1\n2. Choice 2", 0),
            ("text", "3. Choice 3\n4. Choice 4\n5. Choice 5", 0),
            ("text", "6. Choice 6", 0),
        ],
    ),
    "a long body goes before its buttons": (
        Outbound(text="A long story that goes on.\n\nDo you agree?", choices=choices(2)),
        SMALL,
        [("text", "A long story that goes on.", 0), ("buttons", "Do you agree?", 2)],
    ),
    "a long footer joins the body": (
        Outbound(text="Agree?", footer="At any time", choices=choices(2)),
        SMALL,
        [("buttons", "Agree?\n\nAt any time", 2)],
    ),
    "buttons without a body": (Outbound(choices=choices(2)), LIMITS, [("buttons", "…", 2)]),
    "equal titles are a list": (Outbound(text="Q", choices=choices(2, "Same")), LIMITS, [("list", "Q", 2)]),
    "long titles are a list": (
        Outbound(text="Q", choices=choices(2, "A title of 22 chars {}")),
        LIMITS,
        [("list", "Q", 2)],
    ),
    "ids too long are numbers": (
        Outbound(text="Q", choices=(Choice(id="x" * 200, title="A"),), visit=1),
        LIMITS,
        [("text", "Q\n\n1. A", 0)],
    ),
    "caption": (Outbound(text="Look", attachment=PHOTO), LIMITS, [("image", "Look", 0)]),
    "a long caption follows": (
        Outbound(text="Look at this photo, please", attachment=PHOTO),
        SMALL,
        [("image", "", 0), ("text", "Look at this photo, please", 0)],
    ),
    "audio has no caption": (Outbound(text="Hear", attachment=VOICE), LIMITS, [("audio", "", 0), ("text", "Hear", 0)]),
    "a photo, then its buttons": (
        Outbound(text="Q", attachment=PHOTO, choices=choices(2)),
        LIMITS,
        [("image", "", 0), ("buttons", "Q", 2)],
    ),
    "location request": (Outbound(kind="location_request", text="Where?"), LIMITS, [("location_request", "Where?", 0)]),
    "location request as text": (Outbound(kind="location_request", text="Where?"), BARE, [("text", "Where?", 0)]),
    "template": (Outbound(kind="template", template=Filled(name="x", language="es")), LIMITS, [("template", "", 0)]),
}


@pytest.mark.parametrize(("outbound", "limits", "wanted"), TABLE.values(), ids=TABLE)
def test_table(outbound: Outbound, limits: Limits, wanted: list[tuple[str, str, int]]) -> None:
    """R006, R007: up to three are buttons, four to ten a list, more are numbered text in pages."""
    assert told(fit(outbound, limits)) == wanted


def test_a_shortened_title_stays_whole_in_its_description() -> None:
    long = "A title far longer than twenty-four characters"
    outbound = Outbound(text="Q", choices=(Choice(id="a", title=long), Choice(id="b", title="B", description="d")))
    (found,) = fit(outbound, LIMITS)
    assert [(row.title, row.description) for row in found.choices] == [("A title far longer than…", long), ("B", "d")]
    assert found.extra["shortened"] is True
    assert "shortened" not in fit(Outbound(text="Q", choices=choices(4)), LIMITS)[0].extra


def test_the_list_button_has_a_label_in_the_language() -> None:
    assert fit(Outbound(text="Q", choices=choices(4), lang="es-CO"), LIMITS)[0].button == "Ver opciones"
    assert fit(Outbound(text="Q", choices=choices(4), lang="xx"), LIMITS)[0].button == "See options"
    assert fit(Outbound(text="Q", choices=choices(4), button="Pick"), LIMITS)[0].button == "Pick"


def test_the_visit_stays_with_the_choices() -> None:
    found = fit(Outbound(text="x" * 30 + "\n\nQ", choices=choices(2), visit=9, key="k", lang="es"), SMALL)
    assert found[-1].visit == 9 and all((one.key, one.lang) == ("k", "es") for one in found)


TEXTS = st.text(alphabet=st.sampled_from("ab .\n?é👩‍🏽्न"), max_size=300)


@settings(deadline=None)
@given(TEXTS, st.integers(4, 60))
def test_pages_lose_nothing_but_space(text: str, limit: int) -> None:
    found = pages(text, limit)
    assert all(0 < len(page) <= limit for page in found)
    assert "".join("".join(found).split()) == "".join(text.split())


@settings(deadline=None)
@given(TEXTS, st.integers(4, 60))
def test_a_tail_loses_nothing_but_space(text: str, limit: int) -> None:
    before, last = tail(text, limit)
    assert len(last) <= limit and "".join((before + last).split()) == "".join(text.split())
    assert last or not text.strip()
    assert len(cut(text, limit)) <= limit


@settings(deadline=None)
@given(TEXTS, st.integers(0, 14), TEXTS, st.sampled_from([None, PHOTO, VOICE]), st.sampled_from([LIMITS, SMALL, BARE]))
def test_every_message_keeps_the_limits(
    text: str, count: int, footer: str, attachment: Attachment | None, limits: Limits
) -> None:
    outbound = Outbound(text=text, footer=footer, choices=choices(count), attachment=attachment, visit=3)
    found = fit(outbound, limits)
    assert found == fit(outbound, limits)
    for one in found:
        body = {"buttons": limits.button_body, "list": limits.list_body, "image": limits.caption}
        assert len(one.text) <= body.get(one.kind, limits.text)
        assert len(one.footer) <= limits.footer
        assert (one.attachment is not None) is (one.kind in ("image", "audio"))
        assert one.kind in ("buttons", "list", "image", "audio") or (one.text and not one.choices)
        assert all(len(to_wire(choice.id, one.visit)) <= limits.choice_id for choice in one.choices)
