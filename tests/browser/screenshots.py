"""Takes the pictures of docs/img: every outcome and page, phone and desk, Khmer and English, light and dark; the sheets.

    .venv/bin/python tests/browser/screenshots.py [folder [page ...]]

The pages are real, the reports behind them made (`support.web`). Needs Debian's chromium and the built
styles (`node browser/build.mjs`).
"""

import json
import sys
from collections.abc import Iterator
from io import BytesIO
from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page

from govseal.adapters import pdf
from govseal.adapters.typeset import Typesetter

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

from support import web  # noqa: E402 - found only now
from support.chromium import browser  # noqa: E402 - found only now
from support.codes import drawn, sheet_context  # noqa: E402 - found only now
from support.fonts import font_folder  # noqa: E402 - found only now

FOLDER = web.PROJECT / "docs" / "img"
SHEET = {"name": "sheet.png", "mimeType": "image/png", "buffer": b"\x89PNG"}
"""The made verifier finds three codes on it."""
COLOURS = 64
"""Of a picture: the pages are flat, and all of docs/img shall stay under 8 MB."""
WIDTHS = {"phone": (390, 844), "desk": (1280, 900)}
ADDRESSES = {
    "home": "/",
    "institutions": "/institutions?q=office 1",
    "scanned": "/s#117293810293840192830192830192830192830",
    "many": "/many",
    "missing": "/no-such-page",
}
STARTERS = (
    ("diploma", "transcript", "press-release"),
    ("birth-certificate", "business-licence", "residence-certificate"),
)
SHEET_HEIGHT, GAP, DESK = 520, 16, "#e2e6ee"
PAGES = (*ADDRESSES, "choose", "many-found", "original", *web.CASES)


def open_page(page: Page, origin: str, name: str) -> None:
    """Bring `page` to the page `name`: an address, a case of `web.CASES`, or what the forms lead to."""
    if name in ADDRESSES:
        page.goto(origin + ADDRESSES[name])
    elif name == "choose":
        page.goto(origin)
        page.locator("input[type=file]").set_input_files(SHEET)
        page.locator("form:has(input[type=file]) button[type=submit]").click()
    elif name == "many-found":
        page.goto(f"{origin}/many")
        page.locator("#texts").fill("\n".join(web.CODE + case for case in web.CASES))
        page.locator("main form button[type=submit]").click()
        page.locator("#summary").scroll_into_view_if_needed()  # so that the way there has come to its end
    else:
        page.goto(origin)
        page.locator("#text").fill(web.CODE + ("genuine" if name == "original" else name))
        page.locator("form:has(#text) button[type=submit]").click()
        if name == "original":
            page.locator("button[formaction='/verify/page']").click()


def drawn_sheet(kind: str, dpi: int) -> bytes:
    """Return the picture of a starter template with its sample's fields, as PNG."""
    folder = web.PROJECT / "countries" / "kh" / "types" / kind
    declared, fields = (
        json.loads((folder / name).read_text("utf-8")) for name in ("type.json", "sample.json")
    )
    codes = {profile: code for profile, code in drawn().items() if profile in declared["profiles"]}
    sheet = Typesetter(font_folder()).render(folder, fields=fields, codes=codes, context=sheet_context())
    return pdf.render_page(sheet, 1, dpi=dpi)


def all_sheets() -> Image.Image:
    """Return the first pages of `STARTERS`, all of one height, side by side on a desk."""
    rows = [[of_height(drawn_sheet(kind, 130)) for kind in row] for row in STARTERS]
    widths = [sum(sheet.width + GAP for sheet in row) - GAP for row in rows]
    size = (max(widths) + 2 * GAP, len(rows) * (SHEET_HEIGHT + GAP) + GAP)
    desk = Image.new("RGB", size, DESK)
    for at, (row, width) in enumerate(zip(rows, widths, strict=True)):
        left = (desk.width - width) // 2
        for sheet in row:
            desk.paste(sheet, (left, GAP + at * (SHEET_HEIGHT + GAP)))
            left += sheet.width + GAP
    return desk


def of_height(png: bytes) -> Image.Image:
    """Return a picture made `SHEET_HEIGHT` high."""
    picture = Image.open(BytesIO(png))
    return picture.resize(
        (round(picture.width * SHEET_HEIGHT / picture.height), SHEET_HEIGHT), Image.Resampling.LANCZOS
    )


def shots(
    chromium: Browser, origin: str, verifier: web.MadeVerifier, names: tuple[str, ...]
) -> Iterator[tuple[str, bytes]]:
    """Yield (file name, PNG) for each page, size, language and theme."""
    for (size, (width, height)), language, theme in product(WIDTHS.items(), ("km", "en"), ("light", "dark")):
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,
            locale=language,
        )
        page = context.new_page()
        verifier.named.clear()  # nothing was handed in twice
        for name in names:
            open_page(page, origin, name)
            page.evaluate("document.fonts.ready")
            yield f"{name}-{size}-{language}-{theme}.png", page.screenshot(full_page=True)
        context.close()


def flat(picture: Image.Image) -> Image.Image:
    """Return `picture` in `COLOURS` of its colours; the rest become the nearest of them.

    Each is chosen for how many pixels it has and how far it lies from those before it, so that a short word in red
    stays red.
    """
    counted = picture.getcolors(picture.width * picture.height) or []
    counts = np.array([count for count, _colour in counted], dtype=float)
    colours = np.array([colour for _count, colour in counted], dtype=float)
    chosen, loss = [], counts.copy()
    away = np.full(len(counted), np.inf)
    for _ in range(min(COLOURS, len(counted))):
        chosen.append(int(loss.argmax()))
        away = np.minimum(away, ((colours - colours[chosen[-1]]) ** 2).sum(axis=1))
        loss = counts * away
    palette = Image.new("P", (1, 1))
    palette.putpalette([int(level) for one in chosen for level in colours[one]])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def main(folder: Path, names: tuple[str, ...]) -> None:
    """Write the pictures of `names` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with web.configured() as verifier, web.served() as origin, browser() as chromium:
        verifier.picture = drawn_sheet("diploma", 110)
        for name, png in shots(chromium, origin, verifier, names):
            flat(Image.open(BytesIO(png)).convert("RGB")).save(folder / name, optimize=True)
    all_sheets().save(folder / "sheets.jpg", quality=85, optimize=True)
    print(f"{len(names) * 8 + 1} pictures in {folder}")  # noqa: T201 - a script tells what it did


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else FOLDER, tuple(sys.argv[2:]) or PAGES)
