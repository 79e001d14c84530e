"""PDFs: the attachment leaves the file an exact prefix, pages become pictures, hostile bytes are refused."""

import hashlib
import io
import threading

import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from govseal.adapters import pdf
from govseal.adapters.pdf import limits, opening, rendering, updating
from govseal.core.errors import GovsealError, MalformedPdf, TooLargeError
from support.codes import blank_pdf
from support.pdfs import changed

ATTESTED = b'{"version":"https://schema.openattestation.com/2.0/schema.json"}' * 20


# --- bounds ---------------------------------------------------------------------------------------------


def test_too_many_bytes_or_pages_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MAX_PAGES", 3)
    with pytest.raises(MalformedPdf, match="more than 3 pages") as caught:
        opening.page_count(blank_pdf(pages=4))
    assert caught.value.code == "PDF_TOO_LARGE"
    monkeypatch.setattr(opening, "MAX_PDF_BYTES", 100)
    with pytest.raises(MalformedPdf) as caught:
        opening.page_count(blank_pdf())
    assert caught.value.code == "PDF_TOO_LARGE"


def test_a_longer_file_than_a_verifier_takes_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(MalformedPdf) as caught:
        pdf.page_count(bytes(limits.MAX_PDF_BYTES + 1))
    assert caught.value.code == "PDF_TOO_LARGE"


# --- attaching ------------------------------------------------------------------------------------------

