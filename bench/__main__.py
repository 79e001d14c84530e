"""Every figure of the README: `python -m bench [--quick]`.

Collects the rows of each module here that has `rows`, prints them as a table and writes `bench/results.json`. Both
sides of a row run in the same run, in turns, and each gives the best of several repetitions. Leave the machine
alone meanwhile; where it was not quiet, the table and the file say so.
"""

import argparse
import importlib
import json
import os
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime

from bench import machine
from bench.measure import FOLDER, Row
from rich.console import Console
from rich.table import Table


def collected(*, quick: bool) -> Iterator[Row]:
    """Yield the rows of every module, as they are measured."""
    for found in pkgutil.iter_modules([str(FOLDER)]):
        if found.name != "__main__":
            module = importlib.import_module(f"bench.{found.name}")
            if hasattr(module, "rows"):
                yield from module.rows(quick=quick)


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


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure govseal against its peers.")
    parser.add_argument("--quick", action="store_true", help="smaller sizes: minutes instead of half an hour")
    quick = parser.parse_args().quick
    console = Console()
    before = os.getloadavg()[0]
    note = machine.load_note(before)
    rows = []
    with console.status("measuring; leave the machine alone") as status:
        for row in collected(quick=quick):
            rows.append(row)
            status.update(f"{row.name}: {row.ours:,.3f} {row.unit}")
    console.print(table(rows, note))
    results = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": quick,
        "on": machine.facts(),
        "load_before": round(before, 2),
        "note": note,
        "rows": [row.as_json() for row in rows],
    }
    (FOLDER / "results.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
