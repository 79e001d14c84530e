"""Says a sheet's colours by its output intent alone, where Typst says them by ICC profiles as well.

A PDF/A names one profile that device colours are meant in, its output intent (ISO 19005-3, 6.2.3). Typst gives each
colour space a profile nevertheless, the intent's own for RGB and one of the same curve for grey, and every reader makes
tables of both before it draws anything: a third of the time that a page takes to be opened.

Invariants: every colour is what it was, and every byte stays where it was, so that the file's cross-reference table
holds; a colour space that is not understood stays as Typst wrote it.

What is *not* here: PDFs from anywhere; only Typst writes objects in just this way.
"""

import re
from collections.abc import Iterator

_INTENT = re.compile(rb"/Type/OutputIntent/DestOutputProfile (\d+) 0 R/S/GTS_PDFA1\b")
_BEGIN = b" 0 obj\n[/ICCBased "
_SPACE = re.compile(rb" 0 obj\n(\[/ICCBased (\d+) 0 R\])\nendobj\n")
_COMPONENTS = re.compile(rb"[^>]*/N ([134])/")


def by_output_intent(pdf: bytes) -> bytes:
    """Return a PDF/A of Typst's with device colours in place of profiles that say the same as its output intent."""
    intent = _INTENT.search(pdf)
    if intent is None or _components(pdf, intent[1]) != b"3":
        return pdf
    changed = bytearray(pdf)
    for space in _spaces(pdf):
        if space[2] == intent[1]:
            name = b"/DeviceRGB"
        elif _components(pdf, space[2]) == b"1":
            name = b"/DeviceGray"
        else:
            continue
        changed[space.start(1) : space.end(1)] = name.ljust(len(space[1]))
    return bytes(changed)


def _spaces(pdf: bytes) -> Iterator[re.Match[bytes]]:
    at = pdf.find(_BEGIN)  # a search by expression takes ten times as long
    while at >= 0:
        if space := _SPACE.match(pdf, at):
            yield space
        at = pdf.find(_BEGIN, at + 1)


def _components(pdf: bytes, profile: bytes) -> bytes | None:
    """Return how many components the colours of a profile have, a digit; None when the profile is not found."""
    begin = b"\n%b 0 obj\n<<" % profile
    at = pdf.find(begin)
    found = _COMPONENTS.match(pdf, at + len(begin)) if at >= 0 else None
    return found[1] if found else None
