"""Puts a seal's drawing on pages of an existing PDF (docs/protocol.md section 4, "Print").

Three ways, the first that leaves the page as it looked:

1. into the page's content, above what it draws, as an artifact of the layout (ISO 32000-1, 14.8.2.2). What the page
   drew before is fenced in by q and Q, so that it can neither move nor colour the stamp;
2. as an annotation with an appearance of its own, for pages whose drawing instructions cannot be fenced in or do not
   end cleanly (`lexing`), and for a PDF/A that says nothing of device colours;
3. for signed files, as an incremental update (`widgets`).

What is *not* here: choosing a free place (`noticing` warns), and proof that the code can be read
(`qrimage.QrReader` on the drawn page, before release).
"""

from collections.abc import Callable, Sequence

import pikepdf

from govseal.adapters.pdf import archival
from govseal.adapters.pdf.comparing import page_that_differs
from govseal.adapters.pdf.drawing import Drawing
from govseal.adapters.pdf.integrity import require_kept
from govseal.adapters.pdf.lexing import closing, hides_what_follows
from govseal.adapters.pdf.notices import Handled
from govseal.adapters.pdf.noticing import notices_at
from govseal.adapters.pdf.opening import opened, saved
from govseal.adapters.pdf.placing import Place
from govseal.adapters.pdf.reading import array
from govseal.adapters.pdf.signatures import is_signed
from govseal.adapters.pdf.spots import Spot, appearance, rectangle, spots_of
from govseal.adapters.pdf.widgets import with_widgets
from govseal.core.errors import MalformedPdf

_FLAGS = 4 | 64 | 128  # print, read-only, locked: ISO 32000-1 table 165


def stamped(content: bytes, drawing: Drawing, place: Place) -> Handled:
    """Return the PDF with the drawing on it.

    Args:
        content: a PDF that `preparing.prepared` let through.
        drawing: code and label.
        place: on which pages, and where.

    Raises:
        MalformedPdf: no such page (`PDF_PAGE_ABSENT`), the place is not on the page
            (`PDF_PLACE_OUTSIDE_PAGE`), or a page would look different (`PDF_LOOKS_DIFFERENT`).
    """
    with opened(content) as document:
        signed = is_signed(document)
        spots = spots_of(document, place, drawing)
        notices = notices_at(content, drawing, spots)
        ways = [_draw, _annotate]
        if archival.claim_of(document) and not archival.has_output_intent(document):
            ways = [_annotate]
    if signed:
        return Handled(_extended(content, drawing, place), tuple(notices))
    for way in ways:
        sealed = _made(content, drawing, place, way)
        if sealed is not None:
            return Handled(sealed, tuple(notices))
    raise MalformedPdf(
        "With the seal on it the PDF would look different elsewhere, too: print it to a new PDF, then seal that.",
        code="PDF_LOOKS_DIFFERENT",
    )


Way = Callable[[pikepdf.Pdf, Drawing, Sequence[Spot]], None]


def _made(content: bytes, drawing: Drawing, place: Place, way: Way) -> bytes | None:
    """Return the file stamped in one way; None when that way cannot do it, or not without changing the look."""
    with opened(content) as document:
        spots = spots_of(document, place, drawing)
        try:
            way(document, drawing, spots)
        except (pikepdf.PdfError, RuntimeError):  # the second is qpdf's on broken filters
            return None
        result = saved(document)
        shares = {spot.page: spot.share() for spot in spots}
        damaged = bool(document.get_warnings())
    return None if page_that_differs(content, result, shares, every=damaged) else result


def _extended(content: bytes, drawing: Drawing, place: Place) -> bytes:
    with opened(content, attempt_recovery=False) as document:
        spots = spots_of(document, place, drawing)
        for spot in spots:
            _require_no_open_layer(spot)
        result = with_widgets(content, document, drawing, spots)
        shares = {spot.page: spot.share() for spot in spots}
    require_kept(result)
    if page_that_differs(content, result, shares):
        raise MalformedPdf("The seal would change how the signed PDF looks.", code="PDF_LOOKS_DIFFERENT")
    return result


# --- into the content -----------------------------------------------------------------------------------


def _draw(document: pikepdf.Pdf, drawing: Drawing, spots: Sequence[Spot]) -> None:
    before, drawn = document.make_stream(b"q\n"), document.make_stream(drawing.operators())
    for spot in spots:
        content = _content_of(spot.holder)
        closed = None if content is None else closing(content)
        if closed is None:
            _annotate(document, drawing, [spot])
            continue
        page = pikepdf.Page(spot.holder)
        page.contents_add(before, prepend=True)
        page.contents_add(document.make_stream(b"\n" + closed + b"Q\n/Artifact BMC q\n" + spot.cm()))
        page.contents_add(drawn)
        page.contents_add(document.make_stream(b"\nQ EMC\n"))


def _content_of(page: pikepdf.Object) -> bytes | None:
    """Return all that a page draws, its streams kept apart as readers keep them; None when they are damaged."""
    contents = page.get("/Contents", pikepdf.Array())
    parts = array(contents) if isinstance(contents, pikepdf.Array) else [contents]
    if not all(isinstance(part, pikepdf.Stream) for part in parts):
        return None
    try:
        return b"\n".join(part.read_bytes() for part in parts)
    except (pikepdf.PdfError, RuntimeError):  # the second is qpdf's on broken filters
        return None


# --- as an annotation -----------------------------------------------------------------------------------


def _require_no_open_layer(spot: Spot) -> None:
    content = _content_of(spot.holder)
    if content is not None and hides_what_follows(content):
        raise MalformedPdf(
            f"What page {spot.page} draws breaks off inside a layer, which would hide the seal in some programs: print"
            " the PDF to a new one, then seal that.",
            code="PDF_LOOKS_DIFFERENT",
            page=spot.page,
        )


def _annotate(document: pikepdf.Pdf, drawing: Drawing, spots: Sequence[Spot]) -> None:
    for spot in spots:
        _require_no_open_layer(spot)
        entries, packed = appearance(drawing, spot)
        shown = document.make_stream(packed)
        shown.stream_dict = entries
        annotation = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Stamp,
            Contents=pikepdf.String("Seal of the issuing office"),
            F=_FLAGS,
            Rect=rectangle(spot),
            AP=pikepdf.Dictionary(N=shown),
        )
        others = array(spot.holder.get("/Annots"))
        spot.holder.Annots = pikepdf.Array([*others, document.make_indirect(annotation)])
