"""`govseal revoke`, `suspend`, `lift` and `replace`: what becomes of a document.

Each command returns once the public can see it: the status list is published and, where the ledger is told too, the
ledger has confirmed.
"""

import time
from collections.abc import Callable

import typer

from govseal.core.errors import OutsideError
from govseal.project.cli.output import EPILOG, OUTPUT, plain
from govseal.project.cli.running import installation

_SECONDS = 60.0
_NUMBER = typer.Argument(help="Number or id of a document.")
_REASON = typer.Option(..., help="Why, in words, for the record; the public is told the code and the day.")
_CODE = "Why, in short, as the public is told it: "


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (revoke, suspend, lift, replace):
        app.command(epilog=EPILOG)(command)


def revoke(
    document: str = _NUMBER,
    reason: str = _REASON,
    code: str = typer.Option("other", help=f"{_CODE}error, fraud, lost, ended, court or other."),
) -> None:
    """Take a document back for good, on the ledger. This cannot be undone."""
    with installation() as (office, check):
        from govseal.project.wiring import standings  # needs Django, which the installation sets up

        found = office.find_any(document)
        standings.revoke(found.pk, code=code, reason=reason)
        _wait("revocation", lambda: office.is_revoked(found.pk), check)
        _wait("status list", lambda: standings.is_published(found.pk), check)
        OUTPUT.result({"id": found.pk, "revoked": True}, f"[green]✓[/] {plain(found.number)} is revoked.")


def suspend(
    document: str = _NUMBER,
    reason: str = _REASON,
    code: str = typer.Option("other", help=f"{_CODE}review, lost, court or other."),
) -> None:
    """Take a document out of force for now; `lift` puts it back."""
    with installation() as (office, check):
        from govseal.project.wiring import standings  # needs Django, which the installation sets up

        found = office.find_any(document)
        standings.suspend(found.pk, code=code, reason=reason)
        _wait("status list", lambda: standings.is_published(found.pk), check)
        OUTPUT.result(
            {"id": found.pk, "standing": "suspended"}, f"[green]✓[/] {plain(found.number)} is suspended."
        )


def lift(
    document: str = _NUMBER,
    reason: str = _REASON,
    code: str = typer.Option("other", help=f"{_CODE}cleared, error, court or other."),
) -> None:
    """Put a suspended document back in force."""
    with installation() as (office, check):
        from govseal.project.wiring import standings  # needs Django, which the installation sets up

        found = office.find_any(document)
        standings.lift(found.pk, code=code, reason=reason)
        _wait("status list", lambda: standings.is_published(found.pk), check)
        OUTPUT.result(
            {"id": found.pk, "standing": "valid"}, f"[green]✓[/] {plain(found.number)} is in force again."
        )


def replace(
    document: str = _NUMBER,
    by: str = typer.Option(..., help="Number or id of the document that takes its place."),
    reason: str = _REASON,
    code: str = typer.Option("other", help=f"{_CODE}corrected, renewed, lost or other."),
) -> None:
    """Let a newer document take this one's place, on the ledger. This cannot be undone."""
    with installation() as (office, check):
        from govseal.project.wiring import standings  # needs Django, which the installation sets up

        old, new = office.find_any(document), office.find_any(by)
        standings.replace(old.pk, new.pk, code=code, reason=reason)
        _wait("revocation", lambda: office.is_revoked(old.pk), check)
        _wait("status list", lambda: standings.is_published(old.pk), check)
        OUTPUT.result(
            {"id": old.pk, "standing": "replaced", "by": new.pk},
            f"[green]✓[/] {plain(old.number)} is replaced by {plain(new.number)}.",
        )


def _wait(what: str, done: Callable[[], bool], check: Callable[[], None]) -> None:
    """Wait until a change can be seen.

    Raises:
        OutsideError: it is noted, and will be seen once worker and chain run.
    """
    deadline = time.monotonic() + _SECONDS
    while not done():
        check()
        if time.monotonic() > deadline:
            raise OutsideError(
                f"The change is noted; its {what} waits: see that the worker and the chain run.",
                code="NOT_CONFIRMED_YET",
            )
        time.sleep(0.1)
