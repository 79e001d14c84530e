"""Typesetting: fields judged first, fonts asserted, the page an exact function of what it is given."""

import io
import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from PIL import Image

from govseal.adapters import pdf, photo
from govseal.adapters.qrimage import QrReader, symbol
from govseal.adapters.typeset import Typesetter
from govseal.core.errors import InputError, OperatorError
from support.codes import COMPACT, HOST, OFFLINE, Text, drawn, sheet_context
from support.conformance import PROJECT
from support.fonts import font_folder

TYPES = PROJECT / "countries" / "kh" / "types"
READER = QrReader(pdf.page_images, photo.pages)


@pytest.fixture(scope="module")
def typesetter() -> Typesetter:
    return Typesetter(font_folder())


def sample(kind: str) -> dict[str, Any]:
    return dict(json.loads((TYPES / kind / "sample.json").read_text("utf-8")))


def made(typesetter: Typesetter, kind: str = "diploma", **changes: Any) -> bytes:
    return typesetter.render(
        TYPES / kind, fields=sample(kind) | changes, codes=drawn(), context=sheet_context()
    )


def own_type(folder: Path, template: str, **declared: Any) -> Path:
    """Return a document type of a test's own."""
    folder.mkdir(parents=True)
    (folder / "template.typ").write_text(template, "utf-8")
    (folder / "schema.json").write_text('{"type": "object"}')
    (folder / "type.json").write_text(json.dumps({"fonts": ["Kantumruy Pro"]} | declared))
    return folder


def drawn_width(typesetter: Typesetter, folder: Path, text: str) -> int:
    """Return how many pixels wide `text` is when the type prints it on one line."""
    page = typesetter.render(folder, fields={"text": text}, codes={}, context=sheet_context())
    columns = np.asarray(next(pdf.page_images(page)).convert("L")).min(axis=0)
    dark = np.flatnonzero(columns < 128)
    return int(dark[-1] - dark[0])


# --- the page -------------------------------------------------------------------------------------------


def test_both_codes_of_a_diploma_read_back_from_its_rendered_page(typesetter: Typesetter) -> None:
    ((_, found),) = READER.read_pdf(made(typesetter))
    assert {code.text for code in found} == {COMPACT.text, OFFLINE.text}


@pytest.mark.parametrize(("code", "least_mm"), [(COMPACT, 14.5), (OFFLINE, 32.5)])
def test_codes_are_printed_at_least_as_large_as_section_4_asks(
    typesetter: Typesetter, code: Any, least_mm: float
) -> None:
    ((_, found),) = READER.read_pdf(made(typesetter))
    corners = next(one.corners for one in found if one.text == code.text)
    assert (corners[1][0] - corners[0][0]) * 25.4 / 200 >= least_mm - 0.3  # two pixels at 200 dpi


def test_the_longest_fields_and_a_large_seal_still_fit_one_page(typesetter: Typesetter) -> None:
    limits = json.loads((TYPES / "diploma" / "schema.json").read_text("utf-8"))["properties"]
    longest = {
        code: (value + " " + value * 40)[: limits[code]["maxLength"]].strip()
        if "maxLength" in limits[code]
        else value
        for code, value in sample("diploma").items()
    }
    large = Text((f"https://{HOST}/s#", "2" + "31415926535897932384" * 50))  # a seal of 410 bytes
    codes = {"compact": symbol(COMPACT), "offline": symbol(large)}
    page = typesetter.render(TYPES / "diploma", fields=longest, codes=codes, context=sheet_context())
    ((_, found),) = READER.read_pdf(page)
    assert {code.text for code in found} == {COMPACT.text, large.text}


def test_every_page_of_a_long_release_bears_the_code(typesetter: Typesetter) -> None:
    body = "\n\n".join([sample("press-release")["body"]] * 6)
    pages = dict(READER.read_pdf(made(typesetter, "press-release", body=body)))
    assert len(pages) >= 3
    assert all([code.text for code in found] == [COMPACT.text] for found in pages.values())


def test_the_result_says_that_it_is_pdf_a_3b_and_embeds_every_font(typesetter: Typesetter) -> None:
    with pikepdf.open(io.BytesIO(made(typesetter))) as document:
        metadata = document.open_metadata()
        assert (metadata.pdfa_status, document.is_encrypted) == ("3B", False)
        descriptors = [entry for entry in document.objects if _is_font_descriptor(entry)]
        assert descriptors
        assert all("/FontFile2" in entry or "/FontFile3" in entry for entry in descriptors)


def _is_font_descriptor(entry: Any) -> bool:
    return isinstance(entry, pikepdf.Dictionary) and entry.get("/Type") == "/FontDescriptor"


def test_it_can_carry_the_attested_json(typesetter: Typesetter) -> None:
    page = made(typesetter)
    assert pdf.attached_json(pdf.attach_json(page, pdf.ATTESTED_NAME, b"{}")) == b"{}"


