"""`govseal index`: how far the index of the ledger has come, and making it anew.

What is *not* here: comparing it with the chain (`govseal doctor --deep`), and following the chain (the worker).
"""

from typing import TYPE_CHECKING

import typer

from govseal.core.ports import LedgerEvents
from govseal.project.cli.output import EPILOG, OUTPUT, Panel
from govseal.project.cli.running import installation

if TYPE_CHECKING:  # at run time, imported once Django is set up
    from govseal.apps.evidence.selectors import Position
    from govseal.apps.evidence.services import Progress


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=EPILOG, rich_help_panel=Panel.OPERATE)(index)


def index(
    rebuild: bool = typer.Option(
        False, "--rebuild", help="Forget all of it and read the ledger again; meanwhile the chain is asked."
    ),
) -> None:
    """Show how far the index of the ledger has come, or make it anew."""
    with installation():
        from govseal.apps.evidence import selectors
        from govseal.project.wiring import worker
        from govseal.project.wiring.shared import utc_now

        ledger = worker.ledger_events()
        position = _rebuilt(ledger) if rebuild else selectors.position(ledger.chain_id, ledger.genesis)
        if position is None:
            OUTPUT.result({"stores": 0}, "Follows no store yet; the chain itself is asked.")
            return
        seconds = position.seconds_behind(utc_now())
        value = {
            "stores": position.stores,
            "storesBehind": position.stores_behind,
            "head": position.head_number,
            "blocksBehind": position.blocks_behind,
            "secondsBehind": round(seconds, 1),
        }
        OUTPUT.result(
            value, f"{position.stores} stores, {position.blocks_behind} blocks and {seconds:.0f} s behind."
        )


def _rebuilt(ledger: LedgerEvents) -> "Position":
    """Read all again, and show how far that is; killed in between, the worker goes on."""
    from govseal.apps.evidence.services import IndexPolicy, index_rebuild
    from govseal.project.wiring.shared import utc_now

    read = 0
    with OUTPUT.progress("Reading blocks", ledger.head().number) as advance:

        def show(progress: "Progress") -> None:
            nonlocal read
            advance(progress.block - read)
            read = progress.block

        return index_rebuild(ledger=ledger, policy=IndexPolicy(), clock=utc_now, progress=show)
