"""QR codes as pictures: `symbol` draws one, `QrReader` finds them (docs/protocol.md section 4).

    symbol(CompactCode("gov.demo", secret)).svg()
    QrReader(render_pages, open_pages).read_image(photo)

What is *not* here: what the text of a code means (`govseal.core.qrtext`).
"""

from govseal.adapters.qrimage.drawing import QrText, Symbol, symbol
from govseal.adapters.qrimage.reading import SEARCH_SECONDS, QrReader

__all__ = ["SEARCH_SECONDS", "QrReader", "QrText", "Symbol", "symbol"]
