"""`flowbot publish` and `flowbot rollback`, against a store with people in it and a worker that goes on all along."""

from __future__ import annotations

import orjson
import pytest

from flowbot.errors import Conflict
from flowbot.publishing import publish as publishing
from flowbot.publishing.plan import plan
from flowbot.store import publications
from flowbot.worker.loop import Worker
from tests.worker.test_published import forget
from tests.worker.world import FLOW, World

from .conftest import Run

NEW = """\
flow: talk
start: {keywords: [start]}
settings: {expires_after: 1h}
steps:
  zero: {say: Welcome.}
  first: {ask: "What is the very first?"}
  second: {ask: "And the second, as a number?", expect: integer}
  last: {ask: "And the last?"}
  done: {say: Thank you, succeed: {}}
"""
PEOPLE = {"573000000001": ["start"], "573000000002": ["start", "one"], "573000000003": ["start", "one", "two"]}


def versions(world: World, channel: str = "real") -> set[str]:
    found = [world.session(number, channel).process for number in PEOPLE]
    return {process.flow_version for process in found if process is not None}


def crowd(world: World, worker: Worker, run: Run) -> None:
    """One at each question of the published version, one more at the first in the simulator."""
    assert run("publish", "-m", "the beginning").exit_code == 0
    forget(worker)
    for number, texts in PEOPLE.items():
        world.say(number, *texts, channel="real")
    world.say("573000000009", "start", channel="main")
    world.settle(worker)


def hurry(world: World, worker: Worker) -> None:
    forget(worker)
    worker.parts.shelf._looked = 0.0
    world.settle(worker)


def test_a_plan_says_what_is_different_and_who_stands_where(world: World, run: Run) -> None:
    """R143: steps, questions, limits; per step how many, and what would become of them. It changes nothing."""
    worker = world.worker()
    crowd(world, worker, run)
    old = worker.parts.shelf.current().library.flows["talk"].version
    world.write(NEW)
    told = run("publish", "--plan")
    assert told.exit_code == 0
    new = told.output.split(" -> ")[1].split("\n")[0]
    assert told.output == (
        f"talk: {old} -> {new}\n"
        "  ~ settings.expires_after: 2h -> 1h\n"
        "  - step third: ask And the third?\n"
        "  + step zero: say Welcome.\n"
        "  ~ step first\n"
        "      ~ ask: What is the first? -> What is the very first?\n"
        "  ~ step second\n"
        "      ~ ask: And the second? -> And the second, as a number?\n"
        "      + expect: integer\n"
        "  + step last: ask And the last?\n"
        "  on the way, with --carry:\n"
        f"    1 at first of {old}: carried\n"
        f"    1 at second of {old}: restarted\n"
        f"    1 at third of {old}: kept\n"
    )
    assert world.store.run(publications.number("acme")) == 1 and versions(world) == {old}
    data = orjson.loads(run("publish", "--plan", "--json").output)[0]
    assert data["published"] is None and data["account"] == "acme" and data["obstacles"] == []
    (flow,) = data["flows"]
    assert (flow["before"], flow["after"]) == (old, new)
    assert {one["step"]: (one["count"], one["becomes"]) for one in flow["standing"]} == {
        "first": (1, "carried"),
        "second": (1, "restarted"),
        "third": (1, "kept"),
    }


def test_who_is_on_the_way_stays_and_who_begins_gets_the_new_one(world: World, run: Run) -> None:
    """R012, R143: without --carry nobody's version changes; all come to their end on the version they began with."""
    worker = world.worker()
    crowd(world, worker, run)
    (old,) = versions(world)
    world.write(NEW)
    assert run("publish").output.endswith("account acme: published as number 2\n")
    hurry(world, worker)
    assert versions(world) == {old}
    world.say("573000000004", "start", channel="real")
    world.settle(worker)
    assert world.said("573000000004") == ["Welcome.", "What is the very first?"]
    for number, texts in PEOPLE.items():
        world.say(number, *["x"] * (4 - len(texts)), channel="real")
    world.settle(worker)
    assert all(world.said(number)[-1] == "Thank you" for number in PEOPLE)


