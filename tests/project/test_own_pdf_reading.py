"""A long PDF of the office's own is read where its code was put, and nowhere else."""

import pytest

from govseal.adapters import pdf
from govseal.adapters.qrimage import symbol
from govseal.project.wiring.proofs import ReadSheets
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