def test_the_same_arguments_give_the_same_bytes(typesetter: Typesetter) -> None:
    assert made(typesetter) == made(Typesetter(font_folder()))


def test_threads_typeset_at_once_and_get_the_bytes_they_would_get_alone(typesetter: Typesetter) -> None:
    names = [f"Sok {letter}" for letter in "ABCDEF"]
    with ThreadPoolExecutor(3) as threads:
        together = list(threads.map(lambda name: made(typesetter, name=name), names))
    assert together == [made(Typesetter(font_folder()), name=name) for name in names]


def test_a_sheet_that_does_not_compile_spoils_none_after_it(typesetter: Typesetter, tmp_path: Path) -> None:
    template = (
        '#let render(sheet) = { assert(sheet.fields.text != "no", message: "refused"); sheet.fields.text }'
    )
    kind = own_type(tmp_path / "own", template)

    def page(text: str) -> bytes:
        return typesetter.render(kind, fields={"text": text}, codes={}, context=sheet_context())

    before = page("yes")
    with pytest.raises(OperatorError):
        page("no")
    assert page("yes") == before


def test_the_pdf_is_dated_by_the_day_of_issue(typesetter: Typesetter) -> None:
    context = replace(sheet_context(), issued=date(2031, 2, 3))
    page = typesetter.render(TYPES / "diploma", fields=sample("diploma"), codes=drawn(), context=context)
    with pikepdf.open(io.BytesIO(page)) as document:
        assert str(document.docinfo["/CreationDate"]).startswith("D:20310203")


def test_codes_are_vectors(typesetter: Typesetter) -> None:
    with pikepdf.open(io.BytesIO(made(typesetter))) as document:
        kinds = [
            str(entry.get("/Subtype")) for entry in document.objects if isinstance(entry, pikepdf.Stream)
        ]
    assert "/Image" not in kinds


def test_the_scheme_of_a_loopback_host_is_not_printed(typesetter: Typesetter, tmp_path: Path) -> None:
    template = '#let render(sheet) = { assert.eq(sheet.host, "localhost:8080"); sheet.host }'
    folder = own_type(tmp_path / "types" / "plain", template)
    context = sheet_context(host="http://localhost:8080")
    assert pdf.page_count(typesetter.render(folder, fields={}, codes={}, context=context)) == 1


def test_a_demonstration_says_so_on_the_sheet_and_a_real_sheet_does_not(typesetter: Typesetter) -> None:
    pages = [
        typesetter.render(
            TYPES / "diploma",
            fields=sample("diploma"),
            codes=drawn(),
            context=sheet_context(demonstration=demonstration),
        )
        for demonstration in (True, False)
    ]
    red = [_reddish(Image.open(io.BytesIO(pdf.render_page(page, 1, dpi=100)))) for page in pages]
    assert red[0] > 100
    assert red[1] == 0


def _reddish(image: Image.Image) -> int:
    colours = np.asarray(image.convert("RGB")).astype(int)
    return int(((colours[..., 0] - colours[..., 2] > 60) & (colours[..., 0] - colours[..., 1] > 60)).sum())


# --- Khmer ----------------------------------------------------------------------------------------------

ONE_LINE = """
#let render(sheet) = {
  set page(width: 200mm, height: 30mm)
  set text(font: "Kantumruy Pro", lang: "km", size: 20pt)
  sheet.fields.text
}
"""
# In a column narrower than any word each allowed break is taken: by the pack's rule there is one less.
FEWER_BREAKS = """
#import "/common/sheet.typ": *
#let render(sheet) = {
  set text(font: "Kantumruy Pro", lang: "km", ..khmer-lines)
  context {
    let height(body) = measure(block(width: 1mm, body)).height
    assert(height(official(sheet.fields.text)) < height(sheet.fields.text))
  }
}
"""
NARROW = """
#import "/common/sheet.typ": *
#let render(sheet) = {
  set page(width: 42mm, height: 120mm, margin: 5mm)
  official(sheet.fields.text)
}
"""


def test_khmer_subscripts_are_stacked_under_their_consonant(typesetter: Typesetter, tmp_path: Path) -> None:
    folder = own_type(tmp_path / "types" / "line", ONE_LINE)
    apart = drawn_width(typesetter, folder, "ខមរ")
    assert drawn_width(typesetter, folder, "ខ្មរ") < apart  # COENG MO goes below KHO


def test_khmer_breaks_between_words_though_it_has_no_spaces(typesetter: Typesetter, tmp_path: Path) -> None:
    types = shutil.copytree(TYPES, tmp_path / "types")
    folder = own_type(types / "narrow", NARROW)
    lines = _lines(typesetter, folder, "សេចក្តីប្រកាសព័ត៌មានរបស់ក្រសួងប្រៃសណីយ៍និងទូរគមនាគមន៍")
    assert lines >= 3


