"""What a sheet of our own tells of itself: where things stand, and pictures of the places that bear a code."""

import io
import json
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import zxingcpp

from govseal.adapters.qrimage import symbol
from govseal.adapters.typeset import Typesetter, proof
from govseal.core.errors import InputError, MalformedPdf
from support.codes import COMPACT, OFFLINE, blank_pdf, drawn, sheet_context
from support.conformance import PROJECT
from support.fonts import font_folder

TYPES = PROJECT / "countries" / "kh" / "types"


@pytest.fixture(scope="module")
def diploma() -> bytes:
    return typeset("diploma")


def typeset(kind: str, **changes: Any) -> bytes:
    fields = json.loads((TYPES / kind / "sample.json").read_text("utf-8")) | changes
    return Typesetter(font_folder()).render(
        TYPES / kind, fields=fields, codes=drawn(), context=sheet_context()
    )


def with_notes(notes: bytes) -> bytes:
    """Return an empty page with those notes attached."""
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(blank_pdf())) as document:
        document.attachments[proof.REGIONS_NAME] = pikepdf.AttachedFileSpec(document, notes)
        document.save(stream)
    return stream.getvalue()


def test_every_decisive_field_and_every_code_has_its_place(diploma: bytes) -> None:
    names = {region.name for region in proof.regions(diploma)}
    assert names == {"name", "name_km", "degree", "year", "qr:compact", "qr:offline"}


def test_a_code_fills_its_place_but_for_the_quiet_zone(diploma: bytes) -> None:
    (place,) = (region for region in proof.regions(diploma) if region.name == "qr:compact")
    side = symbol(COMPACT).print_mm * (29 + 8) / 29
    assert (place.page, place.width, place.height) == (1, pytest.approx(side, abs=0.1), place.width)


def test_the_letters_of_a_field_stand_in_its_place(diploma: bytes) -> None:
    (place,) = (region for region in proof.regions(diploma) if region.name == "name")
    inside = [
        box
        for box in proof.letters(diploma)[0].boxes
        if place.x - 0.5 <= box[0] <= place.x + place.width and place.y <= box[1] <= place.y + place.height
    ]
    assert len(inside) == len("CHANSOPHEAROM")


def test_the_pictures_show_one_code_each(diploma: bytes) -> None:
    read = [[code.text for code in zxingcpp.read_barcodes(one)] for one in proof.code_pictures(diploma)]
    assert read == [[OFFLINE.text], [COMPACT.text]]


def test_each_page_of_a_long_release_notes_its_code() -> None:
    body = "\n\n".join(["ក្រសួងមានកិត្តិយសសូមជម្រាបជូនសាធារណជនឱ្យបានជ្រាប។ " * 12] * 8)
    content = typeset("press-release", body=body)
    pages = [region.page for region in proof.regions(content) if region.is_code]
    assert pages == list(range(1, len(proof.letters(content)) + 1))
    assert len(pages) >= 2


def test_a_pdf_without_notes_has_no_places() -> None:
    assert proof.regions(blank_pdf()) == ()
    assert list(proof.code_pictures(blank_pdf())) == []


@pytest.mark.parametrize(
    "notes",
    [
        b"{",
        b"{}",
        b"[7]",
        b'[{"name": "x"}]',
        b'[{"name":"x","page":2,"x":0,"y":0,"width":1,"height":1}]',
        b'[{"name":"x","page":1,"x":"0","y":0,"width":1,"height":1}]',
    ],
)
def test_damaged_notes_are_an_error(notes: bytes) -> None:
    with pytest.raises(MalformedPdf, match="notes"):
        proof.regions(with_notes(notes))


def test_what_is_no_pdf_is_an_error() -> None:
    with pytest.raises(MalformedPdf):
        proof.regions(b"no PDF")


def test_mis_ordered_khmer_is_refused_with_its_place_and_a_repair() -> None:
    with pytest.raises(InputError) as caught:
        typeset("diploma", degree_km="បរិញ្ញាបត្រ ខែ្មរ")
    assert caught.value.code == "KHMER_MISORDERED"
    assert caught.value.facts == {"field": "degree_km", "position": 12, "cluster": "ខែ្ម", "repair": "ខ្មែ"}
    assert caught.value.message.startswith("degree_km: at character 13, ខែ្ម (U+1781 U+17C2 U+17D2 U+1798)")


def test_a_value_that_could_only_be_printed_tiny_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        typeset("diploma", name="W" * 40)
    assert caught.value.code == "VALUE_TOO_LONG"


def test_the_khmer_date_stands_on_the_sheet_where_its_rules_reach(tmp_path: Path) -> None:
    folder = tmp_path / "dated"
    folder.mkdir()
    (folder / "schema.json").write_text("{}")
    (folder / "type.json").write_text('{"fonts": ["Moul"]}')
    (folder / "template.typ").write_text(
        '#let render(sheet) = assert.eq(sheet.issued_lunar, "ថ្ងៃអាទិត្យ ១៣ កើត ខែកត្តិក ឆ្នាំមមី អដ្ឋស័ក ព.ស. ២៥៧០")'
    )
    assert Typesetter(font_folder()).render(folder, fields={}, codes={}, context=sheet_context())
