"""Seals every PDF of a folder named by GOVSEAL_PDF_FOLDER, and the odd ones that take long.

None may crash or hang the sealing, none may look different outside its seal, each refusal has its reason. The looks are
compared here at another resolution than the sealing itself uses.
"""

import os
from pathlib import Path

import numpy as np
import pytest

from govseal.adapters import pdf
from govseal.adapters.qrimage import symbol
from govseal.core.errors import InputError
from support.codes import COMPACT, HOST
from support.fonts import font_folder
from support.oddpdfs import ODD

FOLDER = os.environ.get("GOVSEAL_PDF_FOLDER", "")
FILES = sorted(Path(FOLDER).rglob("*.pdf")) if FOLDER else []
PLACE = pdf.Place(x_mm=8, y_mm=8)
PAGES = 12
ATTESTED = b'{"data":{}}' * 40


def sealed(content: bytes) -> tuple[bytes, bytes]:
    """Return the prepared PDF and the released one."""
    ready = pdf.prepare(content, pdf.Wishes(remove_active_content=True))
    font = font_folder() / "kantumruy-pro-600.ttf"
    stamped = pdf.stamp(ready.content, place=PLACE, code=symbol(COMPACT), host=HOST, font=font)
    released = pdf.attach_json(stamped.content, pdf.ATTESTED_NAME, ATTESTED)
    assert released.startswith(stamped.content)
    assert pdf.attached_json(released) == ATTESTED
    return ready.content, released


def looks(content: bytes) -> list[np.ndarray]:
    """Return the first pages as pictures, their top left corners blank where the seal is."""
    found = []
    for picture, _ in zip(pdf.page_images(content, 80), range(PAGES), strict=False):
        levels = np.array(picture)
        if not found:
            levels[:110, :110] = 255  # 8 mm, the box of 19 by 21 mm, and some more
        found.append(levels)
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_pdf_of_the_folder_is_sealed_and_looks_as_before_or_is_refused(file: Path) -> None:
    content = file.read_bytes()
    try:
        prepared, released = sealed(content)
    except InputError:
        return
    before = looks(content if pdf.lock_of(content) == "open" else prepared)
    after = looks(released)
    assert [page.shape for page in before] == [page.shape for page in after]
    assert [
        index for index, pair in enumerate(zip(before, after, strict=True)) if (pair[0] != pair[1]).any()
    ] == []


def refusal_of(content: bytes) -> str:
    """Return the code of the refusal; empty when the file is sealed."""
    try:
        sealed(content)
    except InputError as error:
        return error.code
    return ""


@pytest.mark.parametrize("name", [name for name, odd in ODD.items() if odd.heavy])
def test_a_heavy_pdf_is_sealed_or_refused_in_bounded_time(name: str) -> None:
    assert refusal_of(ODD[name].make()) == ODD[name].refused
