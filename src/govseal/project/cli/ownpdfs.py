"""What `govseal seal` is told of the PDFs: their places, their passwords, and what may be done to them.

A password is asked for at the terminal, or read from a file; it is never an argument, which others on the machine
could read. What is *not* here: what a PDF may hold (`govseal.adapters.pdf`, docs/pdf.md).
"""

import sys
from dataclasses import replace
from pathlib import Path

import typer

from govseal.core.errors import InputError, MalformedPdf
from govseal.project.cli.inputs import read_file
from govseal.project.wiring.place import PRESETS, Place, Wishes, lock_of

PDF_LIMIT = 64 << 20
_PASSWORD_LIMIT = 1024
_TRIES = 3

POSITION_HELP = f"{', '.join(PRESETS)}; or x,y in mm from the top left corner to the code; or from another: bottom-right:20,15."


def place_of(position: str, *, page: int, all_pages: bool, size: float) -> Place:
    """Return the place that the options describe.

    Raises:
        InputError: they describe none.
    """
    if page < 1:
        raise InputError(f"There is no page {page}: pages count from 1.", code="PLACE_UNKNOWN")
    return Place.parse(position, page=0 if all_pages else page, size_mm=size)


def read_pdf(file: Path) -> bytes:
    """Return a PDF's bytes.

    Raises:
        InputError: it cannot be read, or is larger than a sealed file may be.
    """
    return read_file(str(file), PDF_LIMIT)


def unlocked(file: Path, content: bytes, wishes: Wishes, password_file: Path | None) -> Wishes:
    """Return the wishes with the file's password, when it has one: from `password_file`, or asked for.

    Whoever does not know it, or cannot be asked, gets the refusal when the file is prepared.
    """
    if password_file is not None:
        wishes = replace(wishes, password=_first_line(password_file))
    for _ in range(_TRIES if sys.stdin.isatty() else 0):
        lock = _lock(content, wishes.password)
        if lock == "open":
            break
        whose = "Password of the owner of" if lock == "restricted" else "Password of"
        wishes = replace(wishes, password=typer.prompt(f"{whose} {file.name}", hide_input=True, err=True))
    return wishes


def _lock(content: bytes, password: str | None) -> str:
    try:
        return lock_of(content, password)
    except MalformedPdf:
        return "open"  # nothing to ask for; preparing it says what is wrong, and the other files go on


def _first_line(file: Path) -> str:
    lines = read_file(str(file), _PASSWORD_LIMIT).decode("utf-8").splitlines()
    if not lines:
        raise InputError(f"{file} holds no password.", code="NO_PASSWORD")
    return lines[0]
