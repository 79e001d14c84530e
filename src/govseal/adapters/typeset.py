"""Typesets a document of our own as PDF/A-3b with Typst, its codes drawn as vectors.

A document type is a folder with `template.typ`, `schema.json` (JSON Schema of the fields) and `type.json`
(names the `fonts` the template uses). The template is a Typst function `render(sheet)`; field values are only
ever text to it, never markup. The sheet:

    {fields: {code: value}, codes: {profile: {svg, modules, size_mm}}, host, number, issued, brand_colour,
     issuer: {language: name}, demonstration}

Invariants: fields are checked against the schema and against what the fonts can print before anything is
drawn; a font that is not there is an error here, since Typst would put another in its place in silence; the
same arguments give the same bytes (the PDF is dated by `issued`).

    Typesetter(fonts).render(folder, fields=fields, codes={"compact": symbol(code)}, context=context)

What is *not* here: making the fonts (`fonts`), drawing the codes (`qrimage`), the meaning of a type
(`countrypack`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import typst
from fontTools.ttLib import TTFont
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError

from govseal.core.errors import InputError, OperatorError

_MOST_PROBLEMS = 50
_LAYOUT_CHARACTERS = frozenset("\n\u200b")  # a new line, and the invisible space between Khmer words


class DrawnCode(Protocol):
    """What a template needs of a drawn code; `qrimage.Symbol` is one."""

    @property
    def size(self) -> int:
        """Modules on a side, without quiet zone."""

    @property
    def print_mm(self) -> float:
        """Side in mm, without quiet zone."""

    def svg(self, *, quiet_zone: int) -> str:
        """Return the drawing."""


@dataclass(frozen=True, slots=True)
class SheetContext:
    """What a template prints besides the fields.

    Attributes:
        host: what the codes name; printed beside them without its scheme.
        number: the document's number.
        issued: date of issue; also dates the PDF.
        issuer: the institution's name per language.
        brand_colour: `#rrggbb` of the country pack.
        demonstration: prints plainly that the sheet is a specimen.
    """

    host: str
    number: str
    issued: date
    issuer: Mapping[str, str]
    brand_colour: str
    demonstration: bool = False


class Typesetter:
    """Renders documents; safe to share, since each document gets a compiler of its own over the same fonts.

    Args:
        fonts_folder: TTF files; neither the system's fonts nor Typst's own are used.
    """

    def __init__(self, fonts_folder: Path) -> None:
        self._folder = fonts_folder
        self._fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts_folder)]
        )
        self._families = frozenset(self._fonts.families())

    def render(
        self,
        type_folder: Path,
        *,
        fields: Mapping[str, str | int | bool],
        codes: Mapping[str, DrawnCode],
        context: SheetContext,
    ) -> bytes:
        """Return the document as PDF/A-3b.

        Args:
            type_folder: the document type; its siblings may hold what several templates share.
            fields: value per field code.
            codes: drawn code per QR profile.
            context: everything else.

        Raises:
            InputError: the fields do not fit the type (codes `INVALID_FIELDS`, `CHARACTER_UNPRINTABLE`).
            OperatorError: the type's files or fonts are missing or wrong
                (codes `BAD_DOCUMENT_TYPE`, `FONT_MISSING`).
        """
        self._check_fonts(type_folder)
        self.check_fields(type_folder, fields)
        try:
            pdf = self._compiler(type_folder, _sheet(fields, codes, context)).compile(
                format="pdf", pdf_standards=["a-3b"], timestamp=datetime.combine(context.issued, time(), UTC)
            )
        except RuntimeError as error:  # a TypstError is one; a missing template is a plain one
            raise OperatorError(
                f"The template of {type_folder.name} does not compile: {error}.", code="BAD_DOCUMENT_TYPE"
            ) from error
        if not isinstance(pdf, bytes):  # Typst answers None or a list for other formats only
            raise OperatorError(f"The template of {type_folder.name} gave no PDF.", code="BAD_DOCUMENT_TYPE")
        return pdf

    def check_fields(self, type_folder: Path, fields: Mapping[str, Any]) -> None:
        """Raise unless `fields` can be typeset as this type. Costs no rendering: made for whole tables.

        Raises:
            InputError: `INVALID_FIELDS`, with `problems` a list of (path, what is wrong), or
                `CHARACTER_UNPRINTABLE`.
            OperatorError: the type's schema is missing or wrong.
        """
        errors = sorted(_validator(type_folder).iter_errors(dict(fields)), key=lambda error: error.json_path)
        if errors:
            problems = [
                (error.json_path.removeprefix("$."), error.message) for error in errors[:_MOST_PROBLEMS]
            ]
            listed = "; ".join(f"{path}: {what}" for path, what in problems)
            raise InputError(
                f"The fields do not fit the document type: {listed}.",
                code="INVALID_FIELDS",
                problems=problems,
            )
        printable = _printable(self._folder)
        for code, value in fields.items():
            for character in str(value):
                if ord(character) not in printable and character not in _LAYOUT_CHARACTERS:
                    raise InputError(
                        f"{code}: the character {character!r} (U+{ord(character):04X}) is in none of the fonts.",
                        code="CHARACTER_UNPRINTABLE",
                        field=code,
                    )

    def _compiler(self, type_folder: Path, sheet: Mapping[str, Any]) -> typst.Compiler:
        """Return a compiler of one document, which sees the folder of types and these fonts, and no more.

        The sheet is a text in the main file, not in `sys.inputs`, which belong to Typst's library: since the
        library stays the same, what a template draws without the sheet is kept from document to document.
        """
        sheet_text = json.dumps(sheet, ensure_ascii=False).replace("\\", "\\\\").replace('"', '\\"')
        main = f'#import "/{type_folder.name}/template.typ": render\n#render(json(bytes("{sheet_text}")))'
        return typst.Compiler(
            input=main.encode(),
            root=str(type_folder.parent),
            font_paths=self._fonts,
            ignore_system_fonts=True,
        )

    def _check_fonts(self, type_folder: Path) -> None:
        for family in _declared_fonts(type_folder):
            if family not in self._families:
                raise OperatorError(
                    f"The font {family!r} of document type {type_folder.name} is not in {self._folder}: "
                    "run `make setup`.",
                    code="FONT_MISSING",
                    font=family,
                )


def _sheet(
    fields: Mapping[str, Any], codes: Mapping[str, DrawnCode], context: SheetContext
) -> dict[str, Any]:
    """Return what the template is given."""
    return {
        "fields": dict(fields),
        "codes": {
            profile: {"svg": code.svg(quiet_zone=0), "modules": code.size, "size_mm": code.print_mm}
            for profile, code in codes.items()
        },
        "host": context.host.partition("://")[2] or context.host,
        "number": context.number,
        "issued": context.issued.isoformat(),
        "issuer": dict(context.issuer),
        "brand_colour": context.brand_colour,
        "demonstration": context.demonstration,
    }


@cache
def _validator(type_folder: Path) -> Draft202012Validator:
    schema = _read_json(type_folder / "schema.json")
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise OperatorError(
            f"{type_folder / 'schema.json'} is not a JSON Schema: {error.message}.", code="BAD_DOCUMENT_TYPE"
        ) from error
    return Draft202012Validator(schema, format_checker=FormatChecker())


@cache
def _declared_fonts(type_folder: Path) -> tuple[str, ...]:
    declared = _read_json(type_folder / "type.json")
    fonts = declared.get("fonts") if isinstance(declared, dict) else None
    if not isinstance(fonts, list) or not fonts or not all(isinstance(family, str) for family in fonts):
        raise OperatorError(f"{type_folder / 'type.json'} names no fonts.", code="BAD_DOCUMENT_TYPE")
    return tuple(fonts)


@cache
def _printable(fonts_folder: Path) -> frozenset[int]:
    """Return the code points that some font of the folder has; Typst looks for a missing one in the others."""
    points: set[int] = set()
    for path in fonts_folder.glob("*.ttf"):
        with TTFont(path, lazy=True) as font:
            points.update(font.getBestCmap())
    return frozenset(points)


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise OperatorError(f"{path} cannot be read: {error}.", code="BAD_DOCUMENT_TYPE") from error
