"""Looks a document type over as its designer would: texts, fonts, and what its pages are like at their fullest.

    findings = TemplateCheck(typesetter).findings(folder, languages)

Drawn are three sheets: the sample, the sample with nothing but what the schema requires, and the longest values that
it allows. Each must compile as PDF/A-3b, take the pages that the type declares, keep its letters on the paper and off
the codes, note where every decisive field and code stands, and show codes that are large enough and read.

What is *not* here: taste; a person looks at `govseal template preview`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from govseal.adapters.countrypack import DocumentType, load_type
from govseal.adapters.qrimage import QrReader, Symbol, symbol
from govseal.adapters.qrimage.drawing import FLOOR_MODULE_MM, QUIET_ZONE
from govseal.adapters.typeset import SheetContext, Typesetter, proof
from govseal.adapters.typeset.fields import read_json
from govseal.adapters.typeset.proof import Region
from govseal.core.errors import GovsealError
from govseal.core.qrtext import CompactCode, OfflineCode
from govseal.project.wiring import worstcase
from govseal.writing import khmer

_LEAST_SIDE_MM = {one.profile: one.least_side_mm for one in (CompactCode, OfflineCode)}
GOOD_MODULE_MM = 0.5
_PAPER_MARGIN_MM = 3.0  # what office printers leave blank
_HOST = "verify.example"
_SECRET = bytes(range(16))
_OF_EVERY_SHEET = frozenset({"BAD_DOCUMENT_TYPE", "TEMPLATE_NOT_CLOSED", "FONT_MISSING"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with a type, or may be.

    Attributes:
        code: what it is, for programs.
        message: a sentence for the designer.
        grave: whether the type must not be used so; else it is advice.
    """

    code: str
    message: str
    grave: bool = True


@dataclass(frozen=True, slots=True)
class _Text:
    """A QR text of a seal's length; the digits only fill the place."""

    segments: tuple[str, str]

    @property
    def text(self) -> str:
        return "".join(self.segments)


class TemplateCheck:
    """Checks document types with a template.

    Args:
        typesetter: draws them.
    """

    def __init__(self, typesetter: Typesetter) -> None:
        self._typesetter = typesetter
        self._reader = QrReader(proof.code_pictures, proof.code_pictures, search_seconds=0)

    def findings(self, folder: Path, languages: tuple[str, ...]) -> list[Finding]:
        """Return what is wrong with the type in `folder`; nothing when it can be used.

        Args:
            folder: the type's folder, beside the pack's `common`.
            languages: languages in which it must have texts.
        """
        try:
            kind = load_type(folder, languages)
        except GovsealError as error:
            return [Finding(error.code, error.message)]
        if not kind.typeset:
            return [
                Finding(
                    "NO_TEMPLATE", f"{folder.name} has no template.typ: its PDFs are sealed as they come."
                )
            ]
        found = [*_texts(kind), *_lengths(kind)]
        for title, fields in _variants(kind).items():
            on_sheet = [
                Finding(one.code, f"{title}: {one.message}", one.grave) for one in self._sheet(kind, fields)
            ]
            found += on_sheet
            if any(one.code in _OF_EVERY_SHEET for one in on_sheet):
                break
        return list(dict.fromkeys(found))

    def preview(self, kind: DocumentType, fields: Mapping[str, Any], context: SheetContext) -> bytes:
        """Return the PDF of a sheet whose codes lead nowhere.

        Raises:
            InputError, OperatorError: as `Typesetter.render`.
        """
        return self._typesetter.render(kind.folder, fields=fields, codes=_symbols(kind), context=context)

    def _sheet(self, kind: DocumentType, fields: Mapping[str, Any]) -> Iterator[Finding]:
        try:
            content = self.preview(kind, fields, specimen_context())
        except GovsealError as error:
            yield Finding(error.code, error.message)
            return
        regions, pages = proof.regions(content), proof.letters(content)
        if kind.pages and len(pages) != kind.pages:
            yield Finding(
                "WRONG_PAGES", f"it takes {len(pages)} pages, not {kind.pages} as type.json declares."
            )
        yield from _placed(kind, regions, fields)
        yield from _on_paper(regions, pages)
        yield from _large_enough(kind, regions)
        yield from self._readable(kind, content)

    def _readable(self, kind: DocumentType, content: bytes) -> Iterator[Finding]:
        read = {code.text for _, codes in self._reader.read_pdf(content) for code in codes}
        for profile, code in _codes(kind).items():
            if code.text not in read:
                yield Finding("CODE_UNREADABLE", f"the {profile} code does not read back from the page.")


