"""PDFs by other people's software: each is sealed and read back, or refused with its reason."""

import io
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageChops

from govseal.adapters import pdf, photo
from govseal.adapters.qrimage import QrReader, symbol
from govseal.core.errors import MalformedPdf
from support.codes import COMPACT, HOST
from support.conformance import conformance_file
from support.fonts import font_folder

pytestmark = pytest.mark.conformance

SEALED = [
    "002-trivial-libre-office-writer.pdf",
    "annotated_pdf.pdf",
    "crazyones-pdfa.pdf",
    "google-doc-document.pdf",
    "grayscale-image.pdf",
    "habibi-rotated.pdf",
    "libreoffice-form.pdf",
    "output_with_metadata_pymupdf.pdf",
    "pdflatex-4-pages.pdf",
    "pdflatex-forms.pdf",
    "pdflatex-outline.pdf",
    "with-attachment.pdf",
]
REFUSED = {"libreoffice-writer-password.pdf": "PDF_ENCRYPTED"}

ATTESTED = '{"data":{"number":"លេខ ១២៣"}}'.encode() * 40
READER = QrReader(pdf.page_images, photo.pages, search_seconds=0)
MM_PER_PIXEL = 25.4 / 200
SIDE_MM = 15.0


def sealed(name: str, page: int = 1) -> tuple[bytes, bytes]:
    """Return the stamped file and the same with the JSON attached."""
    ready = pdf.prepare(conformance_file("pdf", name).read_bytes())
    place = pdf.Place(page, 22.0, 24.0, SIDE_MM)
    font = font_folder() / "kantumruy-pro-600.ttf"
    stamped = pdf.stamp(ready.content, place=place, code=symbol(COMPACT), host=HOST, font=font).content
    return stamped, pdf.attach_json(stamped, pdf.ATTESTED_NAME, ATTESTED)


def test_the_lists_name_every_file_of_the_folder() -> None:
    folder = conformance_file("pdf")
    assert {path.name for path in Path(folder).glob("*.pdf")} == {*SEALED, *REFUSED}


@pytest.mark.parametrize("name", SEALED)
def test_the_code_reads_back_at_its_place_from_the_rendered_page(name: str) -> None:
    found = dict(READER.read_pdf(sealed(name)[1]))[1]
    assert [code.text for code in found] == [COMPACT.text]
    assert np.multiply(found[0].corners[0], MM_PER_PIXEL) == pytest.approx((22, 24), abs=0.5)


@pytest.mark.parametrize("name", SEALED)
def test_the_attested_json_reads_back_and_leaves_the_stamped_bytes_alone(name: str) -> None:
    stamped, released = sealed(name)
    assert released.startswith(stamped)
    assert pdf.attached_json(released) == ATTESTED
    with pikepdf.open(io.BytesIO(released), attempt_recovery=False) as document:
        assert document.check_pdf_syntax() == []


@pytest.mark.parametrize("name", SEALED)
def test_the_update_alone_works_on_the_untouched_original(name: str) -> None:
    original = conformance_file("pdf", name).read_bytes()
    try:
        released = pdf.attach_json(original, pdf.ATTESTED_NAME, ATTESTED)
    except MalformedPdf:
        # What does not end as a whole PDF is not built upon; stamping rewrites it first.
        assert b"%%EOF" not in original[-64:].rstrip()[-8:]
        return
    assert released.startswith(original)
    assert pdf.attached_json(released) == ATTESTED
    with pikepdf.open(io.BytesIO(original)) as before, pikepdf.open(io.BytesIO(released)) as after:
        assert len(before.pages) == len(after.pages)
        assert set(before.attachments) <= set(after.attachments)


@pytest.mark.parametrize("name", SEALED)
def test_nothing_outside_the_stamps_box_changes(name: str) -> None:
    original = conformance_file("pdf", name).read_bytes()
    before, after = (
        next(pdf.page_images(content, 100)).convert("L") for content in (original, sealed(name)[1])
    )
    assert before.size == after.size
    changed = ImageChops.difference(before, after).getbbox()
    assert changed is not None
    margin = SIDE_MM / 29 * 4
    box = (22 - margin, 24 - margin, 37 + margin, 39 + margin + 2.3)
    allowed = [round(mm / 25.4 * 100) for mm in box]
    assert all(inner >= outer - 1 for inner, outer in zip(changed[:2], allowed[:2], strict=True))
    assert all(inner <= outer + 1 for inner, outer in zip(changed[2:], allowed[2:], strict=True))


@pytest.mark.parametrize("name", ["pdflatex-4-pages.pdf", "habibi-rotated.pdf"])
def test_every_page_of_a_longer_file_can_bear_the_code(name: str) -> None:
    pages = pdf.page_count(conformance_file("pdf", name).read_bytes())
    for page in range(1, pages + 1):
        found = [number for number, codes in READER.read_pdf(sealed(name, page)[0]) if codes]
        assert found == [page]


@pytest.mark.parametrize(("name", "code"), REFUSED.items())
def test_what_cannot_be_sealed_is_refused_with_its_reason(name: str, code: str) -> None:
    content = conformance_file("pdf", name).read_bytes()
    for attempt in (pdf.prepare, pdf.page_count):
        with pytest.raises(MalformedPdf) as caught:
            attempt(content)
        assert caught.value.code == code


def test_a_page_is_shown_as_a_picture() -> None:
    content = conformance_file("pdf", "google-doc-document.pdf").read_bytes()
    picture = Image.open(io.BytesIO(pdf.render_page(content, 1, dpi=50)))
    assert picture.width == pytest.approx(8.5 * 50, abs=20)
