"""The outbox's states and arrows: one and the same in the document, in the models' docstring and in the models."""

import ast
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
MODELS = ast.parse((PROJECT / "src/govseal/apps/issuance/models.py").read_text("utf-8"))
DOCUMENT = (PROJECT / "docs" / "architecture.md").read_text("utf-8")
ROWS = ("Document", "Batch", "Revocation")

Arrows = set[tuple[str, str]]


def states_of_model(row: str) -> set[str]:
    (model,) = [one for one in MODELS.body if isinstance(one, ast.ClassDef) and one.name == row]
    (state,) = [one for one in model.body if isinstance(one, ast.ClassDef) and one.name == "State"]
    values = [one.value for one in state.body if isinstance(one, ast.Assign)]
    return {str(value.value) for value in values if isinstance(value, ast.Constant)}


def arrows_of(text: str, sign: str) -> Arrows:
    """Return every pair of states with an arrow between them; chains count link by link."""
    return set(re.findall(rf"(?=\b(\w+) {sign} (\w+)\b)", text.lower()))


def arrows_of_docstring(row: str) -> Arrows:
    docstring = ast.get_docstring(MODELS) or ""
    found = re.search(rf"^ +{row}:(.*?)(?=^ +\w+:|^$)", docstring, re.MULTILINE | re.DOTALL)
    assert found is not None
    return arrows_of(found[1], "->")


def arrows_of_document(row: str) -> Arrows:
    section = DOCUMENT.split("## The outbox\n")[1].split("\n## ")[0]
    cells = re.findall(rf"^\| {row} \| ([^|]*)\|", section, re.MULTILINE)
    return arrows_of("\n".join(cells), "→")


@pytest.mark.parametrize("row", ROWS)
def test_the_document_and_the_models_name_the_same_states(row: str) -> None:
    named = {state for arrow in arrows_of_document(row) for state in arrow}
    assert named == states_of_model(row)


@pytest.mark.parametrize("row", ROWS)
def test_the_document_and_the_docstring_draw_the_same_arrows(row: str) -> None:
    assert arrows_of_document(row) == arrows_of_docstring(row)


@pytest.mark.parametrize("row", ROWS)
def test_every_state_but_the_first_has_an_arrow_to_it(row: str) -> None:
    first = {"Document": "waiting", "Batch": "formed", "Revocation": "waiting"}[row]
    assert {to for _, to in arrows_of_document(row)} | {first} == states_of_model(row)