FORMS = {
    "table": blank_pdf(object_stream_mode=pikepdf.ObjectStreamMode.disable),
    "stream": blank_pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_hashed_bytes_are_an_exact_prefix_and_the_json_reads_back(form: str) -> None:
    before = FORMS[form]
    after = pdf.attach_json(before, pdf.ATTESTED_NAME, ATTESTED)
    assert after.startswith(before)
    assert hashlib.sha256(after[: len(before)]).digest() == hashlib.sha256(before).digest()
    assert pdf.attached_json(after) == ATTESTED
    assert pdf.attached_json(before) is None


@pytest.mark.parametrize("form", FORMS)
def test_the_update_continues_the_form_of_the_file_and_qpdf_finds_no_fault(form: str) -> None:
    before = FORMS[form]
    update = pdf.attach_json(before, pdf.ATTESTED_NAME, ATTESTED)[len(before) :]
    assert update.count(b"%%EOF") == 1
    assert (b"\nxref\n" in update) == (form == "table")
    assert (b"/XRef" in update) == (form == "stream")
    with pikepdf.open(io.BytesIO(before + update), attempt_recovery=False) as document:
        assert document.check_pdf_syntax() == []
        assert document.trailer.Size == max(int(entry.objgen[0]) for entry in document.objects) + 1


def test_the_attachment_is_an_associated_file_as_pdf_a_3_asks() -> None:
    after = pdf.attach_json(blank_pdf(), pdf.ATTESTED_NAME, ATTESTED)
    with pikepdf.open(io.BytesIO(after)) as document:
        (associated,) = document.Root.AF
        assert associated.AFRelationship == pikepdf.Name.Data
        assert associated.F == associated.UF == pdf.ATTESTED_NAME
        assert associated.EF.F.Subtype == pikepdf.Name("/application/json")
        assert int(associated.EF.F.Params.Size) == len(ATTESTED)
        assert document.Root.Names.EmbeddedFiles.Names[1].objgen == associated.objgen


def test_the_file_keeps_the_first_half_of_its_identifier_and_gets_a_new_second_half() -> None:
    before = blank_pdf()
    with (
        pikepdf.open(io.BytesIO(before)) as old,
        pikepdf.open(io.BytesIO(pdf.attach_json(before, pdf.ATTESTED_NAME, ATTESTED))) as new,
    ):
        assert bytes(new.trailer.ID[0]) == bytes(old.trailer.ID[0])
        assert bytes(new.trailer.ID[1]) != bytes(old.trailer.ID[1])


def test_attachments_that_were_there_stay_and_names_are_sorted() -> None:
    def attach(document: pikepdf.Pdf) -> None:
        document.attachments["zebra.txt"] = b"stripes"
        document.attachments["aardvark.txt"] = b"ants"

    after = pdf.attach_json(changed(blank_pdf(), attach), pdf.ATTESTED_NAME, ATTESTED)
    with pikepdf.open(io.BytesIO(after)) as document:
        assert document.attachments["zebra.txt"].get_file().read_bytes() == b"stripes"
        names = [str(name) for name in list(document.Root.Names.EmbeddedFiles.Names)[::2]]
        assert names == ["aardvark.txt", pdf.ATTESTED_NAME, "zebra.txt"]


def test_a_file_without_a_last_line_break_gets_one() -> None:
    before = blank_pdf().rstrip(b"\n")
    assert pdf.attached_json(pdf.attach_json(before, pdf.ATTESTED_NAME, ATTESTED)) == ATTESTED


def test_a_table_that_is_pointed_to_from_the_line_before_is_continued_by_a_table() -> None:
    before, pointer = FORMS["table"].rsplit(b"startxref\n", 1)
    early = before + b"startxref\n%d\n%%%%EOF\n" % (int(pointer.split()[0]) - 1)
    update = pdf.attach_json(early, pdf.ATTESTED_NAME, ATTESTED)[len(early) :]
    assert b"trailer\n" in update
    assert b"/XRef" not in update


@pytest.mark.parametrize("cut", [1, 8, 40])
def test_a_file_that_is_cut_off_is_not_built_upon(cut: int) -> None:
    with pytest.raises(MalformedPdf):
        pdf.attach_json(blank_pdf().rstrip()[:-cut], pdf.ATTESTED_NAME, ATTESTED)


def test_attaching_is_deterministic() -> None:
    assert len({pdf.attach_json(FORMS["stream"], "a.json", ATTESTED) for _ in range(3)}) == 1


def test_more_json_than_a_verifier_reads_is_refused() -> None:
    with pytest.raises(TooLargeError):
        pdf.attach_json(blank_pdf(), pdf.ATTESTED_NAME, b" " * (1024 * 1024 + 1))


def test_an_attachment_that_inflates_without_end_is_refused() -> None:
    def attach(document: pikepdf.Pdf) -> None:
        document.attachments[pdf.ATTESTED_NAME] = b"0" * (4 * 1024 * 1024)

    bomb = changed(blank_pdf(), attach, recompress_flate=True)
    assert len(bomb) < 20_000
    with pytest.raises(MalformedPdf) as caught:
        pdf.attached_json(bomb)
    assert caught.value.code == "PDF_TOO_LARGE"


@pytest.mark.parametrize("form", FORMS)
def test_pdfium_a_second_implementation_finds_the_attachment(form: str) -> None:
    document = pypdfium2.PdfDocument(pdf.attach_json(FORMS[form], pdf.ATTESTED_NAME, ATTESTED))
    (attachment,) = (document.get_attachment(index) for index in range(document.count_attachments()))
    assert attachment.get_name() == pdf.ATTESTED_NAME
    assert bytes(attachment.get_data()) == ATTESTED
    document.close()


@given(numbers=st.sets(st.integers(1, 5000), min_size=1, max_size=40))
def test_cross_reference_sections_cover_exactly_the_objects(numbers: set[int]) -> None:
    sections = updating._sections(sorted(numbers))
    assert sorted(number for section in sections for number in section) == sorted(numbers)
    assert all(section == list(range(section[0], section[0] + len(section))) for section in sections)


# --- rendering and hostile bytes ------------------------------------------------------------------------


def test_a_page_is_rendered_at_the_asked_resolution() -> None:
    page = Image.open(io.BytesIO(pdf.render_page(blank_pdf(), 1, dpi=72)))
    assert page.size == (595, 842)


def test_a_huge_page_is_rendered_coarser_instead_of_filling_the_memory() -> None:
    (page,) = pdf.page_images(blank_pdf(box=(0, 0, 14_000, 14_000)))
    assert page.width * page.height <= rendering.MAX_PIXELS * 1.001


def test_rendering_names_a_page_that_is_not_there() -> None:
    for page in (0, 2):
        with pytest.raises(MalformedPdf) as caught:
            pdf.render_page(blank_pdf(), page)
        assert caught.value.code == "PDF_PAGE_ABSENT"


def test_pages_may_be_rendered_from_many_threads() -> None:
    content, pages = blank_pdf(pages=4), []
    threads = [threading.Thread(target=lambda: pages.extend(pdf.page_images(content, 30))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pages) == 24


def test_no_page_is_begun_when_the_time_for_all_is_over() -> None:
    pages = pdf.page_images(blank_pdf(pages=3), 30, seconds=0.0)
    with pytest.raises(MalformedPdf) as caught:
        next(pages)
    assert caught.value.code == "PDF_TOO_LARGE"


@given(st.binary(max_size=300))
def test_random_bytes_are_refused_everywhere(content: bytes) -> None:
    for read in (pdf.page_count, pdf.attached_json, pdf.prepare, lambda raw: list(pdf.page_images(raw))):
        with pytest.raises(MalformedPdf):
            read(content)


@given(st.data())
def test_a_damaged_pdf_raises_nothing_outside_the_error_tree(data: st.DataObject) -> None:
    content = bytearray(pdf.attach_json(FORMS[data.draw(st.sampled_from(sorted(FORMS)))], "a.json", ATTESTED))
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(content)
    for read in (
        pdf.page_count,
        pdf.attached_json,
        pdf.prepare,
        lambda raw: pdf.attach_json(raw, "b.json", ATTESTED),
        lambda raw: list(pdf.page_images(raw, 20)),
    ):
        try:
            read(damaged)
        except GovsealError as error:
            assert isinstance(error, MalformedPdf)  # noqa: PT017 - reading on is fine, another type of error is not
