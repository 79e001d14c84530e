"""Every odd PDF is sealed and looks as before outside its seal, or is refused with the reason that docs/pdf.md gives."""

import numpy as np
import pytest

from govseal.adapters import pdf, photo
from govseal.adapters.qrimage import QrReader, symbol
from govseal.core.errors import MalformedPdf
from support.codes import COMPACT, HOST
from support.conformance import PROJECT
from support.fonts import font_folder
from support.oddpdfs import ODD, PASSWORD

FONT = font_folder() / "kantumruy-pro-600.ttf"
PLACE = pdf.Place(x_mm=12, y_mm=14, size_mm=15)
ATTESTED = b'{"data":{}}' * 30
UNREMARKABLE = {"PLACE_COVERS_INK", "PLACE_IS_DARK"}  # the pages are painted all over
LIGHT = {name: odd for name, odd in ODD.items() if not odd.heavy}


def wishes_of(names: frozenset[str]) -> pdf.Wishes:
    return pdf.Wishes(**{name: PASSWORD if name == "password" else True for name in names})


def sealed(content: bytes, wishes: pdf.Wishes, place: pdf.Place = PLACE) -> tuple[bytes, bytes, set[str]]:
    """Return the prepared file, the released one, and what was said."""
    ready = pdf.prepare(content, wishes)
    stamped = pdf.stamp(ready.content, place=place, code=symbol(COMPACT), host=HOST, font=FONT)
    released = pdf.attach_json(stamped.content, pdf.ATTESTED_NAME, ATTESTED)
    assert released.startswith(stamped.content)
    return ready.content, released, {notice.code for notice in (*ready.notices, *stamped.notices)}


def looks(content: bytes) -> list[np.ndarray]:
    return [np.asarray(picture, dtype=np.int16) for picture in pdf.page_images(content, 50)]


@pytest.mark.parametrize("name", [name for name, odd in LIGHT.items() if not odd.refused])
def test_an_odd_pdf_is_sealed_and_looks_as_before(name: str) -> None:
    odd = ODD[name]
    wishes = wishes_of(odd.wishes)
    prepared, released, said = sealed(odd.make(), wishes)
    assert odd.notices <= said <= odd.notices | UNREMARKABLE
    assert pdf.attached_json(released) == ATTESTED
    number, codes = next(QrReader(pdf.page_images, photo.pages, search_seconds=0).read_pdf(released))
    assert (number, [code.text for code in codes]) == (1, [COMPACT.text])
    original = odd.make() if "password" not in odd.wishes else prepared
    before, after = looks(original), looks(released)
    assert [picture.shape for picture in before] == [picture.shape for picture in after]
    differing = [
        index for index, pair in enumerate(zip(before, after, strict=True)) if (pair[0] != pair[1]).any()
    ]
    assert differing == [0]
    rows, columns = np.nonzero(before[0] != after[0])
    # Nothing but the seal: a box of 24 mm with its left top corner at 10 mm, whatever the page's size.
    assert rows.max() - rows.min() <= before[0].shape[0] * 0.5
    assert columns.max() - columns.min() <= before[0].shape[1] * 0.5


@pytest.mark.parametrize("name", [name for name, odd in LIGHT.items() if odd.refused])
def test_an_odd_pdf_is_refused_with_its_reason(name: str) -> None:
    odd = ODD[name]
    with pytest.raises(MalformedPdf) as caught:
        sealed(odd.make(), wishes_of(odd.wishes))
    assert caught.value.code == odd.refused


def test_the_documentation_names_every_reason_and_every_remark() -> None:
    told = (PROJECT / "docs" / "pdf.md").read_text("utf-8")
    codes = {odd.refused for odd in ODD.values() if odd.refused} | {
        one for odd in ODD.values() for one in odd.notices
    }
    assert {code for code in codes if f"`{code}`" not in told} == set()
