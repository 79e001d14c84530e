"""Rows of documents to issue, from JSON, JSON Lines or CSV.

A row names `number`, optionally `issued` and `valid_until` (YYYY-MM-DD), and its fields, either in `fields` or
beside these. What is *not* here: whether fields fit their type (`govseal.adapters.typeset`).
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from govseal.core import jsjson
from govseal.core.errors import InputError
from govseal.project.cli.inputs import number_of, read_file

FILE_LIMIT = 512 << 20
ROW_LIMIT = 100_000
_OWN = ("number", "issued", "valid_until")


@dataclass(frozen=True, slots=True)
class Row:
    """One document to issue.

    Attributes:
        place: where it stands in the file, for messages: `row 3`.
        number: the document's number.
        issued: date of issue.
        dated: whether the row itself names that.
        valid_until: last day of validity, or None.
        fields: value by field code.
    """

    place: str
    number: str
    issued: date
    dated: bool
    valid_until: date | None
    fields: dict[str, Any]


def read_rows(
    path: Path, schema: Mapping[str, Any], today: date, check: Callable[[Mapping[str, Any]], None]
) -> list[Row]:
    """Read every row.

    Args:
        path: a .json (one object or an array), .jsonl or .csv file, UTF-8.
        schema: JSON Schema of the fields; says which texts of a CSV are numbers or yes/no.
        today: date of issue where a row names none.
        check: raises `InputError` for fields that do not fit their type.

    Raises:
        InputError: the file or a row cannot be read; every bad row is named, up to 20.
    """
    content = read_file(str(path), FILE_LIMIT)
    rows: list[Row] = []
    problems: list[str] = []
    for place, raw in _raw_rows(path, content):
        try:
            rows.append(_row(place, raw, schema, today))
            check(rows[-1].fields)
        except InputError as error:
            problems.append(f"{place}: {error.message}")
        if len(rows) > ROW_LIMIT:
            raise InputError(f"{path} has more than {ROW_LIMIT:,} rows: split it.", code="TOO_LARGE")
    problems += _repeated(rows)
    if problems:
        raise InputError(_listed("Nothing was issued. Mend these rows first:", problems), code="BAD_ROWS")
    if not rows:
        raise InputError(f"{path} has no row.", code="BAD_ROWS")
    return rows


def _listed(title: str, problems: list[str], most: int = 20) -> str:
    """Return a message with one problem a line, the first `most`."""
    more = [f"… and {len(problems) - most} more"] if len(problems) > most else []
    return "\n  ".join([title, *problems[:most], *more])


def _raw_rows(path: Path, content: bytes) -> Iterator[tuple[str, Any]]:
    match path.suffix.lower():
        case ".json":
            value = jsjson.parse(content, max_bytes=FILE_LIMIT)
            for at, row in enumerate(value if isinstance(value, list) else [value], start=1):
                yield f"row {at}", row
        case ".jsonl":
            for at, line in enumerate(content.splitlines(), start=1):
                if line.strip():
                    yield f"line {at}", line
        case ".csv":
            yield from _csv_rows(path, content)
        case other:
            raise InputError(f"{path}: give .json, .jsonl or .csv, not {other or 'a file without a suffix'}.")


def _csv_rows(path: Path, content: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8: save it from the spreadsheet as 'CSV UTF-8'.") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="", strict=True)
    try:
        for row in reader:
            place = f"line {reader.line_num}"
            if "" in row or None in row.values():
                raise InputError(f"{path}, {place}: it has not as many cells as the first line has columns.")
            yield place, {column: cell for column, cell in row.items() if cell != ""}
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: {error}.") from error


def _row(place: str, raw: Any, schema: Mapping[str, Any], today: date) -> Row:
    if isinstance(raw, bytes):
        raw = jsjson.parse(raw)
    if not isinstance(raw, dict):
        raise InputError("a row is an object")
    fields = raw.get("fields", {name: value for name, value in raw.items() if name not in _OWN})
    if not isinstance(fields, dict):
        raise InputError("`fields` is an object")
    number = raw.get("number")
    if not isinstance(number, str) or not number.strip():
        raise InputError("it has no `number` (a text)")
    return Row(
        place=place,
        number=number_of(number),
        issued=day(raw["issued"]) if raw.get("issued") else today,
        dated=bool(raw.get("issued")),
        valid_until=day(raw["valid_until"]) if raw.get("valid_until") else None,
        fields={
            name: _typed(value, schema.get("properties", {}).get(name, {})) for name, value in fields.items()
        },
    )


def day(text: Any) -> date:
    """Return the date that YYYY-MM-DD names."""
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise InputError(f"{text!r} is no date of the form YYYY-MM-DD.") from None


def _typed(value: Any, rule: Mapping[str, Any]) -> Any:
    """Turn a cell's text into what the schema wants, where that is plain."""
    if not isinstance(value, str):
        return value
    match rule.get("type"):
        case "integer" if value.strip().lstrip("-").isdecimal():
            return int(value)
        case "boolean" if value.strip().lower() in {"true", "false"}:
            return value.strip().lower() == "true"
        case _:
            return value


def _repeated(rows: list[Row]) -> list[str]:
    first: dict[str, str] = {}
    problems = []
    for row in rows:
        if row.number in first:
            problems.append(f"{row.place}: number {row.number} stands in {first[row.number]} already")
        first.setdefault(row.number, row.place)
    return problems
