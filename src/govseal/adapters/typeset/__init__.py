"""Typesets a document of our own as PDF/A-3b with Typst, its codes drawn as vectors.

A document type is a folder with `template.typ`, `schema.json` (JSON Schema of the fields) and `type.json`
(names the `fonts` the template uses). The template is a Typst function `render(sheet)`; field values are only
ever text to it, never markup. The sheet:

    {fields: {code: value}, flowing: {code: text}, codes: {profile: {svg, modules, size_mm}}, host, number, issued,
     issued_lunar, brand_colour, issuer: {language: name}, demonstration}

`flowing` holds the texts for paragraphs, the ends of lines marked (`breaking`); `fields` those for one line.

Invariants: fields are checked against the schema, the order of Khmer and what the fonts can print before anything
is drawn; a font that is not there is an error here, since Typst would put another in its place in silence; nothing is
read but the folder of types (`closed`); the same arguments give the same bytes (the PDF is dated by `issued`).

    Typesetter(fonts).render(folder, fields=fields, codes={"compact": symbol(code)}, context=context)

What a template marked (`mark` in the pack's `sheet.typ`) lies in the PDF as `regions.json`: `proof` reads it.

What is *not* here: making the fonts (`fonts`), drawing the codes (`qrimage`), the meaning of a type
(`countrypack`).
"""

import json
import os
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import typst

from govseal.adapters.typeset.closed import require_closed
from govseal.adapters.typeset.colours import by_output_intent
from govseal.adapters.typeset.fields import check_fields, read_json
from govseal.adapters.typeset.sheet import DrawnCode, SheetContext, sheet_of
from govseal.core.errors import InputError, OperatorError

__all__ = ["DrawnCode", "SheetContext", "Typesetter"]

_TOO_LONG = "a value is too long for its place"  # what the pack's `fit` says
_PLACE = re.compile(
    r"┌─ (?P<file>\S.*):(?P<line>\d+):(?P<column>\d+)"
)  # of the first excerpt in a diagnostic
_MAIN_FILE = "__typst_py_bytes__.typ"  # as typst-py calls what is compiled from memory


class Typesetter:
    """Renders documents, one after the other or in several threads; a compiler at work is nobody else's.

    Compilers are kept: a new one would read and parse the templates again, which is a fifth of the work, and Typst
    has names for 65,535 main files in the life of a process, of which each compiler takes one.

    Args:
        fonts_folder: TTF files; neither the system's fonts nor Typst's own are used.
    """

    def __init__(self, fonts_folder: Path) -> None:
        self._folder = fonts_folder
        self._fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts_folder)]
        )
        self.families = frozenset(self._fonts.families())
        self._idle: dict[Path, list[typst.Compiler]] = {}

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
            InputError: the fields do not fit the type (codes `INVALID_FIELDS`, `KHMER_MISORDERED`,
                `CHARACTER_UNPRINTABLE`), or on the page (`VALUE_TOO_LONG`).
            OperatorError: the type's files or fonts are missing or wrong
                (codes `BAD_DOCUMENT_TYPE`, `TEMPLATE_NOT_CLOSED`, `FONT_MISSING`).
        """
        _require_closed_once(type_folder)
        self._check_fonts(type_folder)
        self.check_fields(type_folder, fields)
        try:
            pdf = self._compiled(type_folder, sheet_of(fields, codes, context), context.issued)
        except RuntimeError as error:  # a TypstError is one; a missing template is a plain one
            if _TOO_LONG in str(error):
                raise InputError(
                    f"A value is too long for its place on the {type_folder.name}: shorten the longest.",
                    code="VALUE_TOO_LONG",
                ) from error
            raise OperatorError(
                f"The template of {type_folder.name} does not compile: {_told(error)}.",
                code="BAD_DOCUMENT_TYPE",
            ) from error
        if not isinstance(pdf, bytes):  # Typst answers None or a list for other formats only
            raise OperatorError(f"The template of {type_folder.name} gave no PDF.", code="BAD_DOCUMENT_TYPE")
        return by_output_intent(pdf)

    def check_fields(self, type_folder: Path, fields: Mapping[str, Any]) -> None:
        """Raise unless `fields` can be typeset as this type: see `fields.check_fields`."""
        check_fields(type_folder, self._folder, fields)

    def _compiled(self, type_folder: Path, sheet: Mapping[str, Any], issued: date) -> object:
        """Compile one document by a compiler that sees the folder of types and these fonts, and no more.

        The sheet is a text in the main file, not in `sys.inputs`, which belong to Typst's library: since the
        library stays the same, what a template draws without the sheet is kept from document to document.
        """
        sheet_text = json.dumps(sheet, ensure_ascii=False).replace("\\", "\\\\").replace('"', '\\"')
        main = f'#import "/{type_folder.name}/template.typ": render\n#render(json(bytes("{sheet_text}")))'
        compiler = self._compiler(type_folder.parent)
        moment = datetime.combine(issued, time(), UTC)
        try:
            pdf = compiler.compile(
                input=main.encode(), format="pdf", pdf_standards=["a-3b"], timestamp=moment
            )
        except RuntimeError:  # the template's fault or the values', not the compiler's
            self._idle[type_folder.parent].append(compiler)
            raise
        self._idle[type_folder.parent].append(compiler)
        return pdf

    def _compiler(self, root: Path) -> typst.Compiler:
        """Return a compiler over a folder of types, which nobody else has meanwhile."""
        try:
            return self._idle.setdefault(root, []).pop()
        except IndexError:
            return typst.Compiler(
                root=str(root),
                font_paths=self._fonts,
                ignore_system_fonts=True,
                package_path=os.devnull,  # no folder: there are no packages, whosever machine this is
                package_cache_path=os.devnull,
            )

    def _check_fonts(self, type_folder: Path) -> None:
        for family in _declared_fonts(type_folder):
            if family not in self.families:
                raise OperatorError(
                    f"The font {family!r} of document type {type_folder.name} is not in {self._folder}: "
                    "run `govseal assets`.",
                    code="FONT_MISSING",
                    font=family,
                )


@cache
def _require_closed_once(type_folder: Path) -> None:
    require_closed(type_folder)


def _told(error: RuntimeError) -> str:
    """Return what Typst says is wrong, where, and what it proposes."""
    place = _PLACE.search(getattr(error, "diagnostic", ""))
    told = [str(error).rstrip(".")]
    if place and not place["file"].endswith(_MAIN_FILE):
        file = Path(place["file"])
        told.append(f" ({file.parent.name}/{file.name}, line {place['line']}, column {place['column']})")
    told += [
        f"; {hint}" for hint in getattr(error, "hints", ()) if "`--" not in hint
    ]  # an option of Typst's own
    return "".join(told)


@cache
def _declared_fonts(type_folder: Path) -> tuple[str, ...]:
    declared = read_json(type_folder / "type.json")
    fonts = declared.get("fonts") if isinstance(declared, dict) else None
    if not isinstance(fonts, list) or not fonts or not all(isinstance(family, str) for family in fonts):
        raise OperatorError(f"{type_folder / 'type.json'} names no fonts.", code="BAD_DOCUMENT_TYPE")
    return tuple(fonts)