def test_the_sign_of_repetition_never_begins_a_line(typesetter: Typesetter, tmp_path: Path) -> None:
    types = shutil.copytree(TYPES, tmp_path / "types")
    folder = own_type(types / "narrow", FEWER_BREAKS)
    page = typesetter.render(folder, fields={"text": "ឌីជីថលធំៗជាតិនិងអន្តរជាតិ"}, codes={}, context=sheet_context())
    assert pdf.page_count(page) == 1


def _lines(typesetter: Typesetter, folder: Path, text: str) -> int:
    """Return how many lines of ink the first page has, told apart by rows without any."""
    page = typesetter.render(folder, fields={"text": text}, codes={}, context=sheet_context())
    inked = (np.asarray(next(pdf.page_images(page, 300)).convert("L")).min(axis=1) < 160).astype(int)
    return int((np.diff(inked) == 1).sum())


# --- what is refused ------------------------------------------------------------------------------------


def test_fields_that_do_not_fit_the_schema_are_listed_with_path_and_problem(typesetter: Typesetter) -> None:
    fields = sample("diploma") | {"born": "8 Nov 2003", "year": "2026/27", "extra": "x"}
    del fields["name"]
    with pytest.raises(InputError) as caught:
        typesetter.check_fields(TYPES / "diploma", fields)
    problems = dict(caught.value.facts["problems"])
    assert caught.value.code == "INVALID_FIELDS"
    assert {"born", "year", "$"} == set(problems)
    assert "absent: name;" in caught.value.message
    assert "required property" not in caught.value.message
    assert "'8 Nov 2003' is not a 'date'" in problems["born"]


def test_nothing_is_drawn_from_wrong_fields(typesetter: Typesetter) -> None:
    with pytest.raises(InputError):
        made(typesetter, name=7)


@pytest.mark.parametrize(("text", "point"), [("陳", "U+9673"), ("a\x07", "U+0007"), ("😀", "U+1F600")])
def test_a_character_that_no_font_has_is_named_instead_of_printed_as_a_box(
    typesetter: Typesetter, text: str, point: str
) -> None:
    with pytest.raises(InputError, match=re.escape(point)) as caught:
        made(typesetter, name=text)
    assert (caught.value.code, caught.value.facts["field"]) == ("CHARACTER_UNPRINTABLE", "name")


def test_a_field_is_text_and_never_markup(typesetter: Typesetter, tmp_path: Path) -> None:
    folder = own_type(tmp_path / "types" / "line", ONE_LINE)
    assert drawn_width(typesetter, folder, "#pagebreak() *x* $y$") > 3 * drawn_width(typesetter, folder, "xy")
    assert pdf.page_count(made(typesetter, name='#panic("no") \\ $x$ "]) #panic(')) == 1


def test_a_font_that_is_not_there_is_named(tmp_path: Path) -> None:
    shutil.copy(font_folder() / "kantumruy-pro-400.ttf", tmp_path)
    with pytest.raises(OperatorError, match="'Moul'") as caught:
        made(Typesetter(tmp_path))
    assert (caught.value.code, caught.value.facts["font"]) == ("FONT_MISSING", "Moul")


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (
            lambda folder: (folder / "template.typ").write_text("#let render(sheet) = panic()"),
            "does not compile",
        ),
        (lambda folder: (folder / "template.typ").unlink(), "does not compile"),
        (lambda folder: (folder / "schema.json").write_text('{"type": 7}'), "is not a JSON Schema"),
        (lambda folder: (folder / "schema.json").unlink(), "cannot be read"),
        (lambda folder: (folder / "type.json").write_text("{}"), "names no fonts"),
        (lambda folder: (folder / "type.json").write_text("["), "is not JSON"),
    ],
)
def test_a_faulty_type_is_the_operators_fault(
    typesetter: Typesetter, tmp_path: Path, spoil: Any, fault: str
) -> None:
    folder = own_type(tmp_path / "types" / "faulty", "#let render(sheet) = none")
    spoil(folder)
    with pytest.raises(OperatorError, match=fault) as caught:
        typesetter.render(folder, fields={}, codes={}, context=sheet_context())
    assert caught.value.code == "BAD_DOCUMENT_TYPE"


def test_the_host_is_printed_beside_the_codes(typesetter: Typesetter) -> None:
    def with_host(host: str) -> bytes:
        return typesetter.render(
            TYPES / "press-release",
            fields=sample("press-release"),
            codes=drawn(),
            context=sheet_context(host=host),
        )

    one, other = (next(pdf.page_images(with_host(host))) for host in (HOST, "other.demo"))
    changed = np.argwhere(np.asarray(one.convert("L")) != np.asarray(other.convert("L")))
    assert changed[:, 0].min() > 0.85 * one.height  # nothing but the foot of the page differs
