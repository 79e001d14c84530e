"""Photos and scans into grey pictures, within bounds: what a reader of codes looks at.

    for page in pages(content):   # one for a photo, several for a TIFF
        look_at(page)             # "L", upright, on white

`decoding` knows the formats; `apart` has each file decoded by a child process of bounded memory and time, so that
hostile bytes can take nothing down.

What is *not* here: PDFs (`pdf`), and what is on the picture (`qrimage`).
"""

from govseal.adapters.photo.apart import pages
from govseal.adapters.photo.decoding import MAX_BYTES, MAX_PAGES, MAX_PIXELS

__all__ = ["MAX_BYTES", "MAX_PAGES", "MAX_PIXELS", "pages"]
