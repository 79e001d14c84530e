"""Odd PDFs: each feature that a seal must cope with, and what is to become of a file that has it.

Real files of other programs are in `tests/conformance/test_pdfs.py`, and a folder of one's own is tried by
`tests/soak/test_pdf_folder.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from support.pdfs import (
    annotated,
    bomb,
    broken_table,
    certificate_lock,
    cycle,
    deep,
    document,
    drawing,
    empty_tree,
    first,
    form,
    hybrid,
    inherited,
    kept_things,
    latin_names,
    layers,
    metadata,
    mixed,
    names,
    nested_contents,
    outside,
    root,
    script,
    shared_contents,
    sizeless,
    split_contents,
    table,
    tagged,
    without_box,
)

PASSWORD = "made up"


@dataclass(frozen=True)
class Odd:
    """One odd PDF.

    Attributes:
        make: gives its bytes.
        refused: code of the refusal, or empty when it is sealed.
        notices: codes of what is said of it.
        wishes: what is asked for before it is sealed.
        heavy: takes half a minute; tried by the soak.
    """

    make: Callable[[], bytes]
    refused: str = ""
    notices: frozenset[str] = frozenset()
    wishes: frozenset[str] = frozenset()
    heavy: bool = False


REMOVE = frozenset({"remove_active_content"})
FLATTEN = frozenset({"flatten_forms"})
LOCKED = pikepdf.Encryption(owner="owner", user=PASSWORD)
RESTRICTED = pikepdf.Encryption(owner=PASSWORD, user="", allow=pikepdf.Permissions(modify_other=False))
REPAIRED, REMOVED = frozenset({"PDF_REPAIRED"}), frozenset({"ACTIVE_CONTENT_REMOVED"})

ODD: dict[str, Odd] = {
    # pages
    "turned by a quarter": Odd(lambda: document(first(Rotate=90))),
    "turned backwards": Odd(lambda: document(first(Rotate=-90))),
    "turned more than round": Odd(lambda: document(first(Rotate=540))),
    "turned by an odd angle": Odd(lambda: document(first(Rotate=45))),
    "cropped": Odd(lambda: document(first(CropBox=Array([100, 200, 500, 700])))),
    "cropped beyond the paper": Odd(lambda: document(first(CropBox=Array([-100, -100, 900, 900])))),
    "with an empty crop box": Odd(lambda: document(first(CropBox=Array([5, 5, 5, 5])))),
    "in units of its own": Odd(lambda: document(first(UserUnit=2.5), box=(0, 0, 238, 337))),
    "with negative boxes": Odd(lambda: document(box=(-300, -400, 295, 442))),
    "with a box from the other corner": Odd(lambda: document(box=(595, 842, 0, 0))),
    "with a box of words": Odd(
        lambda: document(first(MediaBox=Array([Name.a, 0, 595, 842]))),
        refused="PDF_LOOKS_DIFFERENT",
    ),
    "with a box of five numbers": Odd(
        lambda: document(first(MediaBox=Array([0, 0, 595, 842, 7]))), refused="PDF_LOOKS_DIFFERENT"
    ),
    "with a crop box of three numbers": Odd(
        lambda: document(first(CropBox=Array([0, 0, 9]))), refused="PDF_LOOKS_DIFFERENT"
    ),
    "without a box": Odd(lambda: document(without_box), notices=REPAIRED),
    "with pages of many sizes": Odd(lambda: document(mixed, pages=4)),
    "inheriting box and turn": Odd(lambda: document(inherited)),
    "far larger than paper": Odd(
        lambda: document(box=(0, 0, 2384, 3370)), notices=frozenset({"MODULE_TOO_SMALL_ON_A4"})
    ),
    "smaller than a seal": Odd(lambda: document(box=(0, 0, 40, 40)), refused="PDF_PLACE_OUTSIDE_PAGE"),
    # what is drawn
    "leaving states open": Odd(lambda: document(contents=b"q q 0.5 0 0 0.5 0 0 cm " + drawing(1))),
    "closing states it never opened": Odd(lambda: document(contents=b"Q Q 0.5 0 0 0.5 9 9 cm " + drawing(1))),
    "drawing nonsense": Odd(lambda: document(contents=b"q ) ] >> 1 2 foo BI ID \xff EI " + drawing(2))),
    "never closing a string": Odd(lambda: document(contents=drawing(1) + b" (never closed")),
    "never closing a layer": Odd(lambda: document(contents=drawing(1) + b" /OC /Hidden BDC 0 0 9 9 re f")),
    "never closing a layer nor a string": Odd(
        lambda: document(contents=drawing(1) + b" /OC /Hidden BDC 0 0 9 9 re f (open"),
        refused="PDF_LOOKS_DIFFERENT",
    ),
    "never closing an image": Odd(
        lambda: document(contents=drawing(1) + b" BI /W 9 /H 9 /BPC 8 /CS /G ID abc")
    ),
    "with contents in pieces": Odd(lambda: document(split_contents)),
    "with contents in nested arrays": Odd(lambda: document(nested_contents)),
    "with names in no known script": Odd(lambda: document(latin_names)),
    "with contents shared by pages": Odd(lambda: document(shared_contents, pages=3)),
    "without contents": Odd(lambda: document(lambda made: made.pages[0].obj.__delitem__("/Contents"))),
    "dark all over": Odd(
        lambda: document(contents=b"0.1 g 0 0 595 842 re f"), notices=frozenset({"PLACE_IS_DARK"})
    ),
    # files
    "with a cross-reference table": Odd(table),
    "with object streams": Odd(lambda: document(object_stream_mode=pikepdf.ObjectStreamMode.generate)),
    "linearised": Odd(lambda: document(pages=3, linearize=True)),
    "hybrid": Odd(hybrid),
    "with a broken table": Odd(broken_table, notices=REPAIRED),
    "with words before its header": Odd(lambda: b"From: example\r\n" + table()),
    "with words after its end": Odd(lambda: table() + b"\r\n<!-- cached -->" * 9),
    "without a size": Odd(sizeless, notices=REPAIRED),
    "cut off": Odd(lambda: table()[:-12], notices=REPAIRED),
    "cut in half": Odd(lambda: table()[: len(table()) // 3], refused="MALFORMED_PDF"),
    "without pages": Odd(empty_tree, refused="MALFORMED_PDF"),
    "with pages in a circle": Odd(cycle, refused="MALFORMED_PDF"),
    "nested deep": Odd(lambda: document(deep)),
    "of ten thousand pages": Odd(lambda: document(pages=10_000, contents=b""), heavy=True),
    "of more pages than a seal can name": Odd(
        lambda: document(pages=10_001, contents=b""), refused="PDF_TOO_LARGE", heavy=True
    ),
    "inflating without end": Odd(bomb, refused="PDF_TOO_LARGE", heavy=True),
    "empty": Odd(lambda: b"", refused="MALFORMED_PDF"),
    "no PDF": Odd(lambda: b"%PDF-1.7\nnothing else", refused="MALFORMED_PDF"),
    # what goes with the pages
    "tagged": Odd(lambda: document(tagged)),
    "with layers": Odd(lambda: document(layers)),
    "with annotations": Odd(lambda: document(annotated)),
    "with attachment, outline and metadata": Odd(lambda: document(kept_things)),
    "with a form": Odd(lambda: document(form)),
    "with a form to be flattened": Odd(
        lambda: document(form), notices=frozenset({"FORMS_FLATTENED"}), wishes=FLATTEN
    ),
    "PDF/A-1b": Odd(lambda: document(metadata(1, "B")), notices=frozenset({"PDF_A_LOST"})),
    "PDF/A-2u": Odd(lambda: document(metadata(2, "U")), notices=frozenset({"PDF_A_RAISED"})),
    "PDF/A-3b": Odd(lambda: document(metadata(3, "B"))),
    # locked
    "locked": Odd(lambda: document(encryption=LOCKED), refused="PDF_ENCRYPTED"),
    "locked, the password known": Odd(
        lambda: document(encryption=LOCKED),
        notices=frozenset({"PDF_UNLOCKED"}),
        wishes=frozenset({"password"}),
    ),
    "locked for the holder of a certificate": Odd(certificate_lock, refused="PDF_ENCRYPTED"),
    "restricted by its owner": Odd(lambda: document(encryption=RESTRICTED), refused="PDF_RESTRICTED"),
    "restricted, the owner's password known": Odd(
        lambda: document(encryption=RESTRICTED),
        notices=frozenset({"PDF_UNLOCKED"}),
        wishes=frozenset({"password"}),
    ),
    # active
    "running a script when opened": Odd(lambda: document(root(OpenAction=script())), refused="PDF_ACTIVE"),
    "with a library of scripts": Odd(
        lambda: document(names(JavaScript=Dictionary(Names=Array([String("a"), script()])))),
        refused="PDF_ACTIVE",
    ),
    "running a script on a page": Odd(
        lambda: document(first(AA=Dictionary(O=script()))), refused="PDF_ACTIVE"
    ),
    "starting a program": Odd(
        lambda: document(root(OpenAction=Dictionary(S=Name.Launch, F=String("x.exe")))), refused="PDF_ACTIVE"
    ),
    "opening what is embedded": Odd(
        lambda: document(first(AA=Dictionary(O=Dictionary(S=Name.GoToE, T=Dictionary(R=Name.C))))),
        refused="PDF_ACTIVE",
    ),
    "drawn from another file": Odd(lambda: document(outside), refused="PDF_ACTIVE"),
    "an XFA form": Odd(
        lambda: document(root(AcroForm=Dictionary(Fields=Array(), XFA=String("x")))), refused="PDF_XFA"
    ),
    "its script to be removed": Odd(
        lambda: document(root(OpenAction=script())), notices=REMOVED, wishes=REMOVE
    ),
    "its XFA to be removed": Odd(
        lambda: document(root(AcroForm=Dictionary(Fields=Array(), XFA=String("x")))),
        notices=REMOVED,
        wishes=REMOVE,
    ),
}
