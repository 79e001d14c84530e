"""`govseal verify WHAT`: a QR text or link, a PDF, a picture, an OpenAttestation file."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from govseal.core.errors import InputError
from govseal.core.verdict import FragmentStatus, Outcome
from govseal.core.verify import Report
from govseal.project.cli.output import OUTPUT, Exit, JsonOption

if TYPE_CHECKING:  # at run time, imported when the command runs
    from govseal.project.wiring.checking import Checker

FILE_LIMIT = 128 << 20
_MARKS = {
    FragmentStatus.VALID: "[green]✓[/]",
    FragmentStatus.INVALID: "[red]✗[/]",
    FragmentStatus.ERROR: "[yellow]?[/]",
    FragmentStatus.SKIPPED: "[dim]–[/]",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(verify)


def verify(
    what: str = typer.Argument(
        help="A file, the text of a QR code, a link, or - for text on standard input."
    ),
    json: bool = JsonOption,
) -> int:
    """Check a document. Exit status: 0 genuine, 1 not genuine, 2 could not check."""
    del json
    from govseal.project.configuration import Configuration
    from govseal.project.wiring.checking import Checker

    checker = Checker(Configuration.load(os.environ))
    report = _verify(what, checker)
    OUTPUT.result(report.as_json(), describe(report))
    return status_of(report)


def _verify(what: str, checker: "Checker") -> Report:
    if what == "-":
        return checker.text(sys.stdin.read(64 << 10))
    file = Path(what)
    if "://" in what or not file.exists():
        if "://" not in what:
            raise InputError(f"There is no file {what!r}, and it is no link.", code="NO_SUCH_FILE")
        return checker.text(what)
    if file.stat().st_size > FILE_LIMIT:
        raise InputError(f"{file} is larger than {FILE_LIMIT >> 20} MB.", code="TOO_LARGE")
    return checker.file(file.read_bytes())


def status_of(report: Report) -> Exit:
    """Return the exit status of a verdict."""
    match report.verdict.outcome:
        case Outcome.GENUINE:
            return Exit.DONE
        case Outcome.COULD_NOT_CHECK:
            return Exit.COULD_NOT_CHECK
        case _:
            return Exit.NOT_GENUINE


def describe(report: Report) -> str:
    """Return a report for a terminal: the outcome, who and what, and each step."""
    outcome = report.verdict.outcome
    colour = {Outcome.GENUINE: "green", Outcome.COULD_NOT_CHECK: "yellow"}.get(outcome, "red")
    lines = [f"[bold {colour}]{outcome.replace('_', ' ').upper()}[/]"]
    if report.verdict.reason:
        lines.append(f"  {report.verdict.reason.message}")
    if report.issuer:
        lines.append(
            f"  Issuer: {report.issuer.names.get('en', report.issuer.code)} ({report.issuer.domain})"
        )
    if report.document and report.document.number:
        lines.append(f"  Document: {report.document.number}, issued {report.document.issued}")
        lines += [
            f"    {code}: {report.document.fields[code]}"
            for code in report.document.decisive
            if code in report.document.fields
        ]
    lines += [
        f"  {_MARKS[one.status]} {one.step} {one.name}"
        + (f": {one.reason.message}" if one.reason and one.status is not FragmentStatus.SKIPPED else "")
        for one in report.verdict.fragments
    ]
    return "\n".join(lines)