def test_whoever_is_on_the_way_goes_on_with_the_new_one_when_that_is_wished(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R143: by an event in each contact's own queue; told twice nothing happens, and nobody is dropped."""
    monkeypatch.setattr(publishing, "PAGE", 2)
    worker = world.worker()
    crowd(world, worker, run)
    (old,) = versions(world)
    world.write(NEW)
    told = run("publish", "--carry").output
    assert told.endswith("published as number 2\naccount acme: 3 conversations asked to go on with the new version\n")
    hurry(world, worker)
    first, second, third = (world.session(number, "real").process for number in PEOPLE)
    assert first and second and third
    new = first.flow_version
    assert (second.flow_version, third.flow_version) == (new, old) and new != old
    assert [world.said(number)[-1] for number in PEOPLE] == [
        "What is the first?",
        "And the second, as a number?",
        "And the third?",
    ]
    assert "1 conversation asked" in run("publish", "--carry").output  # the one that was kept
    hurry(world, worker)
    for number, texts in zip(PEOPLE, (["x", "2", "3"], ["2", "3"], ["3"]), strict=True):
        world.say(number, *texts, channel="real")
    world.settle(worker)
    assert all(world.said(number)[-1] == "Thank you" for number in PEOPLE)


def test_the_way_back(world: World, run: Run) -> None:
    """The last publication, then the one before it; or straight to a version; and who did what when is kept."""
    worker = world.worker()
    seen = []
    for number, text in enumerate(("What is the first?", "The first?", "First?")):
        world.write(FLOW.replace("What is the first?", text))
        assert run("publish", "-m", f"change {number}", "--by", "ben").exit_code == 0
        seen.append(world.store.run(publications.current("acme")).flows["talk"])
    one, two, three = seen

    def now() -> str:
        return world.store.run(publications.current("acme")).flows["talk"]

    assert "nothing" not in run("rollback", "--plan").output and now() == three
    told = run("rollback", "-m", "it hurts").output
    assert f"talk: {three} -> {two}" in told and now() == two
    hurry(world, worker)
    world.say("573000000001", "start", channel="real")
    world.settle(worker)
    assert world.said("573000000001") == ["The first?"]
    run("rollback", "talk")
    assert now() == one
    assert run("rollback").exit_code == 1 and now() == one
    assert run("rollback", "talk", "--to", three[:6], "--carry").exit_code == 0 and now() == three
    hurry(world, worker)
    assert world.session("573000000001", "real").process.flow_version == three  # type: ignore[union-attr]
    assert run("rollback", "--to", "x").exit_code == 2
    assert run("rollback", "talk", "--to", "nosuch").exit_code == 1
    past = world.store.run(publications.history("acme"))
    assert [(each.number, each.who, each.why, each.undoes) for each in past] == [
        (6, "eva", "", 0),
        (5, "eva", "", 2),
        (4, "eva", "it hurts", 3),
        (3, "ben", "change 2", 0),
        (2, "ben", "change 1", 0),
        (1, "ben", "change 0", 0),
    ]


PART = "flow: part\nsteps:\n  only: {say: Part., succeed: {}}\n"


@pytest.mark.parametrize(
    ("files", "arguments", "says"),
    [
        ({"talk": "flow: talk\nsteps: ["}, (), "flows/talk.yaml has mistakes"),
        (
            {"talk": FLOW.replace("succeed: {}", "next: {jump: part}"), "part": PART},
            ("talk",),
            "talk goes on with part",
        ),
        ({"talk": FLOW.replace("  done:", "  do: {run: part}\n  done:"), "part": PART}, ("talk",), "talk goes on with"),
        ({}, ("tolk",), "did you mean 'talk'?"),
        ({}, ("talk", "--account", "other"), "there is no account 'other'"),
    ],
    ids=["mistakes", "jump", "run", "unknown flow", "unknown account"],
)
def test_what_speaks_against_it(
    world: World, run: Run, files: dict[str, str], arguments: tuple[str, ...], says: str
) -> None:
    """Nothing is published that could not run; the other flows of a project with a mistake in one can be, by name."""
    for name, text in files.items():
        (world.folder / "flows" / f"{name}.yaml").write_text(text)
    told = run("publish", *arguments)
    assert told.exit_code == 1 and says in f"{told.output}{told.stderr}{told.exception}"
    assert world.store.run(publications.number("acme")) == 0


def test_flows_that_start_by_the_same_words_are_not_published_together(world: World, run: Run) -> None:
    """R020, also when the other of the two is no longer in a file: what counts is what takes real users."""
    assert run("publish").exit_code == 0
    other = world.folder / "flows" / "other.yaml"
    other.write_text(FLOW.replace("talk", "other"))
    (world.folder / "flows" / "talk.yaml").unlink()
    told = run("publish", "other")
    assert told.exit_code == 1 and "both start with 'start'" in told.output
    assert run("publish").exit_code == 0
    assert world.store.run(publications.current("acme")).flows.keys() == {"other"}


def test_a_plan_that_is_out_of_date_is_not_carried_out(world: World, run: Run) -> None:
    library = world.shelf().current().library
    made = plan(world.store, library, library.account("acme"))
    assert run("publish").exit_code == 0
    with pytest.raises(Conflict):
        publishing.publish(world.store, made, who="ben", nonce="n")
    again = run("publish")
    assert again.exit_code == 0 and "nothing to publish" in again.output
