"""`govseal verify FOLDER|LIST.csv`: each file or link a row of a table, written as it is checked.

    govseal verify scans/ --table checked.xlsx
    govseal verify links.csv --table checked.csv --resume

The table grows row by row as a CSV, and can be gone on with. Asked for as XLSX it is made of that at the end: until
then the rows are in `checked.part.csv`. Links in it open the documents: keep it as you keep them.

Invariants: no file that was there before is written over.

What is *not* here: what a folder or list names (`listing`), checking (`govseal.apps.verification.many`), how cells are
written (`govseal.adapters.spreadsheet`).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from govseal.core.errors import InputError, RefusedError
from govseal.core.verdict import Outcome
from govseal.project.cli import listing, running
from govseal.project.cli.output import OUTPUT, Exit, plain

if TYPE_CHECKING:  # at run time, imported when the command runs
    from govseal.apps.verification.many import Checked, Item

HEADER = (
    *("file or link", "outcome", "reason", "issuer", "type", "number", "issued", "link"),
    *("same document as", "reason code", "document id"),
)

_NAME, _OUTCOME, _REASON, _IDENTITY = 0, 1, 2, len(HEADER) - 1
_WITHOUT_TABLE = 10_000
_COLOURS = {Outcome.GENUINE: "green", Outcome.COULD_NOT_CHECK: "yellow"}
_LISTED = 20
"""Rows that are not genuine and are shown at the end; the table has all."""


def verify_many(what: str, table: Path | None, *, resume: bool) -> Exit:
    """Check all that `what` names; return the exit status: the gravest of all rows."""
    if table is None:
        items = listing.items(Path(what))
        _require_few(items, resume=resume)
        rows: list[list[str]] = []
        found = _check(items, [], rows.append)
        return _told(found, None, rows)
    from govseal.adapters.spreadsheet import GrowingCsv, rows_of, write_xlsx

    grown = _growing(table, resume=resume)
    items = listing.items(Path(what), besides={table, grown})
    with GrowingCsv(grown, HEADER, resume=resume) as growing:
        try:
            found = _check(items, growing.rows, growing.append)
        except KeyboardInterrupt:
            OUTPUT.failure(
                "INTERRUPTED", f"Ended. What was checked is in {grown}: --resume goes on with the rest."
            )
            raise
    if table != grown:
        write_xlsx(table, rows_of(grown))
        grown.unlink()
    return _told(found, table, None)


def _growing(table: Path, *, resume: bool) -> Path:
    """Return the CSV that grows: the table itself, or the one of which an XLSX is made."""
    match table.suffix.lower():
        case ".csv":
            return table
        case ".xlsx":
            grown = table.with_suffix(".part.csv")
        case _:
            raise InputError("A table's name ends in .csv or .xlsx.", code="USAGE")
    if table.exists() and not (resume and grown.exists()):
        message = f"{table} is there already, and only a CSV can be gone on with: name another table."
        raise RefusedError(message, code="FILE_EXISTS")
    return grown


class _Found:
    """What came out: how many rows of each outcome, and the first that are not genuine."""

    def __init__(self) -> None:
        self.counts: Counter[Outcome] = Counter()
        self.others: list[Sequence[str]] = []

    def add(self, row: Sequence[str]) -> None:
        try:
            outcome = Outcome(row[_OUTCOME].replace(" ", "_"))
        except ValueError:  # of a table that is gone on with, and that another program has changed
            message = f"The table has an outcome that is none: {row[_OUTCOME]!r}. Name another table."
            raise InputError(message, code="NOT_A_TABLE") from None
        self.counts[outcome] += 1
        if outcome is not Outcome.GENUINE and len(self.others) < _LISTED:
            self.others.append(row)


# --- checking -----------------------------------------------------------------------------------------


def _require_few(items: "list[Item]", *, resume: bool) -> None:
    """Without a table all rows are held until the end."""
    if resume:
        raise InputError("--resume goes on with a table: name it by --table FILE.", code="USAGE")
    if len(items) > _WITHOUT_TABLE:
        raise InputError(f"For more than {_WITHOUT_TABLE:,} name a table by --table FILE.", code="USAGE")


def _check(items: "list[Item]", done: list[list[str]], keep: Callable[[list[str]], None]) -> _Found:
    """Check what is not done yet, and hand over each row; count all rows, those that were done too."""
    from govseal.project.wiring import checking_apart

    found = _Found()
    for row in done:
        found.add(row)
    left = _left(items, done)
    seen = {row[_IDENTITY]: row[_NAME] for row in reversed(done) if row[_IDENTITY]}
    with (
        running.checker() as checker,
        closing(checking_apart.many(checker, left, seen)) as answers,
        OUTPUT.progress("Checking", len(items)) as advance,
    ):
        advance(len(items) - len(left))
        for checked in answers:
            row = row_of(checked)
            keep(row)
            found.add(row)
            advance(1)
    return found


def _left(items: "list[Item]", done: list[list[str]]) -> "list[Item]":
    """Return the items that have no row yet; one that is named twice has two."""
    from govseal.adapters.spreadsheet import cells

    names = Counter(row[_NAME] for row in done)
    left = []
    for item in items:
        (name,) = cells([item.name])
        if names[name]:
            names[name] -= 1
        else:
            left.append(item)
    return left


def row_of(checked: "Checked") -> list[str]:
    """Return the row of an answer, in the order of `HEADER`."""
    shown = checked.shown
    issuer = shown.issuer if shown else None
    return [
        checked.name,
        checked.outcome.replace("_", " "),
        checked.reason.message if checked.reason else "",
        issuer.names.get("en", issuer.code) if issuer else "",
        shown.type_names.get("en", shown.type) if shown else "",
        shown.number if shown else "",
        shown.issued.isoformat() if shown and shown.issued else "",
        checked.link,
        checked.same_as,
        checked.reason.code if checked.reason else "",
        checked.identity,
    ]


# --- the end ------------------------------------------------------------------------------------------


def _told(found: _Found, table: Path | None, rows: list[list[str]] | None) -> Exit:
    """Write how many came out how, and which of them are not genuine; return the exit status."""
    counts, total = found.counts, found.counts.total()
    there = [one for one in Outcome if counts[one]]
    lines = [f"[{_COLOURS.get(one, 'red')}]{counts[one]:>7,}[/]  {one.replace('_', ' ')}" for one in there]
    lines += [f"{plain(row[_NAME])}: {row[_OUTCOME]}. {plain(row[_REASON])}" for row in found.others]
    more = total - counts[Outcome.GENUINE] - len(found.others)
    if more:
        lines.append(f"… and {more:,} more")
    if table:
        lines.append(f"All rows: {plain(table)}")
    result: dict[str, object] = {"checked": total, "outcomes": {one.value: counts[one] for one in there}}
    result["table"] = str(table) if table else None
    if rows is not None:
        result["rows"] = [dict(zip(HEADER, row, strict=True)) for row in rows]
    OUTPUT.result(result, "\n".join(lines))
    if any(one not in {Outcome.GENUINE, Outcome.COULD_NOT_CHECK} for one in there):
        return Exit.NOT_GENUINE
    return Exit.COULD_NOT_CHECK if counts[Outcome.COULD_NOT_CHECK] else Exit.DONE
