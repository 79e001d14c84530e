"""Seals on pages: the code lands where it was asked, and whatever the page drew neither moves nor hides it."""

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from govseal.adapters import pdf, photo
from govseal.adapters.pdf.lettering import Lettering
from govseal.adapters.qrimage import QrReader, symbol
from govseal.core.errors import InputError, MalformedPdf, OperatorError
from support.codes import COMPACT, HOST, OFFLINE, blank_pdf
from support.fonts import font_folder
from support.pdfs import changed, document, form

READER = QrReader(pdf.page_images, photo.pages, search_seconds=0)
MM_PER_PIXEL = 25.4 / pdf.READING_DPI


@pytest.fixture(scope="module")
def font() -> Path:
    return font_folder() / "kantumruy-pro-600.ttf"


@pytest.fixture(scope="module")
def sealed(font: Path) -> Callable[..., pdf.Handled]:
    def stamp(content: bytes, **place: object) -> pdf.Handled:
        where = {"x_mm": 30, "y_mm": 40, "size_mm": 15} | place
        return pdf.stamp(content, place=pdf.Place(**where), code=symbol(COMPACT), host=HOST, font=font)

    return stamp


@pytest.fixture(scope="module")
def stamped(sealed: Callable[..., pdf.Handled]) -> Callable[..., bytes]:
    return lambda content, **place: sealed(content, **place).content


def drawn_on(content: bytes, operators: bytes) -> bytes:
    def draw(document: pikepdf.Pdf) -> None:
        document.pages[0].Contents = document.make_stream(operators)

    return changed(content, draw)


def place_of_code(content: bytes, page: int = 1) -> tuple[float, float]:
    """Return the top left corner of the code found on a page, in mm of the page as seen."""
    found = dict(READER.read_pdf(content))[page]
    assert [code.text for code in found] == [COMPACT.text]
    left = min(x for x, _ in found[0].corners)
    top = min(y for _, y in found[0].corners)
    return left * MM_PER_PIXEL, top * MM_PER_PIXEL


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("box", [(0, 0, 595, 842), (-100, 50, 495, 892)])
def test_the_code_stands_where_a_reader_of_the_page_sees_it(
    stamped: Callable[..., bytes], rotate: int, box: tuple[float, ...]
) -> None:
    assert place_of_code(stamped(blank_pdf(rotate=rotate, box=box))) == pytest.approx((30, 40), abs=0.5)


@pytest.mark.parametrize("rotate", [0, 90])
def test_the_visible_part_of_a_cropped_page_counts(stamped: Callable[..., bytes], rotate: int) -> None:
    def crop(opened: pikepdf.Pdf) -> None:
        opened.pages[0].CropBox = pikepdf.Array([80, 60, 500, 700])

    content = changed(blank_pdf(rotate=rotate), crop)
    assert place_of_code(stamped(content)) == pytest.approx((30, 40), abs=0.5)


def test_a_rotation_inherited_from_the_page_tree_counts(stamped: Callable[..., bytes]) -> None:
    def turn(opened: pikepdf.Pdf) -> None:
        opened.Root.Pages.Rotate = 90

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


def test_content_that_undoes_its_surroundings_gets_the_code_as_an_annotation(
    stamped: Callable[..., bytes],
) -> None:
    result = stamped(drawn_on(blank_pdf(), b"Q 2 0 0 2 0 0 cm 1 0 0 rg 9 9 9 9 re f"))
    assert place_of_code(result) == pytest.approx((30, 40), abs=0.5)
    with pikepdf.open(io.BytesIO(result)) as opened:
        (annotation,) = opened.pages[0].Annots
        assert (annotation.Subtype, int(annotation.F) & 4) == ("/Stamp", 4)


