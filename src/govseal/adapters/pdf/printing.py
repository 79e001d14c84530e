"""Says when a page prints otherwise than it shows: layers, stamps and comments for one of the two alone.

Who seals looks at the screen, and who verifies holds the paper; neither is hostile by itself, so it is said and not
refused (ISO 32000-1: 8.11.4.4 on usage, 12.5.3 on annotations' flags). Found by drawing both ways.

What is *not* here: parts that may change by themselves (`activity`).
"""

import pikepdf

from govseal.adapters.pdf.comparing import page_that_prints_otherwise, sampled
from govseal.adapters.pdf.notices import Notice
from govseal.adapters.pdf.opening import opened
from govseal.adapters.pdf.reading import array, dictionary, name


def notices_on(content: bytes) -> list[Notice]:
    """Return what is to be said of how a file prints; of long ones the pages that are compared.

    Raises:
        MalformedPdf: it cannot be drawn.
    """
    with opened(content) as document:
        numbers = sampled(len(document.pages), {})
        if not _may_print_otherwise(document, numbers):
            return []
    page = page_that_prints_otherwise(content, numbers)
    if page is None:
        return []
    return [
        Notice(
            "PRINTS_DIFFERENTLY",
            f"Page {page} prints otherwise than the screen shows it: look at it on paper before you release it.",
        )
    ]


def _may_print_otherwise(document: pikepdf.Pdf, numbers: list[int]) -> bool:
    return "/OCProperties" in document.Root or any(
        name(dictionary(annotation).get("/Subtype")) != "/Link"
        for number in numbers
        for annotation in array(document.pages[number - 1].obj.get("/Annots"))
    )
