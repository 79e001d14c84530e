"""What a folder or a list names, one item for each, to be checked.

A list is a CSV as spreadsheets save it: in UTF-8 with or without its mark, or in UTF-16; its cells parted by commas,
semicolons or tabs. The column called `link`, `file` or `text` holds a link, a code's text or the name of a file that
lies beside the list. Without such a column it is the one in which the first two rows have a link, or else the first.

    items = listing.items(Path("scans"), besides=[Path("scans/checked.csv")])

Invariants: no more than `MOST_ITEMS`; a file is read when its turn comes, not before; what cannot be looked into is an
item too, so that nobody takes it for checked.

What is *not* here: checking (`govseal.apps.verification.many`), and the table that comes of it (`many`).
"""

import csv
import os
import re
from collections.abc import Collection, Iterator
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from govseal.core.errors import InputError
from govseal.project.cli.inputs import TEXT_LIMIT, is_text, read_file

if TYPE_CHECKING:  # at run time, imported when the command runs
    from govseal.apps.verification.many import Item

MOST_ITEMS = 1_000_000

_CSV = ".csv"
_OTHER_TABLES = (".xlsx", ".xls", ".ods")
_COLUMNS = {"link", "url", "file", "path", "text", "code", "document", "file or link"}
_DELIMITERS = ",;\t"
_TOLD_DELIMITER = re.compile(r'"?sep=([,;\t])"?\s*', re.IGNORECASE)
"""What spreadsheets put before the first row where the country's sign is not the comma."""
_UTF_16 = {b"\xff\xfe", b"\xfe\xff"}


def is_many(what: str) -> bool:
    """Say whether `what` names a folder or a list."""
    return not is_text(what) and (Path(what).is_dir() or what.lower().endswith((_CSV, *_OTHER_TABLES)))


def items(source: Path, *, besides: Collection[Path] = ()) -> "list[Item]":
    """Return what a folder or a list names.

    Args:
        source: the folder or list.
        besides: files in the folder that are not meant: the table itself.

    Raises:
        InputError: nothing, or too much, is named; or the list cannot be read.
    """
    named = list(_in_folder(source, besides) if source.is_dir() else _in_list(source))
    if not named:
        raise InputError(f"There is nothing to check in {source}.", code="NOTHING_TO_CHECK")
    return named


def _in_folder(folder: Path, besides: Collection[Path]) -> "Iterator[Item]":
    """Yield each file below a folder, in order; hidden ones and links to folders are passed over."""
    closed: list[str] = []
    left_out, count = {*map(os.path.abspath, besides)}, 0
    for place, folders, names in os.walk(folder, onerror=lambda error: closed.append(str(error.filename))):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(name for name in names if not name.startswith(".")):
            file = str(Path(place, name))
            if os.path.abspath(file) not in left_out:  # noqa: PTH100 - `Path.resolve` asks the disk, a million times
                count += 1
                _require_bounded(count, folder)
                yield _file(file, file)
    for name in closed:
        yield _file(name, name)


def _in_list(file: Path) -> "Iterator[Item]":
    """Yield each row of a list."""
    if file.suffix.lower() in _OTHER_TABLES:
        raise InputError(f"Save {file} from the spreadsheet as 'CSV UTF-8' first.", code="NOT_A_TABLE")
    try:
        for count, cell in enumerate(_cells(file), start=1):
            _require_bounded(count, file)
            yield _entry(cell, file.parent)
    except (csv.Error, UnicodeError) as error:
        message = f"{file} cannot be read as a CSV ({error}): save it from the spreadsheet as 'CSV UTF-8'."
        raise InputError(message, code="NOT_A_TABLE") from None
    except FileNotFoundError:
        raise InputError(f"There is no file {str(file)!r}, and it is no link.", code="NO_SUCH_FILE") from None


def _cells(file: Path) -> Iterator[str]:
    """Yield the cells of the column that names what is to be checked, those that are not empty."""
    with file.open("rb") as stream:
        encoding = "utf-16" if stream.read(2) in _UTF_16 else "utf-8-sig"
    with file.open(encoding=encoding, newline="") as stream:
        rows = _rows(stream)
        head = list(islice(rows, 2))
        column = _named_column(head[0]) if head else None
        if column is not None:
            del head[0]
        else:
            column = _column_of_links(head)
        for row in chain(head, rows):
            if len(row) > column and (cell := row[column].strip()):
                yield cell


def _rows(stream: TextIO) -> Iterator[list[str]]:
    """Yield the rows of a CSV that are not empty, parted as its first line says or lets see."""
    first = next(filter(str.strip, stream), "")
    if told := _TOLD_DELIMITER.fullmatch(first):
        return filter(any, csv.reader(stream, delimiter=told[1]))
    return filter(any, csv.reader(chain([first], stream), delimiter=_delimiter(first)))


def _delimiter(first: str) -> str:
    """Return what parts the cells of a first line: that by which it names a column, or else one that it has."""
    naming = (sign for sign in _DELIMITERS for row in csv.reader([first], delimiter=sign) if _names_one(row))
    there = (sign for sign in _DELIMITERS if sign in first)
    return next(chain(naming, there), _DELIMITERS[0])


def _names_one(row: list[str]) -> bool:
    return _named_column(row) is not None


def _named_column(row: list[str]) -> int | None:
    return next((place for place, cell in enumerate(row) if cell.strip().lower() in _COLUMNS), None)


def _column_of_links(rows: list[list[str]]) -> int:
    return next((place for row in rows for place, cell in enumerate(row) if is_text(cell.strip())), 0)


def _entry(cell: str, folder: Path) -> "Item":
    from govseal.apps.verification.many import Item

    return Item(cell, text=cell[:TEXT_LIMIT]) if is_text(cell) else _file(cell, str(folder / cell))


def _file(name: str, place: str) -> "Item":
    from govseal.apps.verification.many import Item

    return Item(name, read=partial(_read, place))


def _read(name: str) -> bytes:
    """Return a file's bytes; a pipe or device, which may never end, is no file."""
    if Path(name).exists() and not Path(name).is_file():
        raise InputError(f"{name} is no file, or a folder that cannot be looked into.", code="NO_SUCH_FILE")
    return read_file(name)


def _require_bounded(count: int, source: Path) -> None:
    if count > MOST_ITEMS:
        raise InputError(
            f"{source} has more than {MOST_ITEMS:,} entries: check it in parts.", code="TOO_LARGE"
        )
