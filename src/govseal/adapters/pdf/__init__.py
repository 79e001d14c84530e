"""Existing PDFs: put a seal's code on a page, attach the attested JSON, turn pages into pictures.

    stamped = stamp(original, page=1, x_mm=20, y_mm=250, size_mm=14.8, code=symbol(text), host=host, font=ttf)
    released = attach_json(stamped, ATTESTED_NAME, attested)   # stamped is a prefix of released
    assert attached_json(released) == attested

What is *not* here: drawing the code itself (`qrimage`), typesetting a document of our own (`typeset`), and
sealing what needs care that this module does not take yet: it refuses those with a reason (`opening`).
"""

from govseal.adapters.pdf.attaching import attach_json, attached_json
from govseal.adapters.pdf.opening import ATTESTED_NAME, MAX_PAGES, MAX_PDF_BYTES, check_sealable, page_count
from govseal.adapters.pdf.rendering import page_images, render_page
from govseal.adapters.pdf.stamping import stamp

__all__ = [
    "ATTESTED_NAME",
    "MAX_PAGES",
    "MAX_PDF_BYTES",
    "attach_json",
    "attached_json",
    "check_sealable",
    "page_count",
    "page_images",
    "render_page",
    "stamp",
]
