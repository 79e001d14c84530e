"""Every figure of the README: `python -m bench [--quick] [MODULE ...]`.

Collects the rows of each module here that has `rows`, prints them as a table and writes `bench/results.json`, a run
for each module: when it was measured, on what, how quiet the machine was, and its rows. Naming modules measures
those anew and leaves the other runs of the file as they are. Both sides of a row run in the same run, in turns, and
each gives the best of several repetitions. Leave the machine alone meanwhile; where it was not quiet, the table and
the file say so.
"""

import argparse
import importlib
import json
import os
import pkgutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from bench import machine
from bench.measure import FOLDER, Row
from rich.console import Console
from rich.table import Table

RESULTS = FOLDER / "results.json"


def measuring() -> dict[str, ModuleType]:
    """Return the modules that measure something, by name."""
    found = (importlib.import_module(f"bench.{each.name}") for each in modules())
    return {module.__name__.removeprefix("bench."): module for module in found if hasattr(module, "rows")}


def modules() -> Iterator[pkgutil.ModuleInfo]:
    """Yield every module of this folder but this one."""
    return (each for each in pkgutil.iter_modules([str(FOLDER)]) if each.name != "__main__")


def table(rows: list[Row], note: str | None) -> Table:
    """Lay the rows out for the screen, with `note` below."""
    laid = Table(
        "what", "ours", "peer", "unit", "ratio", "reach", "", title="Measured on this machine, in this run"
    )
    laid.caption = note
    for column in laid.columns[1:]:
        column.justify = "right"
    for row in rows:
        laid.add_row(row.name, f"{row.ours:,.3f}", *compared(row))
    return laid


def compared(row: Row) -> tuple[str, ...]:
    """Return the cells from the peer's figure on, empty where there is none."""
    if row.peer is None:
        return "", row.unit, "", "", ""
    colour, word = ("green", "met") if row.is_met else ("red", "not met")
    return f"{row.peer:,.3f}", row.unit, f"[{colour}]{row.ratio:.1f}x[/]", f"{row.reach:g}x", word


def measured(
    module: ModuleType, *, quick: bool, tell: Callable[[Row], None]
) -> tuple[list[Row], dict[str, Any]]:
    """Measure the rows of `module`, `tell` of each, and return them with the run as the file keeps it."""
    before = os.getloadavg()[0]
    rows = []
    for row in module.rows(quick=quick):
        rows.append(row)
        tell(row)
    return rows, {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": quick,
        "on": machine.facts(),
        "load_before": round(before, 2),
        "note": machine.load_note(before),
        "rows": [row.as_json() for row in rows],
    }


def main() -> None:
    """Measure, print, write after each module."""
    known = measuring()
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure govseal against its peers.")
    parser.add_argument("--quick", action="store_true", help="smaller sizes: minutes instead of half an hour")
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"only these: {', '.join(known)}")
    given = parser.parse_args()
    if unknown := set(given.modules) - set(known):
        parser.error(f"no such module: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    console = Console()
    with console.status("measuring; leave the machine alone") as status:
        for name in given.modules or known:
            rows, run = measured(
                known[name],
                quick=given.quick,
                tell=lambda row: status.update(f"{row.name}: {row.ours:,.3f} {row.unit}"),
            )
            console.print(table(rows, run["note"]))
            keep(name, run)


def keep(name: str, run: dict[str, Any]) -> None:
    """Write `run` into the file of results, in the place of the module's last one."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps({**results, name: run}, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
