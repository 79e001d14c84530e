"""PDFs: the code lands where it was asked, the attachment leaves the file an exact prefix, the rest is refused."""

import hashlib
import io
import threading
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from govseal.adapters import pdf, photo
from govseal.adapters.pdf import opening, rendering, updating
from govseal.adapters.pdf.lettering import Lettering
from govseal.adapters.qrimage import QrReader, symbol
from govseal.core.errors import GovsealError, InputError, MalformedPdf, OperatorError, TooLargeError
from support.codes import COMPACT, HOST, OFFLINE, blank_pdf
from support.fonts import font_folder

READER = QrReader(pdf.page_images, photo.pages)
ATTESTED = b'{"version":"https://schema.openattestation.com/2.0/schema.json"}' * 20
MM_PER_PIXEL = 25.4 / rendering.READING_DPI


@pytest.fixture(scope="module")
def font() -> Path:
    return font_folder() / "kantumruy-pro-600.ttf"


@pytest.fixture(scope="module")
def stamped(font: Path) -> Callable[..., bytes]:
    def stamp(content: bytes, **place: float) -> bytes:
        where = {"page": 1, "x_mm": 30, "y_mm": 40, "size_mm": 15} | place
        return pdf.stamp(content, code=symbol(COMPACT), host=HOST, font=font, **where)

    return stamp


def changed(content: bytes, change: Callable[[pikepdf.Pdf], None], **save: object) -> bytes:
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        change(document)
        document.save(stream, deterministic_id=True, **save)
    return stream.getvalue()


def drawn_on(content: bytes, operators: bytes) -> bytes:
    def draw(document: pikepdf.Pdf) -> None:
        document.pages[0].Contents = document.make_stream(operators)

    return changed(content, draw)


def place_of_code(content: bytes) -> tuple[float, float]:
    """Return the top left corner of the code found on page 1, in mm of the page as seen."""
    found = dict(READER.read_pdf(content))[1]
    assert [code.text for code in found] == [COMPACT.text]
    left = min(x for x, _ in found[0].corners)
    top = min(y for _, y in found[0].corners)
    return left * MM_PER_PIXEL, top * MM_PER_PIXEL


# --- stamping -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("box", [(0, 0, 595, 842), (-100, 50, 495, 892)])
def test_the_code_stands_where_a_reader_of_the_page_sees_it(
    stamped: Callable[..., bytes], rotate: int, box: tuple[float, ...]
) -> None:
    assert place_of_code(stamped(blank_pdf(rotate=rotate, box=box))) == pytest.approx((30, 40), abs=0.5)


@pytest.mark.parametrize("rotate", [0, 90])
def test_the_visible_part_of_a_cropped_page_counts(stamped: Callable[..., bytes], rotate: int) -> None:
    def crop(document: pikepdf.Pdf) -> None:
        document.pages[0].CropBox = pikepdf.Array([80, 60, 500, 700])

    content = changed(blank_pdf(rotate=rotate), crop)
    assert place_of_code(stamped(content)) == pytest.approx((30, 40), abs=0.5)


def test_a_rotation_inherited_from_the_page_tree_counts(stamped: Callable[..., bytes]) -> None:
    def turn(document: pikepdf.Pdf) -> None:
        document.Root.Pages.Rotate = 90

    assert place_of_code(stamped(changed(blank_pdf(), turn))) == pytest.approx((30, 40), abs=0.5)


def test_what_the_page_drew_before_neither_moves_nor_colours_the_code(stamped: Callable[..., bytes]) -> None:
    content = drawn_on(blank_pdf(), b"q 1 0 0 rg 3 0 0 3 100 100 cm 0.5 0 0 0.5 0 0 cm")
    assert place_of_code(stamped(content)) == pytest.approx((30, 40), abs=0.5)
    page = Image.open(io.BytesIO(pdf.render_page(stamped(content), 1, dpi=100)))
    assert all(red == green == blue for _, (red, green, blue) in page.convert("RGB").getcolors(9999))


def test_a_dark_page_does_not_swallow_the_code(stamped: Callable[..., bytes]) -> None:
    assert place_of_code(stamped(drawn_on(blank_pdf(), b"0 0 0.3 rg 0 0 595 842 re f"))) == pytest.approx(
        (30, 40), abs=0.5
    )


def test_content_that_undoes_its_surroundings_is_refused(stamped: Callable[..., bytes]) -> None:
    with pytest.raises(MalformedPdf) as caught:
        stamped(drawn_on(blank_pdf(), b"Q 2 0 0 2 0 0 cm"))
    assert caught.value.code == "PDF_UNBALANCED_CONTENT"


def test_the_hosts_name_is_printed_under_the_code(stamped: Callable[..., bytes]) -> None:
    page = Image.open(
        io.BytesIO(pdf.render_page(stamped(blank_pdf()), 1, dpi=rendering.READING_DPI))
    ).convert("L")
    below = [round(mm / MM_PER_PIXEL) for mm in (30, 55.6, 45, 60)]
    assert page.crop(tuple(below)).getextrema()[0] < 80


def test_another_page_is_left_alone(stamped: Callable[..., bytes]) -> None:
    found = {number: len(codes) for number, codes in READER.read_pdf(stamped(blank_pdf(pages=3), page=2))}
    assert found == {1: 0, 2: 1, 3: 0}


def test_the_same_input_gives_the_same_bytes(stamped: Callable[..., bytes]) -> None:
    content = blank_pdf()
    assert stamped(content) == stamped(content)


