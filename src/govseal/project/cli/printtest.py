"""`govseal print-test`: a sheet that shows what a printer does to codes, and what a photo of the print says of it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from govseal.core.errors import InputError
from govseal.core.qrtext import CompactCode, OfflineCode
from govseal.project.cli.inputs import read_file
from govseal.project.cli.output import EPILOG, OUTPUT, Exit, Panel, plain

if TYPE_CHECKING:
    from govseal.adapters.printsheet import Measured

_EXACT = 0.01
"""Part by which a print may be off: what can be measured, and what no code notices."""
_PAPER = "A4"
_PALE = 0.6
_BLURRED_MM = 0.5
_PHOTO_LIMIT = 64 << 20
_LEAST = {f"{one.profile} {one.least_side_mm:g} mm" for one in (CompactCode, OfflineCode)}
"""The codes of the sheet that are as small as the platform prints them."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("print-test", epilog=EPILOG, rich_help_panel=Panel.ISSUE)(print_test)


def print_test(
    out: Path = typer.Option(Path("print-test.pdf"), help="Where the sheet is written."),
    read: Path | None = typer.Option(None, help="A photo or scan of the printed sheet, JPEG or PNG."),
    ruler: float | None = typer.Option(None, min=10, max=200, help="What you measured of a ruler, in mm."),
) -> int:
    """Write a sheet that tests a printer, or say what a photo of its print shows.

    Of a photo: exit status 1 when the printing is to be mended first.
    """
    if read is None:
        if ruler is not None:
            raise InputError("Name the photo too: --read PHOTO --ruler MM")
        _write(out)
        return Exit.DONE
    from govseal.adapters.printsheet import measure

    measured = measure(read_file(str(read), _PHOTO_LIMIT), _texts())
    facts = _facts(measured, ruler)
    OUTPUT.result(facts, "\n".join(_told(facts)))
    return Exit.DONE if not facts["mend"] else Exit.NOT_GENUINE


def _write(out: Path) -> None:
    from govseal.adapters.printsheet import draw
    from govseal.adapters.qrimage import symbol
    from govseal.project.assets import FONTS_FOLDER
    from govseal.project.printtest import codes

    symbols = {name: symbol(code) for name, code in codes(_host()).items()}
    out.write_bytes(draw(symbols, fonts_folder=FONTS_FOLDER))
    OUTPUT.result(
        {"file": str(out)},
        f"[green]✓[/] {plain(out)}\n  Print it at actual size, photograph the whole sheet on a dark table, then:"
        " govseal print-test --read PHOTO",
    )


def _texts() -> dict[str, str]:
    from govseal.project.printtest import codes

    return {name: code.text for name, code in codes(_host()).items()}


def _host() -> str:
    from govseal.project.configuration import Configuration

    return Configuration.load(os.environ).host


def _facts(measured: "Measured", ruler: float | None) -> dict[str, Any]:
    """Return what is told, as JSON has it: `scale` in per cent and `paper`, null when no real thing was measured."""
    scale = measured.scale
    sizes = (scale.across * 100, scale.down * 100) if scale else None
    by = scale.by if scale else ""
    if ruler is not None:
        sizes, by = (ruler, ruler), "ruler"
    told: dict[str, Any] = {
        "scale": {"across": round(sizes[0], 1), "down": round(sizes[1], 1), "by": by} if sizes else None,
        "paper": (scale.paper if scale else "") or None,
        "read": [one.name for one in measured.read],
        "unread": [one.name for one in measured.unread],
        "contrast": round(measured.contrast, 2),
        "blurMm": round(measured.blur_mm, 2),
    }
    return {**told, "mend": _mend(told, {one.name for one in measured.unread})}


def _mend(told: dict[str, Any], unread: set[str]) -> list[str]:
    mend = []
    sizes = told["scale"]
    if sizes is None:
        mend.append(
            "The size is not known: photograph the sheet with all its edges on a dark table, scan it, or measure a"
            " ruler: --ruler MM"
        )
    elif max(abs(sizes[way] / 100 - 1) for way in ("across", "down")) > _EXACT:
        mend.append(
            f'The sheet came out at {sizes["across"]:g} % by {sizes["down"]:g} %: choose "actual size" or 100 % in the'
            ' print dialogue, not "fit to page", and print it again.'
        )
    if told["paper"] not in {None, _PAPER}:
        mend.append(
            f"The paper is {told['paper']}: put {_PAPER} into the printer, and choose it in the print dialogue."
        )
    if told["contrast"] < _PALE:
        mend.append("The print is pale: change the toner, or switch its economy mode off.")
    if told["blurMm"] > _BLURRED_MM:
        blurred = "The picture is blurred: hold still, closer, in good light, send it in full size, or scan the sheet."
        return [*mend, blurred]  # what such a picture does not show is not the printer's fault
    mend += [
        f"The code of {name} could not be read: print it larger on this printer."
        for name in sorted(_LEAST & unread)
    ]
    return mend


def _told(facts: dict[str, Any]) -> list[str]:
    """Return the lines for a terminal."""
    sizes = facts["scale"]
    by = {"paper": "by the paper's edges", "resolution": "by the scan's resolution", "ruler": "by your ruler"}
    size = (
        f"{sizes['across']:g} % across, {sizes['down']:g} % down, {by[sizes['by']]}" if sizes else "not known"
    )
    mark = "[yellow]![/]" if facts["mend"] else "[green]✓[/]"
    return [
        f"{mark} Size: {size}" + (f", {facts['paper']}" if facts["paper"] else ""),
        f"  Read: {', '.join(facts['read'])}",
        f"  Not read: {', '.join(facts['unread']) or 'none'}",
        f"  Contrast {facts['contrast']:.0%}, edges {facts['blurMm']:g} mm wide",
        *(f"  [bold]→[/] {line}" for line in facts["mend"]),
    ]