def test_only_a_page_that_does_not_end_cleanly_gets_the_code_as_an_annotation(
    stamped: Callable[..., bytes],
) -> None:
    def leave_open(made: pikepdf.Pdf) -> None:
        made.pages[1].obj.Contents = made.make_stream(b"(never closed")

    content = stamped(document(leave_open, pages=3), page=0, x_mm=150)
    with pikepdf.open(io.BytesIO(content)) as opened:
        assert ["/Annots" in page.obj for page in opened.pages] == [False, True, False]
        assert opened.pages[1].obj.Contents.read_bytes() == b"(never closed"


def test_the_hosts_name_is_printed_under_the_code(stamped: Callable[..., bytes]) -> None:
    page = Image.open(io.BytesIO(pdf.render_page(stamped(blank_pdf()), 1, dpi=pdf.READING_DPI))).convert("L")
    below = [round(mm / MM_PER_PIXEL) for mm in (30, 55.6, 45, 60)]
    assert page.crop(tuple(below)).getextrema()[0] < 80


def test_another_page_is_left_alone(stamped: Callable[..., bytes]) -> None:
    found = {number: len(codes) for number, codes in READER.read_pdf(stamped(blank_pdf(pages=3), page=2))}
    assert found == {1: 0, 2: 1, 3: 0}


def test_the_same_input_gives_the_same_bytes(stamped: Callable[..., bytes]) -> None:
    content = blank_pdf()
    assert stamped(content) == stamped(content)


def test_an_offline_code_at_its_least_size_is_read_back(font: Path) -> None:
    place = pdf.Place(size_mm=32.5)
    sheet = pdf.stamp(blank_pdf(), place=place, code=symbol(OFFLINE), host=HOST, font=font)
    assert [code.text for code in dict(READER.read_pdf(sheet.content))[1]] == [OFFLINE.text]


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


def test_a_page_that_is_not_there_is_refused(stamped: Callable[..., bytes]) -> None:
    with pytest.raises(MalformedPdf) as caught:
        stamped(blank_pdf(), page=2)
    assert caught.value.code == "PDF_PAGE_ABSENT"


def test_a_host_that_the_font_cannot_print_is_refused(font: Path) -> None:
    with pytest.raises(InputError) as caught:
        Lettering(font, "gov.\u4e2d")
    assert caught.value.code == "CHARACTER_UNPRINTABLE"


def test_a_missing_font_is_the_operators_fault(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="govseal assets"):
        Lettering(tmp_path / "none.ttf", HOST)


# --- places ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("position", "corner"),
    [
        ("top-left", (12, 12)),
        ("top-right", (209.9 - 12 - 15, 12)),
        ("bottom-left", (12, 297 - 12 - 15)),
        ("bottom-right", (209.9 - 12 - 15, 297 - 12 - 15)),
        ("top", ((209.9 - 15) / 2, 12)),
        ("left", (12, (297 - 15 - 2.3) / 2)),
        ("centre", ((209.9 - 15) / 2, (297 - 15 - 2.3) / 2)),
        ("33,44.5", (33, 44.5)),
        ("top-right:33,44.5", (209.9 - 33 - 15, 44.5)),
        ("bottom-left:33,44.5", (33, 297 - 44.5 - 15)),
    ],
)
@pytest.mark.parametrize("rotate", [0, 90])
def test_a_position_is_measured_from_its_corner(
    stamped: Callable[..., bytes], position: str, corner: tuple[float, float], rotate: int
) -> None:
    box = (0, 0, 595, 842) if rotate == 0 else (0, 0, 842, 595)
    place = pdf.Place.parse(position, size_mm=15)
    facts = place.facts()
    assert place_of_code(stamped(blank_pdf(box=box, rotate=rotate), **facts)) == pytest.approx(
        corner, abs=0.5
    )


@pytest.mark.parametrize(
    "position", ["", "20", "20,", "a,b", "20,20,20", "-1,20", "middle", "top:1,2", "top-up:1,2", "nan,1"]
)
def test_a_position_that_is_none_is_refused(position: str) -> None:
    with pytest.raises(InputError) as caught:
        pdf.Place.parse(position)
    assert caught.value.code == "PLACE_UNKNOWN"


