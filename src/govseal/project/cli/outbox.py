"""`govseal outbox`: how much is on its way to the ledger, and what keeps anything from getting there."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import typer

from govseal.project.cli.output import EPILOG, OUTPUT, Exit, Panel, plain
from govseal.project.cli.running import installation

if TYPE_CHECKING:  # at run time, imported once Django is set up
    from govseal.apps.issuance.models import Batch, Revocation


@dataclass(frozen=True, slots=True)
class Trouble:
    """A batch or revocation that cannot go on.

    Attributes:
        institution: its code.
        what: which it is.
        state: how far it came.
        why: what keeps it.
        failures: how often it was tried.
        retry_at: when it is tried again; None for at the next look.
    """

    institution: str
    what: str
    state: str
    why: str
    failures: int
    retry_at: datetime | None


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=EPILOG, rich_help_panel=Panel.OPERATE)(outbox)


def outbox(
    retry: bool = typer.Option(
        False, "--retry", help="The cause is mended: try everything in trouble again now."
    ),
) -> int:
    """Show what waits for the ledger and what is in trouble, with the reason.

    Exit status: 2 when anything is in trouble.
    """
    with installation():
        from govseal.apps.issuance import selectors, services
        from govseal.project.wiring.queue import outbox_enqueue

        retried = services.outbox_resume(enqueue=outbox_enqueue) if retry else 0
        counts, troubles = selectors.outbox_counts(), troubles_now()
    lines = [f"[bold]{name}[/]  {_counted(states)}" for name, states in counts.items()]
    lines += [_line(one) for one in troubles]
    if retried:
        lines.append(f"{retried} are tried again now.")
    elif troubles:
        lines.append("Mend the cause, then: govseal outbox --retry")
    value = {**counts, "troubles": [asdict(one) for one in troubles], "retried": retried}
    OUTPUT.result(value, "\n".join(lines))
    return Exit.COULD_NOT_CHECK if troubles and not retried else Exit.DONE


def troubles_now() -> list[Trouble]:
    """Return what cannot go on, batches first, oldest first."""
    from govseal.apps.issuance import selectors

    batches = [
        _trouble(one, one.institution.code, f"batch {one.pk}, {one.size} documents")
        for one in selectors.batches_in_trouble()
    ]
    revocations = [
        _trouble(one, one.document.institution.code, f"revocation of {one.document.number}")
        for one in selectors.revocations_in_trouble()
    ]
    return batches + revocations


def _trouble(row: "Batch | Revocation", institution: str, what: str) -> Trouble:
    return Trouble(institution, what, str(row.state), row.trouble, row.failures, row.retry_at)


def _counted(states: dict[str, int]) -> str:
    return ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in states.items()) or "none"


def _line(trouble: Trouble) -> str:
    again = f"at {trouble.retry_at:%H:%M:%S} UTC" if trouble.retry_at else "at the next look"
    told = f"{trouble.institution}, {trouble.what} ({trouble.state}): {trouble.why}"
    return f"[red]✗[/] {plain(told)}\n    Tried {trouble.failures} times; again {again}."