def test_an_offline_code_at_its_least_size_is_read_back(font: Path) -> None:
    sheet = pdf.stamp(
        blank_pdf(), page=1, x_mm=20, y_mm=20, size_mm=32.5, code=symbol(OFFLINE), host=HOST, font=font
    )
    assert [code.text for code in dict(READER.read_pdf(sheet))[1]] == [OFFLINE.text]


def test_a_code_under_the_floor_is_refused(stamped: Callable[..., bytes]) -> None:
    with pytest.raises(InputError) as caught:
        stamped(blank_pdf(), size_mm=12)
    assert caught.value.code == "QR_TOO_SMALL"


@pytest.mark.parametrize("place", [{"x_mm": 1}, {"y_mm": 1}, {"x_mm": 195}, {"y_mm": 278}])
def test_a_place_whose_quiet_zone_leaves_the_page_is_refused(
    stamped: Callable[..., bytes], place: dict[str, float]
) -> None:
    with pytest.raises(MalformedPdf) as caught:
        stamped(blank_pdf(), **place)
    assert caught.value.code == "PDF_PLACE_OUTSIDE_PAGE"


@pytest.mark.parametrize("page", [0, 2, -1])
def test_a_page_that_is_not_there_is_refused(stamped: Callable[..., bytes], page: int) -> None:
    with pytest.raises(MalformedPdf) as caught:
        stamped(blank_pdf(), page=page)
    assert caught.value.code == "PDF_PAGE_ABSENT"


def test_a_host_that_the_font_cannot_print_is_refused(font: Path) -> None:
    with pytest.raises(InputError) as caught:
        Lettering(font, "gov.\u4e2d")
    assert caught.value.code == "CHARACTER_UNPRINTABLE"


def test_a_missing_font_is_the_operators_fault(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="make setup"):
        Lettering(tmp_path / "none.ttf", HOST)


# --- what may not be sealed -----------------------------------------------------------------------------


def with_form(**entries: object) -> bytes:
    def add(document: pikepdf.Pdf) -> None:
        document.Root.AcroForm = document.make_indirect(pikepdf.Dictionary(**entries))

    return changed(blank_pdf(), add)


SIGNATURE_FIELD = pikepdf.Dictionary(FT=pikepdf.Name.Sig, T=pikepdf.String("s"), V=pikepdf.Dictionary())


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (blank_pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "PDF_ENCRYPTED"),
        (blank_pdf(encryption=pikepdf.Encryption(owner="o", user="")), "PDF_ENCRYPTED"),
        (with_form(Fields=pikepdf.Array(), XFA=pikepdf.String("x")), "PDF_XFA"),
        (with_form(Fields=pikepdf.Array(), SigFlags=1), "PDF_SIGNED"),
        (
            with_form(Fields=pikepdf.Array([pikepdf.Dictionary(Kids=pikepdf.Array([SIGNATURE_FIELD]))])),
            "PDF_SIGNED",
        ),
        (pdf.attach_json(blank_pdf(), pdf.ATTESTED_NAME, ATTESTED), "PDF_ALREADY_SEALED"),
        (b"not a PDF", "MALFORMED_PDF"),
        (b"", "MALFORMED_PDF"),
    ],
)
def test_what_a_seal_would_break_is_refused_with_its_reason(
    stamped: Callable[..., bytes], content: bytes, code: str
) -> None:
    for attempt in (
        lambda: stamped(content),
        lambda: pdf.attach_json(content, pdf.ATTESTED_NAME, ATTESTED),
        lambda: pdf.check_sealable(content),
    ):
        with pytest.raises(MalformedPdf) as caught:
            attempt()
        assert caught.value.code == code


def test_an_empty_signature_field_is_no_signature(stamped: Callable[..., bytes]) -> None:
    empty = pikepdf.Dictionary(FT=pikepdf.Name.Sig, T=pikepdf.String("s"))
    assert place_of_code(stamped(with_form(Fields=pikepdf.Array([empty])))) == pytest.approx(
        (30, 40), abs=0.5
    )


def test_fields_that_contain_themselves_are_refused_rather_than_followed_for_ever() -> None:
    def knot(document: pikepdf.Pdf) -> None:
        field = document.make_indirect(pikepdf.Dictionary(T=pikepdf.String("f")))
        field.Kids = pikepdf.Array([field, field])
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))

    with pytest.raises(MalformedPdf):
        pdf.check_sealable(changed(blank_pdf(), knot))


def test_too_many_bytes_or_pages_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MAX_PAGES", 3)
    with pytest.raises(MalformedPdf, match="more than 3 pages") as caught:
        pdf.page_count(blank_pdf(pages=4))
    assert caught.value.code == "PDF_TOO_LARGE"
    monkeypatch.setattr(opening, "MAX_PDF_BYTES", 100)
    with pytest.raises(MalformedPdf) as caught:
        pdf.page_count(blank_pdf())
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
    page = next(pdf.page_images(blank_pdf(box=(0, 0, 14_000, 14_000))))
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


@given(st.binary(max_size=300))
def test_random_bytes_are_refused_everywhere(content: bytes) -> None:
    for read in (pdf.page_count, pdf.attached_json, lambda raw: list(pdf.page_images(raw))):
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
        pdf.check_sealable,
        lambda raw: pdf.attach_json(raw, "b.json", ATTESTED),
        lambda raw: list(pdf.page_images(raw, 20)),
    ):
        try:
            read(damaged)
        except GovsealError as error:
            assert isinstance(error, MalformedPdf)  # noqa: PT017 - reading on is fine, another type of error is not
