"""`govseal verify WHAT`: a QR text or link, a PDF, a picture, an OpenAttestation file; or evidence, offline."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from govseal.core.errors import InputError
from govseal.core.verdict import FragmentStatus, Outcome
from govseal.core.verify import DocumentView, Report, StatusView
from govseal.project.cli import evidence, listing, many, running
from govseal.project.cli.inputs import is_text, read_file, text_of
from govseal.project.cli.output import EPILOG, OUTPUT, Exit, Panel, plain

if TYPE_CHECKING:  # at run time, imported when the command runs
    from govseal.project.wiring.checking import Checker

_MARKS = {
    FragmentStatus.VALID: "[green]✓[/]",
    FragmentStatus.INVALID: "[red]✗[/]",
    FragmentStatus.ERROR: "[yellow]?[/]",
    FragmentStatus.SKIPPED: "[dim]–[/]",
}

_REASONS = {
    "error": "issued in error",
    "corrected": "a corrected one was issued",
    "renewed": "renewed",
    "lost": "reported lost",
    "fraud": "obtained by fraud",
    "review": "under review",
    "ended": "what it certifies has ended",
    "court": "by decision of a court",
}
STEPS = {
    1: "The code or file was read",
    2: "The issuer is in the government's trust list",
    3: "The registered document was fetched and opened",
    4: "Nothing was changed since it was sealed",
    5: "It is registered on the ledger",
    6: "It is not revoked, suspended, replaced or expired",
    7: "The institution and its key were allowed to issue it on that date",
    8: "The seal on the paper says the same as the registered document",
    9: "The file is the original file",
}
"""What each step of protocol section 7 establishes when it passes; the pages say the same."""
_NOBODY_STANDS_BEHIND = {Outcome.ALTERED, Outcome.NOT_RECOGNISED, Outcome.NOT_FOUND}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=EPILOG, rich_help_panel=Panel.VERIFY)(verify)


def verify(
    what: str = typer.Argument(
        "", help="A file, a folder, a list (.csv), the text of a QR code, a link, or - for standard input."
    ),
    offline: Path | None = typer.Option(None, help="An evidence file, to verify from files alone."),
    trust: Path | None = typer.Option(
        None, help="Offline: trust list; the one in the evidence unless given."
    ),
    pin: Path | None = typer.Option(
        None, help="Offline: certificate of the trust list's signer; ours unless given."
    ),
    at: str = typer.Option("", help="Offline: judge as of this date; of the evidence's own unless given."),
    seen: Path | None = typer.Option(
        None, help="Offline: folder that remembers lists, so that no older one passes for the newest."
    ),
    table: Path | None = typer.Option(None, help="Of a folder or list: write each row here, .csv or .xlsx."),
    resume: bool = typer.Option(False, "--resume", help="Go on with the table that is there."),
    code: int = typer.Option(
        0, min=0, show_default=False, help="Of a sheet with codes of several documents: which, from the top."
    ),
) -> int:
    """Check a document; or all files of a folder, or all of a list (.csv).

    Of many, the exit status is the gravest.
    """
    _require_one_thing(what, offline, for_evidence=trust or pin or at or seen)
    if what and listing.is_many(what):
        return many.verify_many(what, table, resume=resume)
    if table or resume:
        raise InputError("A table is written of a folder or of a list (.csv).", code="USAGE")
    if offline:
        report = evidence.verify_offline(offline, trust, pin, at, seen)
    else:
        given = text_of(what) if is_text(what) else read_file(what)
        with running.checker() as checker:
            try:
                report = _verify(given, checker, code)
            except InputError as error:
                OUTPUT.failure(error.code, error.message)
                return Exit.COULD_NOT_CHECK
    OUTPUT.result(report.as_json(), describe(report))
    return status_of(report)


def _require_one_thing(what: str, offline: Path | None, *, for_evidence: object) -> None:
    if bool(what) == bool(offline) or (what and for_evidence):
        raise InputError(
            "Give one thing to check: govseal verify FILE, FOLDER, LINK or LIST.csv; or govseal verify --offline EVIDENCE."
        )


def _verify(given: str | bytes, checker: "Checker", code: int) -> Report:
    if isinstance(given, str):
        return checker.text(given)
    from govseal.apps.verification.choosing import SeveralDocuments

    try:
        return checker.file(given)
    except SeveralDocuments as several:
        return several.chosen(code)


def status_of(report: Report) -> Exit:
    """Return the exit status of a verdict."""
    match report.verdict.outcome:
        case Outcome.GENUINE:
            return Exit.DONE
        case Outcome.COULD_NOT_CHECK:
            return Exit.COULD_NOT_CHECK
        case _:
            return Exit.NOT_GENUINE


def _notice(status: StatusView) -> str:
    """Return since when a document is not valid, and why, as the signed notices tell it (clause 6.7)."""
    why = f": {_REASONS.get(status.reason, plain(status.reason))}" if status.reason != "other" else ""
    return f"{status.state.capitalize()} on {status.since:%-d %B %Y}{why}."


def describe(report: Report) -> str:
    """Return a report for a terminal: the outcome, who and what, and each step."""
    outcome = report.verdict.outcome
    colour = {Outcome.GENUINE: "green", Outcome.COULD_NOT_CHECK: "yellow"}.get(outcome, "red")
    lines = [f"[bold {colour}]{outcome.replace('_', ' ').upper()}[/]"]
    if report.verdict.reason:
        lines.append(f"  {plain(report.verdict.reason.message)}")
    if report.status and report.status.since:
        lines.append(f"  {_notice(report.status)}")
    if report.offline:
        lines += evidence.describe_offline(report)
    if report.issuer and outcome not in _NOBODY_STANDS_BEHIND:
        lines.append(
            f"  Issuer: {plain(report.issuer.names.get('en', report.issuer.code))} ({plain(report.issuer.domain)})"
        )
    if report.document and report.document.number and outcome not in _NOBODY_STANDS_BEHIND:
        lines.append(f"  Document: {plain(report.document.number)}, issued {report.document.issued}")
        lines += _decisive(report.document)
    lines += _steps(report)
    return "\n".join(lines)


def _decisive(document: DocumentView) -> list[str]:
    """Return a line for each field that is compared with the paper."""
    return [
        f"    {plain(document.labels.get(code, {}).get('en', code))}: {plain(document.fields[code])}"
        for code in document.decisive
        if code in document.fields
    ]


def _steps(report: Report) -> list[str]:
    """Return a line for each check: its step, what that establishes, the check's published name, and why it failed."""
    lines = []
    for one in sorted(report.verdict.fragments, key=lambda one: one.step):
        lines.append(f"  {_MARKS[one.status]} {one.step} {STEPS[one.step]} [dim]({one.name})[/]")
        if one.reason and one.status is not FragmentStatus.SKIPPED:
            lines.append(f"      {plain(one.reason.message)}")
    return lines
