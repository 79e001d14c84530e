"""`govseal revoke`, `suspend`, `lift` and `replace`: what becomes of a document.

Each command returns once the public can see it: the status list is published and, where the ledger is told too, the
ledger has confirmed.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

import typer

from govseal.core.errors import OutsideError
from govseal.project.cli.output import EPILOG, OUTPUT, Panel, plain
from govseal.project.cli.running import installation

if TYPE_CHECKING:  # at run time, imported once Django is set up
    from govseal.apps.issuance.models import Document
    from govseal.project.wiring.office import Office

_SECONDS = 120.0
_NUMBER = typer.Argument(help="Number or id of a document.")
_REASON = typer.Option(..., help="Why, in words, for the record; the public is told the code and the day.")
_CODE = "Why, in short, as the public is told it: "


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (revoke, suspend, lift, replace):
        app.command(epilog=EPILOG, rich_help_panel=Panel.CHANGE)(command)


def revoke(
    document: str = _NUMBER,
    reason: str = _REASON,
    code: str = typer.Option("other", help=f"{_CODE}error, fraud, lost, ended, court or other."),
) -> None:
    """Take a document back for good, on the ledger. This cannot be undone."""
    with _changing(document) as change:
        change.acts.revoke(change.document.pk, code=code, reason=reason)
        change.shown("revoked", "is revoked", on_ledger=True)


def suspend(
    document: str = _NUMBER,
    reason: str = _REASON,
    code: str = typer.Option("other", help=f"{_CODE}review, lost, court or other."),
) -> None:
    """Take a document out of force for now; `lift` puts it back."""
    with _changing(document) as change:
        change.acts.suspend(change.document.pk, code=code, reason=reason)
        change.shown("suspended", "is suspended")


def lift(
    document: str = _NUMBER,
    reason: str = _REASON,
    code: str = typer.Option("other", help=f"{_CODE}cleared, error, court or other."),
) -> None:
    """Put a suspended document back in force."""
    with _changing(document) as change:
        change.acts.lift(change.document.pk, code=code, reason=reason)
        change.shown("valid", "is in force again")


def replace(
    document: str = _NUMBER,
    by: str = typer.Option(..., help="Number or id of the document that takes its place."),
    reason: str = _REASON,
    code: str = typer.Option("other", help=f"{_CODE}corrected, renewed, lost or other."),
) -> None:
    """Let a newer document take this one's place, on the ledger. This cannot be undone."""
    with _changing(document) as change:
        new = change.office.find_any(by)
        change.acts.replace(change.document.pk, new.pk, code=code, reason=reason)
        change.shown("replaced", f"is replaced by {plain(new.number)}", on_ledger=True, by=new.pk)


@dataclass(frozen=True, slots=True)
class _Change:
    """A change of one document's standing, until the public can see it.

    Attributes:
        office: has the document.
        document: what changes.
        acts: `govseal.project.wiring.standings`, which needs Django set up.
        check: raises when a process that we wait for has died.
    """

    office: "Office"
    document: "Document"
    acts: ModuleType
    check: Callable[[], None]

    def shown(self, standing: str, words: str, *, on_ledger: bool = False, **facts: str) -> None:
        """Wait until the change can be seen, and say so."""
        pk = self.document.pk
        if on_ledger:
            _wait("revocation", lambda: self.office.is_revoked(pk), self.check)
        _wait("status list", lambda: self.acts.is_published(pk), self.check)
        OUTPUT.result(
            {"id": pk, "standing": standing, **facts}, f"[green]✓[/] {plain(self.document.number)} {words}."
        )


@contextmanager
def _changing(document: str) -> Iterator[_Change]:
    with installation() as (office, check):
        from govseal.project.wiring import standings

        yield _Change(office, office.find_any(document), standings, check)


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
