"""A ministry's real press release is typeset: whole, in Khmer, its code on every page."""

from datetime import date

import pytest

from govseal.adapters import pdf, photo
from govseal.adapters.countrypack import load_country
from govseal.adapters.qrimage import QrReader, symbol
from govseal.adapters.typeset import SheetContext, Typesetter
from support.codes import COMPACT, HOST
from support.conformance import PROJECT, input_file
from support.fonts import font_folder
from support.inputs import press_release

pytestmark = pytest.mark.conformance

RELEASE = "release-2024-12-09.km.md"


def test_the_release_of_december_2024_is_typeset_and_its_code_reads_back_from_both_pages() -> None:
    number, fields = press_release(input_file(RELEASE).read_text("utf-8"))
    country = load_country(PROJECT / "countries" / "kh")
    ministry = next(one for one in country.institutions if one.code == "mptc")
    page = Typesetter(font_folder()).render(
        country.document_types["press-release"].folder,
        fields=fields,
        codes={"compact": symbol(COMPACT)},
        context=SheetContext(
            host=HOST,
            number=number,
            issued=date(2024, 12, 9),
            issuer=ministry.names,
            brand_colour=country.brand_colour,
            demonstration=True,
        ),
    )
    found = [
        [code.text for code in codes] for _, codes in QrReader(pdf.page_images, photo.pages).read_pdf(page)
    ]
    assert found == [[COMPACT.text], [COMPACT.text]]


def test_the_release_is_taken_over_whole() -> None:
    text = input_file(RELEASE).read_text("utf-8")
    number, fields = press_release(text)
    assert (number, fields["place"]) == ("325359", "រាជធានីភ្នំពេញ")
    assert fields["body"].count("**") == text.count("**") - 2  # the number is bold too
    assert "".join(fields["body"].split()) in "".join(text.split())
    assert fields["body"].endswith("ជ្រាបជាព័ត៌មាន។")
