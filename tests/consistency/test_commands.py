"""Every command that the documents show exists, with the options that they give it."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from govseal.project.cli import app
from support.country import PROJECT

_BLOCK = re.compile(r"^```[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"`((?:\.venv/bin/)?govseal [^`\n]+|make [^`\n]+)`")
_NO_OPTION = {"--json", "--help"}


def documents() -> list[Path]:
    return [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md"), *PROJECT.glob("countries/*/*.md")]


def shown(program: str) -> list[tuple[str, list[str]]]:
    """Return (document, words) of each call of a program."""
    found = []
    for document in documents():
        text = document.read_text("utf-8")
        lines = [line for block in _BLOCK.findall(text) for line in block.splitlines()]
        for line in [*lines, *_INLINE.findall(text)]:
            command = re.sub(r"^\s*\$\s+", "", line).split("  #")[0].split("|")[0].strip()
            command = re.sub(r"^(?:\w+=\S+\s+)*", "", command)
            words = _words(command)
            if len(words) > 1 and Path(words[0]).name == program and words[1] != "=":
                found.append((document.name, words[1:]))
    return found


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return []


def test_the_documents_show_commands() -> None:
    assert len(shown("govseal")) >= 3
    assert len(shown("make")) >= 2


@pytest.mark.parametrize(("document", "words"), shown("govseal"))
def test_a_shown_command_of_govseal_exists(document: str, words: list[str]) -> None:
    command = get_command(app)
    names = []
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        if words[0] in {"…", "..."}:
            return
        assert words[0] in command.commands, f"{document}: govseal {' '.join([*names, words[0]])}"
        names.append(words[0])
        command, words = command.commands[words[0]], words[1:]
    options = {text for parameter in command.params for text in parameter.opts} | _NO_OPTION
    for word in words:
        if word.startswith("--"):
            assert word.split("=")[0] in options, f"{document}: govseal {' '.join(names)} {word}"


@pytest.mark.parametrize(("document", "words"), shown("make"))
def test_a_shown_target_of_make_exists(document: str, words: list[str]) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    named = [word for word in words if "=" not in word and not word.startswith("-")]
    assert set(named) <= targets, f"{document}: make {' '.join(words)}"
