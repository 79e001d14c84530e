"""What is read from a sheet fresh from the compositor is known when the same bytes come again, and only then."""

import io
import json

import pikepdf
import pytest

from govseal.adapters.typeset import Typesetter
from govseal.project.wiring import proofs
from govseal.project.wiring.proofs import Proofs, ReadSheets
from govseal.project.wiring.sheets import Sheets
from support.codes import COMPACT, OFFLINE, drawn, sheet_context
from support.conformance import PROJECT
from support.fonts import font_folder

DIPLOMA = PROJECT / "countries" / "kh" / "types" / "diploma"


@pytest.fixture(scope="module")
def diploma() -> bytes:
    fields = json.loads((DIPLOMA / "sample.json").read_text("utf-8"))
    return Typesetter(font_folder()).render(DIPLOMA, fields=fields, codes=drawn(), context=sheet_context())


def texts(sheets: Sheets, content: bytes) -> list[str]:
    return [code.text for _, codes in sheets.read_pdf(content) for code in codes]


def test_a_fresh_sheet_is_read_where_its_codes_stand_and_is_known_from_then_on(diploma: bytes) -> None:
    read = ReadSheets()
    places = list(Proofs(read).read_pdf(diploma))
    assert [[code.text for code in codes] for _, codes in places] == [[OFFLINE.text], [COMPACT.text]]
    assert list(read.read_pdf(diploma)) == places


def test_other_bytes_are_read_from_the_whole_page(diploma: bytes) -> None:
    read = ReadSheets()
    read.remember(b"other bytes", [])
    assert sorted(texts(read, diploma)) == sorted([OFFLINE.text, COMPACT.text])


def test_a_sheet_without_noted_places_is_read_whole(diploma: bytes) -> None:
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(diploma)) as document:
        del document.attachments["regions.json"]
        document.save(stream)
    assert sorted(texts(Proofs(ReadSheets()), stream.getvalue())) == sorted([OFFLINE.text, COMPACT.text])


def test_the_oldest_gives_way(diploma: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "MOST_REMEMBERED", 2)
    read = ReadSheets()
    known = [(1, [])]
    for content in (diploma, b"second", b"third"):
        read.remember(content, known)
    assert texts(read, diploma), "forgotten, so drawn anew"
    assert list(read.read_pdf(b"third")) == known
