"""The schemas themselves: nothing that the readers know is missing, and no sentence is about a key that is gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowbot.editor import SCHEMAS, Known, hover, schemas
from flowbot.editor.fields import properties
from flowbot.editor.flow import flow_schema
from flowbot.editor.project import project_schema
from flowbot.engine import outline
from flowbot.library.channels import GATEWAYS
from flowbot.library.load import load
from flowbot.steps import VERBS

MADE = schemas(load(Path(__file__).parents[2], {}))
STEP = MADE["flow"]["definitions"]["step"]


def below(node: Any) -> list[dict[str, Any]]:
    """Every mapping in a schema."""
    if isinstance(node, list):
        return [one for item in node for one in below(item)]
    if not isinstance(node, dict):
        return []
    return [node, *(one for item in node.values() for one in below(item))]


@pytest.mark.parametrize("word", VERBS)
def test_every_key_of_a_verb_is_known(word: str) -> None:
    for key in properties(VERBS[word].Schema):
        assert key in STEP["properties"]
    assert STEP["properties"][word]["description"] == hover.doc(word).partition("\n")[0]
    assert "```yaml" in STEP["properties"][word]["markdownDescription"]


def test_a_step_has_no_other_keys() -> None:
    own = {key for kind in VERBS.values() for key in properties(kind.Schema)}
    assert set(STEP["properties"]) == own | set(properties(outline.StepKeys))
    assert STEP["additionalProperties"] is False


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_reference_leads_somewhere_and_all_are_used(name: str) -> None:
    used = {one["$ref"].removeprefix("#/definitions/") for one in below(MADE[name]) if isinstance(one.get("$ref"), str)}
    assert used == set(MADE[name]["definitions"])
    assert MADE[name]["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_no_sentence_is_about_a_key_that_is_gone() -> None:
    told = {
        one["description"] for name in SCHEMAS for one in below(MADE[name]) if isinstance(one.get("description"), str)
    }
    for place, sentences in hover.sentences().items():
        for key, sentence in sentences.items():
            overlaid = place == "ask" and key == "match"  # said once for a question, once for all
            assert sentence in told or overlaid, f"{place}: {key}"


def test_the_names_of_the_project() -> None:
    known = Known(flows=("a",), channels=("main",), contact_fields=("city",), languages=("es",), accounts=("acme",))
    text = str(flow_schema(known)) + str(project_schema(known))
    assert all(f"'{name}'" in text for name in ("a", "main", "contact.city", "es"))
    assert "'enum': []" not in str(flow_schema(Known())), "an empty project leaves names open"


def test_every_gateway_asks_for_its_own() -> None:
    rules = {
        one["if"]["properties"]["gateway"]["const"]: one["then"]
        for one in MADE["flowbot"]["definitions"]["channel"]["allOf"]
    }
    assert set(rules) == set(GATEWAYS)
    assert all(set(asks.required) <= set(rules[name]["required"]) for name, asks in GATEWAYS.items())
