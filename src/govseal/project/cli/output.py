"""What every command writes with: rich for people, JSON for programs, one place for exit statuses."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import IntEnum, StrEnum
from io import TextIOWrapper
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

EPILOG = (
    "--json, at any place: write JSON alone to standard output.\n\n"
    "Exit status: 0 done, or genuine; 1 refused, or not genuine; 2 could not check, or something is away or unwell;"
    " 64 wrong usage."
)
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Exit(IntEnum):
    """Exit statuses."""

    DONE = 0
    NOT_GENUINE = 1
    COULD_NOT_CHECK = 2
    USAGE = 64


class Panel(StrEnum):
    """Under what the help lists a command."""

    RUN = "Try and run"
    ISSUE = "Issue"
    CHANGE = "Change what was issued"
    VERIFY = "Verify"
    OPERATE = "Operate"


class Output:
    """Standard output and error of one command.

    Attributes:
        as_json: whether a program reads along.
        people: writes to standard error, so that standard output stays for results.
    """

    def __init__(self) -> None:
        self.as_json = "--json" in sys.argv[1:]
        self.people = Console(stderr=True, highlight=False)

    def result(self, value: dict[str, Any], text: str) -> None:
        """Write a result: `value` as one line of JSON, or `text`."""
        if self.as_json:
            sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
            sys.stdout.flush()
        else:
            Console(highlight=False, soft_wrap=True).print(text)

    def stage(self, text: str) -> None:
        """Say what a long start is doing."""
        self.people.print(f"[dim]{plain(text)} …[/]")

    def failure(self, code: str, message: str) -> None:
        """Write why a command failed: what happened and what to do."""
        if self.as_json:
            sys.stdout.write(
                json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False) + "\n"
            )
        else:
            self.people.print(f"[bold red]✗[/] {plain(message)}", soft_wrap=True)

    @contextmanager
    def progress(self, title: str, total: int) -> Iterator[Callable[[int], None]]:
        """Show how far long work has come; yields what to call with each number of rows done."""
        hidden = self.as_json or not self.people.is_terminal
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.people, disable=hidden, transient=True) as progress:
            task = progress.add_task(title, total=total)
            yield lambda done: progress.advance(task, done)


def show_every_letter() -> None:
    """Let standard output and error show the number of a letter that their encoding lacks, and not fail over it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def plain(text: object) -> str:
    """Return text of a document or a file for a terminal: it can neither style, move the cursor nor reverse."""
    return escape(_CONTROLS.sub("\N{REPLACEMENT CHARACTER}", str(text)))


def written(moment: datetime | None) -> str | None:
    """Return a moment (UTC) as results write it."""
    return moment.isoformat().replace("+00:00", "Z") if moment else None


OUTPUT = Output()
