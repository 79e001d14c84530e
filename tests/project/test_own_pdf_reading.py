"""A long PDF of the office's own is read where its code was put, and nowhere else."""

from types import SimpleNamespace

import pytest

from govseal.adapters import pdf
from govseal.adapters.qrimage import symbol
from govseal.core.errors import MalformedPdf
from govseal.project.wiring.proofs import PAGES_SECONDS, ReadSheets
from support.codes import COMPACT, HOST, blank_pdf
from support.fonts import font_folder

PAGES = 30


@pytest.fixture(scope="module")
def sealed() -> bytes:
    font = font_folder() / "kantumruy-pro-600.ttf"
    place = pdf.Place(page=PAGES)
    return pdf.stamp(blank_pdf(pages=PAGES), place=place, code=symbol(COMPACT), host=HOST, font=font).content


def found(sheets: ReadSheets, content: bytes) -> dict[int, list[str]]:
    return {page: [code.text for code in codes] for page, codes in sheets.read_pdf(content)}


def test_the_page_that_was_looked_at_stands_for_the_whole(sealed: bytes) -> None:
    sheets = ReadSheets()
    sheets.look(sealed, PAGES)
    assert found(sheets, sealed) == {PAGES: [COMPACT.text]}


def test_a_page_without_a_code_stands_for_nothing(sealed: bytes) -> None:
    sheets = ReadSheets()
    sheets.look(sealed, PAGES - 1)
    assert found(sheets, sealed) == {
        page: [COMPACT.text] if page == PAGES else [] for page in range(1, PAGES + 1)
    }


@pytest.mark.parametrize("page", [1, 3])
def test_when_the_time_is_over_what_was_found_is_enough(monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    clock = iter([0.0, 1.0, 2.0])  # begun, before page 1, before page 2; then it is late
    late = SimpleNamespace(monotonic=lambda: next(clock, PAGES_SECONDS + 3))
    font = font_folder() / "kantumruy-pro-600.ttf"
    place = pdf.Place(page=page)
    stamped = pdf.stamp(blank_pdf(pages=4), place=place, code=symbol(COMPACT), host=HOST, font=font)
    monkeypatch.setattr(pdf, "time", late)
    if page == 1:
        assert found(ReadSheets(), stamped.content) == {1: [COMPACT.text], 2: []}
    else:
        with pytest.raises(MalformedPdf) as caught:
            found(ReadSheets(), stamped.content)
        assert caught.value.code == "PDF_TOO_LARGE"