def specimen_context() -> SheetContext:
    """Return what stands around the fields of a sheet that is only looked at."""
    return SheetContext(
        host=_HOST,
        number="SPECIMEN-000000001",
        issued=date(2026, 9, 28),
        issuer={"km": "ក្រសួងគំរូសាកល្បងនៃប្រព័ន្ធផ្ទៀងផ្ទាត់", "en": "Ministry of Specimens and Demonstrations"},
        brand_colour="#014F99",
        demonstration=True,
    )


# --- without drawing --------------------------------------------------------------------------------------


def _texts(kind: DocumentType) -> Iterator[Finding]:
    for name, texts in {"title": kind.titles, **kind.labels}.items():
        for language, text in texts.items():
            for fault in khmer.faults(text):
                yield Finding(
                    "KHMER_MISORDERED",
                    f"the label {name} ({language}) at character {fault.position + 1}: {fault.kind}.",
                )


def _lengths(kind: DocumentType) -> Iterator[Finding]:
    for code in worstcase.unbounded(kind.schema):
        yield Finding("LENGTH_UNBOUNDED", f"the field {code} may be of any length: give it a maxLength.")


def _variants(kind: DocumentType) -> dict[str, dict[str, Any]]:
    """Return the fields of the sheets to draw, by what they are."""
    file = kind.folder / "longest.json"
    given = read_json(file) if file.exists() else {}
    required = set(kind.schema.get("required", ()))
    return {
        "the sample": dict(kind.sample),
        "with required fields only": {code: kind.sample[code] for code in kind.sample if code in required},
        "with the longest values": worstcase.longest(kind.schema, kind.sample, given),
    }


# --- on the page ------------------------------------------------------------------------------------------


def _placed(kind: DocumentType, regions: tuple[Region, ...], fields: Mapping[str, Any]) -> Iterator[Finding]:
    """Every decisive field and every code has its noted place, and no two share one."""
    names = {region.name for region in regions}
    for code in kind.decisive:
        if code in fields and code not in names:
            yield Finding(
                "FIELD_NOT_PLACED", f'the decisive field {code} has no noted place: use mark("{code}", …).'
            )
    for profile in kind.profiles:
        if proof.CODE_PREFIX + profile not in names:
            yield Finding(
                "CODE_NOT_PLACED", f'the {profile} code is not on the sheet: use code(sheet, "{profile}").'
            )
    for index, one in enumerate(regions):
        for other in regions[index + 1 :]:
            if one.overlaps(other):
                yield Finding("PLACES_OVERLAP", f"{one.name} and {other.name} stand on each other.")


def _on_paper(regions: tuple[Region, ...], pages: list[proof.Letters]) -> Iterator[Finding]:
    """Letters stay on the paper and off the codes."""
    for number, page in enumerate(pages, start=1):
        codes = [region for region in regions if region.is_code and region.page == number]
        for left, top, right, bottom in page.boxes:
            letter = Region("", number, left, top, right - left, bottom - top)
            beyond = left < _PAPER_MARGIN_MM or right > page.width - _PAPER_MARGIN_MM
            if beyond or top < _PAPER_MARGIN_MM - 1 or bottom > page.height - _PAPER_MARGIN_MM + 1:
                yield Finding(
                    "TEXT_OFF_PAPER", f"text on page {number} comes within 3 mm of the paper's edge."
                )
            for code in codes:
                if letter.overlaps(code):
                    yield Finding("TEXT_ON_CODE", f"text on page {number} runs into the {code.name} code.")


def _large_enough(kind: DocumentType, regions: tuple[Region, ...]) -> Iterator[Finding]:
    """Codes are printed at the size that section 4 of docs/protocol.md asks for."""
    sizes = {proof.CODE_PREFIX + profile: drawn.size for profile, drawn in _symbols(kind).items()}
    for region in regions:
        if region.name not in sizes:
            continue
        profile, modules = region.name.removeprefix(proof.CODE_PREFIX), sizes[region.name]
        module = region.width / (modules + 2 * QUIET_ZONE)
        if module < FLOOR_MODULE_MM or module * modules < _LEAST_SIDE_MM[profile] - 0.1:
            yield Finding(
                "CODE_TOO_SMALL",
                f"the {profile} code is {module * modules:.1f} mm wide, its modules {module:.2f} mm.",
            )
        elif module < GOOD_MODULE_MM:
            yield Finding(
                "CODE_SMALL",
                f"the modules of the {profile} code are {module:.2f} mm, better 0.5.",
                grave=False,
            )


def _codes(kind: DocumentType) -> dict[str, CompactCode | _Text]:
    texts: dict[str, CompactCode | _Text] = {
        "compact": CompactCode(_HOST, _SECRET),
        "offline": _Text((f"https://{_HOST}/s#", "2" + "314159265358979" * 38)),
    }
    return {profile: texts[profile] for profile in kind.profiles}


def _symbols(kind: DocumentType) -> dict[str, Symbol]:
    return {profile: symbol(code) for profile, code in _codes(kind).items()}
