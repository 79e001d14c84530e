"""Judges the fields of a sheet before anything is drawn: their schema, their letters, the order of their Khmer.

Costs no rendering, so it serves whole tables and forms. What is wrong is told with the field and the place in it.

What is *not* here: whether a value fits on the page (`govseal template check`).
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError

from govseal.core.errors import InputError, OperatorError
from govseal.writing import khmer

_MOST_PROBLEMS = 50
_SHOWN = 60
_BLANK = re.compile(r"[\s\u200b-\u200d]+")
_LAYOUT_CHARACTERS = frozenset("\n\u200b")  # a new line, and the invisible space between Khmer words


def check_fields(type_folder: Path, fonts_folder: Path, fields: Mapping[str, Any]) -> None:
    """Raise unless `fields` can be typeset as the type in that folder.

    Raises:
        InputError: `INVALID_FIELDS`, with `problems` a list of (path, what is wrong); `KHMER_MISORDERED`, with
            `field`, `position`, `cluster` and `repair`; `CHARACTER_UNPRINTABLE`, with `field`.
        OperatorError: the type's schema is missing or wrong.
    """
    _check_schema(type_folder, fields)
    _check_visible(fields)
    check_khmer(fields)
    for code, value in fields.items():
        if isinstance(value, str):
            _check_letters(code, value, _printable(fonts_folder))


def check_khmer(fields: Mapping[str, Any]) -> None:
    """Raise unless the Khmer of every text is stored in order: an attested text can never be mended.

    Raises:
        InputError: `KHMER_MISORDERED`, as `check_fields`.
    """
    for code, value in fields.items():
        if isinstance(value, str):
            _check_khmer(code, value)


def _check_schema(type_folder: Path, fields: Mapping[str, Any]) -> None:
    errors = sorted(_validator(type_folder).iter_errors(dict(fields)), key=lambda error: error.json_path)
    if not errors:
        return
    problems = [(error.json_path.removeprefix("$."), _told(error)) for error in errors[:_MOST_PROBLEMS]]
    required = next(
        (one.validator_value for one in errors if one.validator == "required" and not one.path), ()
    )
    absent = [name for name in required if name not in fields]
    listed = [f"absent: {', '.join(absent)}"] if absent else []
    listed += [
        f"{path}: {what}"
        for (path, what), error in zip(problems, errors, strict=False)
        if error.path or error.validator != "required"
    ]
    raise InputError(
        f"The fields do not fit the document type: {'; '.join(listed)}.",
        code="INVALID_FIELDS",
        problems=problems,
    )


def _told(error: ValidationError) -> str:
    """Return what is wrong with a value, of which no more is repeated than a person looks at."""
    value = repr(error.instance)
    return error.message.replace(value, f"{value[:_SHOWN]}…") if len(value) > _SHOWN else error.message


def _check_visible(fields: Mapping[str, Any]) -> None:
    """Raise when a text has characters and nothing of it can be seen: paper would show an empty place."""
    blank = [code for code, value in fields.items() if isinstance(value, str) and _BLANK.fullmatch(value)]
    if blank:
        raise InputError(
            f"The fields do not fit the document type: nothing can be seen of {', '.join(blank)}.",
            code="INVALID_FIELDS",
            problems=[(code, "nothing can be seen of it") for code in blank],
        )


def _check_khmer(code: str, value: str) -> None:
    faults = khmer.faults(value)
    if not faults:
        return
    first = faults[0]
    mend = f"; write {first.repair}" if first.repair else ""
    more = f" ({len(faults) - 1} more after it)" if len(faults) > 1 else ""
    raise InputError(
        f"{code}: at character {first.position + 1}, {first.cluster} ({first.code_points}): {first.kind}{mend}{more}.",
        code="KHMER_MISORDERED",
        field=code,
        position=first.position,
        cluster=first.cluster,
        repair=first.repair,
    )


def _check_letters(code: str, value: str, printable: frozenset[int]) -> None:
    for character in value:
        if ord(character) not in printable and character not in _LAYOUT_CHARACTERS:
            raise InputError(
                f"{code}: the character {character!r} (U+{ord(character):04X}) is in none of the fonts.",
                code="CHARACTER_UNPRINTABLE",
                field=code,
            )


@cache
def _validator(type_folder: Path) -> Draft202012Validator:
    schema = read_json(type_folder / "schema.json")
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise OperatorError(
            f"{type_folder / 'schema.json'} is not a JSON Schema: {error.message}.", code="BAD_DOCUMENT_TYPE"
        ) from error
    return Draft202012Validator(schema, format_checker=FormatChecker())


@cache
def _printable(fonts_folder: Path) -> frozenset[int]:
    """Return the code points that some font of the folder has; Typst looks for a missing one in the others."""
    points: set[int] = set()
    for path in fonts_folder.glob("*.ttf"):
        with TTFont(path, lazy=True) as font:
            points.update(font.getBestCmap())
    return frozenset(points)


def read_json(path: Path) -> Any:
    """Return what a file of a type says.

    Raises:
        OperatorError: it is missing or not JSON.
    """
    try:
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}.", code="BAD_DOCUMENT_TYPE") from error
    except ValueError as error:
        raise OperatorError(f"{path} is not JSON: {error}.", code="BAD_DOCUMENT_TYPE") from error
