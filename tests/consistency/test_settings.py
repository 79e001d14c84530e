"""Every variable of the environment that the code reads stands in the table of `docs/architecture.md`, and no other."""

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
_NAME = re.compile(r"\bGOVSEAL_[A-Z]+(?:_[A-Z]+)*\b|\bDATABASE_URL\b")
_OF_A_FOLDER = re.compile(r"GOVSEAL_(?:KEYS_<FOLDER>|<FOLDER>_[A-Z]+)")


def read_by_the_code() -> set[str]:
    texts = [file.read_text("utf-8") for file in (PROJECT / "src").rglob("*.py")]
    quoted = {name for text in texts for name in re.findall(rf"[\"'](?:{_NAME.pattern})[\"']", text)}
    named = {name.strip("\"'") for name in quoted}
    keywords = {name for text in texts for name in re.findall(r"\b(GOVSEAL_[A-Z_]+)=", text)}
    return {name for name in named | keywords if not name.startswith("GOVSEAL_KEYS_")}


def in_the_table() -> set[str]:
    section = (
        (PROJECT / "docs" / "architecture.md").read_text("utf-8").split("| variable | means | unset |\n")[1]
    )
    rows = section.split("\n\n")[0]
    return set(_NAME.findall("\n".join(line.split("|")[1] for line in rows.splitlines())))


def test_the_table_and_the_code_have_the_same_variables() -> None:
    assert in_the_table() == read_by_the_code()


def test_the_variables_of_a_folder_of_keys_stand_in_the_table() -> None:
    wanted = {"GOVSEAL_KEYS_<FOLDER>", "GOVSEAL_<FOLDER>_PASSPHRASE", "GOVSEAL_<FOLDER>_PIN"}
    assert set(_OF_A_FOLDER.findall((PROJECT / "docs" / "architecture.md").read_text("utf-8"))) == wanted
