"""Tables for spreadsheets: CSV that grows row by row and can be gone on with, and XLSX.

A table's cells come from documents and file names, so from anybody. A spreadsheet takes a cell that begins with
= + - or @ for a formula, which may fetch and send: in CSV such a cell gets an apostrophe before it, and so does what
follows a semicolon, at which spreadsheets of some countries part cells, quotes or not. In XLSX every cell is written as
text. Control characters become spaces, so that a row is a line.

    with GrowingCsv(file, header) as table:
        table.append(row)

Invariants: a row is in the file whole once `append` has returned, whatever ends the process; no cell is longer than
a spreadsheet takes.

What is *not* here: what the columns are.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from govseal.core.errors import InputError, RefusedError

CELL_CHARACTERS = 32_767
"""What XLSX takes in a cell."""
TABLE_BYTES = 512 << 20
"""Of a table that is gone on with."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_BEFORE_FORMULA = re.compile(r'(^ *|;[ "]*)(?=[=+@-])')
_BOM = "\ufeff"
_END = b"\r\n"
_WIDTHS = (40, 18, 50, 40, 24, 24, 14, 40)
"""Widths of the first columns, in characters."""


def csv_of(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV in UTF-8 with a byte order mark, without which Excel misreads Khmer."""
    return _BOM.encode() + b"".join(map(_line, rows))


def rows_of(file: Path) -> Iterator[list[str]]:
    """Yield the rows of a CSV that was written here, its header first."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        yield from csv.reader(stream, strict=True)


def write_xlsx(target: Path | BinaryIO, rows: Iterable[Sequence[str]]) -> None:
    """Write rows as XLSX, the first as header; every cell is text. Only one row is held at a time.

    Raises:
        OSError: the file cannot be written; then there is none.
    """
    if not isinstance(target, Path):
        _write_xlsx(target, rows)
        return
    draft = target.with_name(f".{target.name}")
    try:
        with draft.open("wb") as stream:
            _write_xlsx(stream, rows)
        draft.replace(target)
    except FileCreateError as error:
        cause = error.args[0]
        raise OSError(cause.errno, cause.strerror, str(target)) from error
    finally:
        draft.unlink(missing_ok=True)


def _write_xlsx(stream: BinaryIO, rows: Iterable[Sequence[str]]) -> None:
    with xlsxwriter.Workbook(stream, {"constant_memory": True, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        header, text = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "@"})
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 1)
        for place, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write_string(place, column, _plain(value), text if place else header)


class GrowingCsv:
    """A CSV file that is written row by row.

    Args:
        file: where.
        header: names of the columns.
        resume: go on with a file that is there.

    Attributes:
        rows: the rows that were there already, without the header, as `cells` gives them.

    Raises:
        RefusedError: the file is there and `resume` is false (`FILE_EXISTS`).
        InputError: the file that is there is no table with this header, or longer than `TABLE_BYTES`.
        OSError: the file cannot be used.
    """

    def __init__(self, file: Path, header: Sequence[str], *, resume: bool = False) -> None:
        self.rows: list[list[str]] = []
        if resume and file.exists():
            self.rows = _kept(file, cells(header))
            self._stream = file.open("ab")
            return
        try:
            self._stream = file.open("xb")
        except FileExistsError:
            message = f"{file} is there already: name another table, or go on with it by --resume."
            raise RefusedError(message, code="FILE_EXISTS") from None
        self._stream.write(csv_of([header]))
        self._stream.flush()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._stream.close()

    def append(self, row: Sequence[str]) -> None:
        """Write a row."""
        self._stream.write(_line(row))
        self._stream.flush()


def cells(row: Sequence[str]) -> list[str]:
    """Return a row as CSV holds it: plain, and no formula."""
    return [_BEFORE_FORMULA.sub(r"\1'", _plain(value))[:CELL_CHARACTERS] for value in row]


def _plain(value: str) -> str:
    encodable = value.encode("utf-8", "replace").decode()  # a file's name may be no UTF-8
    return _CONTROLS.sub(" ", encodable)[:CELL_CHARACTERS]


def _line(row: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator=_END.decode()).writerow(cells(row))
    return text.getvalue().encode()


def _kept(file: Path, header: Sequence[str]) -> list[list[str]]:
    """Return the rows of a table that is there, and cut off a last one that was not finished."""
    if file.stat().st_size > TABLE_BYTES:
        raise InputError(f"{file} is longer than a table that can be gone on with.", code="TOO_LARGE")
    content = file.read_bytes()
    whole = content[: content.rfind(_END) + len(_END)] if _END in content else b""
    try:
        rows = list(csv.reader(io.StringIO(whole.decode("utf-8-sig"), newline=""), strict=True))
    except (csv.Error, UnicodeDecodeError):
        rows = []
    if not rows or any(len(row) != len(header) for row in rows) or rows[0] != list(header):
        raise InputError(f"{file} is no table that can be gone on with: name another.", code="NOT_A_TABLE")
    if len(whole) < len(content):
        with file.open("r+b") as stream:
            stream.truncate(len(whole))
    return rows[1:]
