"""A sheet's colours: by the output intent alone, the same to see, and nothing else changed."""

import io
import re
from datetime import UTC, datetime

import numpy as np
import pikepdf
import pytest
import typst

from govseal.adapters.typeset.colours import by_output_intent
from govseal.adapters.typeset.proof import page_pictures
from support.fonts import font_folder

PAGE = b"""#set page(width: 60mm, height: 40mm)
#rect(width: 10mm, height: 9mm, fill: rgb("#2B4C7E"), stroke: rgb("#9A7B2F"))
#rect(width: 10mm, height: 9mm, fill: luma(60%))
"""


def compiled(page: bytes = PAGE, standard: str = "a-3b") -> bytes:
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font_folder())]
    )
    moment = datetime(2026, 1, 15, tzinfo=UTC)
    pdf = typst.Compiler(font_paths=fonts, ignore_system_fonts=True).compile(
        input=page, format="pdf", pdf_standards=[standard], timestamp=moment
    )
    assert isinstance(pdf, bytes)
    return pdf


@pytest.fixture(scope="module")
def page() -> bytes:
    return compiled()


def spaces(pdf: bytes) -> list[str]:
    """Return what the page's colour spaces are, in order."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        named = document.pages[0].Resources.ColorSpace.values()
        return sorted(str(one) if isinstance(one, pikepdf.Name) else str(one[0]) for one in named)


def test_grey_and_rgb_become_device_colours(page: bytes) -> None:
    assert spaces(page) == ["/ICCBased", "/ICCBased"]
    assert spaces(by_output_intent(page)) == ["/DeviceGray", "/DeviceRGB"]


def test_the_page_looks_exactly_the_same(page: bytes) -> None:
    before, after = (page_pictures(one, 150, 1)[0] for one in (page, by_output_intent(page)))
    assert len(np.unique(np.asarray(before).reshape(-1, 3), axis=0)) > 3
    assert np.array_equal(np.asarray(before), np.asarray(after))


def test_every_other_byte_stays_where_it_was(page: bytes) -> None:
    changed = by_output_intent(page)
    assert len(changed) == len(page)
    assert re.sub(rb"\[/ICCBased \d+ 0 R\]|/Device(Gray|RGB) +", b"", changed) == re.sub(
        rb"\[/ICCBased \d+ 0 R\]", b"", page
    )
    with pikepdf.open(io.BytesIO(changed)) as document:
        assert document.check_pdf_syntax() == []


def test_without_an_output_intent_profiles_stay() -> None:
    page = compiled(standard="1.7")
    assert b"/OutputIntent" not in page
    assert by_output_intent(page) == page


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        (rb"/N 3/", b"/N 4/"),  # an output intent for inks: it says nothing of RGB
        (rb"/DestOutputProfile (\d)", rb"/DestOutputProfile 9\1"),  # a profile that is not there
    ],
)
def test_an_output_intent_that_is_not_of_rgb_defines_no_colours(
    page: bytes, written: bytes, instead: bytes
) -> None:
    other = re.sub(written, instead, page)
    assert other != page
    assert by_output_intent(other) == other


def test_an_rgb_that_is_not_the_intents_own_stays_as_it_is(page: bytes) -> None:
    profile = re.search(rb"/DestOutputProfile (\d+) 0 R", page)
    assert profile is not None
    another = b"%0*d" % (len(profile[1]), 1)
    other = page.replace(b"[/ICCBased %b 0 R]" % profile[1], b"[/ICCBased %b 0 R]" % another)
    assert b"[/ICCBased %b 0 R]" % another in by_output_intent(other)