@pytest.mark.parametrize(
    "place", [{"page": -1}, {"x_mm": float("inf")}, {"size_mm": -1.0}, {"anchor": "middle"}]
)
def test_a_place_outside_reason_is_refused(place: dict[str, object]) -> None:
    with pytest.raises(InputError):
        pdf.Place(**place)


def test_every_page_bears_the_code_at_its_own_corner(stamped: Callable[..., bytes]) -> None:
    def mix(opened: pikepdf.Pdf) -> None:
        opened.pages[1].MediaBox = pikepdf.Array([0, 0, 400, 500])
        opened.pages[2].Rotate = 90

    result = stamped(changed(blank_pdf(pages=3), mix), page=0, anchor="bottom-right", x_mm=10, y_mm=10)
    widths = {1: (209.9, 297), 2: (141.1, 176.4), 3: (297, 209.9)}
    for page, (width, height) in widths.items():
        assert place_of_code(result, page) == pytest.approx((width - 25, height - 25), abs=0.5)


# --- what is said of the place --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (blank_pdf(), set()),
        (drawn_on(blank_pdf(), b"0 g 100 700 10 10 re f"), {"PLACE_COVERS_INK"}),
        (drawn_on(blank_pdf(), b"0 g 300 300 200 200 re f"), set()),
        (drawn_on(blank_pdf(), b"0.9 0.9 1 rg 0 0 595 842 re f"), set()),
        (drawn_on(blank_pdf(), b"0 0 0.4 rg 0 0 595 842 re f"), {"PLACE_IS_DARK"}),
        (blank_pdf(box=(0, 0, 842, 1191)), {"MODULE_TOO_SMALL_ON_A4"}),
    ],
    ids=["blank", "ink", "ink elsewhere", "tinted", "dark", "A3"],
)
def test_what_makes_a_place_doubtful_is_said(
    sealed: Callable[..., pdf.Handled], content: bytes, said: set[str]
) -> None:
    assert {notice.code for notice in sealed(content).notices} == said


def test_no_page_of_a_common_letter_is_passed_over(sealed: Callable[..., pdf.Handled]) -> None:
    def darken(made: pikepdf.Pdf) -> None:
        made.pages[1].Contents = made.make_stream(b"0.2 g 0 0 595 842 re f")

    (notice,) = sealed(changed(blank_pdf(pages=30), darken), page=0).notices
    assert (notice.code, "page 2 " in notice.message) == ("PLACE_IS_DARK", True)


# --- what stays -----------------------------------------------------------------------------------------


def test_structure_layers_form_outline_and_attachments_stay(stamped: Callable[..., bytes]) -> None:
    def furnish(opened: pikepdf.Pdf) -> None:
        form(opened)
        opened.attachments["zebra.txt"] = b"stripes"
        opened.Root.Lang = pikepdf.String("km")
        with opened.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("Chapter", 0))

    with pikepdf.open(io.BytesIO(stamped(document(furnish)))) as opened:
        assert [str(field.T) for field in opened.Root.AcroForm.Fields] == ["name", "s"]
        assert opened.attachments["zebra.txt"].get_file().read_bytes() == b"stripes"
        assert str(opened.Root.Lang) == "km"
        with opened.open_outline() as outline:
            assert [item.title for item in outline.root] == ["Chapter"]


def test_the_code_is_an_artifact_beside_the_structure(stamped: Callable[..., bytes]) -> None:
    with pikepdf.open(io.BytesIO(stamped(document()))) as opened:
        operators = [str(one.operator) for one in pikepdf.parse_content_stream(opened.pages[0])]
        marks = [one for one in pikepdf.parse_content_stream(opened.pages[0]) if str(one.operator) == "BMC"]
    assert (operators.count("BMC"), operators.count("EMC")) == (1, 1)
    assert marks[0].operands[0] == "/Artifact"
    assert operators.count("q") == operators.count("Q")
