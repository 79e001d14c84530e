"""The outbox's states and arrows: one and the same in the document, the models, their docstring and the table.

And nothing changes a state but by the table (`services.states`).
"""

import ast
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
MODELS = ast.parse((PROJECT / "src/govseal/apps/issuance/models.py").read_text("utf-8"))
SERVICES = PROJECT / "src/govseal/apps/issuance/services"
TABLE = SERVICES / "states.py"
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


def arrows_of_table(row: str) -> Arrows:
    """Return the arrows of the table that the code obeys."""
    parsed = ast.parse(TABLE.read_text("utf-8"))
    (table,) = [
        one.value
        for one in parsed.body
        if isinstance(one, ast.AnnAssign) and ast.unparse(one.target) == "ARROWS"
    ]
    assert isinstance(table, ast.Dict)
    by_row = {
        ast.literal_eval(key): value for key, value in zip(table.keys, table.values, strict=True) if key
    }
    called = by_row[row]
    assert isinstance(called, ast.Call)
    return set(ast.literal_eval(called.args[0]))


def changes_a_state(node: ast.AST) -> bool:
    """Say whether a piece of code sets a row's state: `row.state = …`, `update(state=…)`, or by SQL."""
    if isinstance(node, ast.Assign):
        return any(isinstance(one, ast.Attribute) and one.attr == "state" for one in node.targets)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
        return any(word.arg == "state" for word in node.keywords)
    return isinstance(node, ast.Constant) and "SET " in str(node.value) and "state =" in str(node.value)


@pytest.mark.parametrize("row", ROWS)
def test_the_document_and_the_table_draw_the_same_arrows(row: str) -> None:
    assert arrows_of_document(row) == arrows_of_table(row)


def test_nothing_but_the_table_changes_a_state() -> None:
    by_file = {
        file.name: [
            ast.unparse(node)
            for node in ast.walk(ast.parse(file.read_text("utf-8")))
            if changes_a_state(node)
        ]
        for file in SERVICES.glob("*.py")
    }
    changing = {name: found for name, found in by_file.items() if found}
    assert set(changing) == {"states.py", "batches.py"}
    assert len(changing["states.py"]) == 3
    assert len(changing["batches.py"]) == 1, "all of a batch in one statement"
    assert "require_arrow(Document, Document.State.WAITING, Document.State.BATCHED)" in (
        SERVICES / "batches.py"
    ).read_text("utf-8")


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
