"""Writes one incremental update of a PDF (ISO 32000-1, 7.5.6): new objects, a cross-reference section, a trailer.

The section has the form of the file's last one, a table or a stream, and points back to it; everything
before stays byte for byte as it is. Written by hand because qpdf rewrites whole files, and pyHanko's writer
raises the version to 2.0 (a PDF/A-3 is a 1.7) and rewrites the producer and the identifier with chance.

What is *not* here: what the objects are (`attaching`).
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pikepdf

from govseal.core.errors import MalformedPdf

_TAIL_BYTES = 2048
_LAST_SECTION = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z")
_KEPT_IN_TRAILER = ("/Root", "/Info")
_OFFSET_WIDTH = 5  # bytes of an offset in a cross-reference stream: files up to 1 TiB


@dataclass(frozen=True, slots=True)
class NewObject:
    """An indirect object of the update.

    Attributes:
        number: object number.
        generation: generation number, 0 for new objects.
        syntax: the object, or the stream's dictionary, in PDF syntax.
        stream: encoded content, when it is a stream.
    """

    number: int
    generation: int
    syntax: bytes
    stream: bytes | None = None

    def serialised(self) -> bytes:
        """Return the object with its `obj` and `endobj`."""
        body = (
            self.syntax if self.stream is None else self.syntax + b"\nstream\n" + self.stream + b"\nendstream"
        )
        return f"{self.number} {self.generation} obj\n".encode("ascii") + body + b"\nendobj\n"


def incremental_update(content: bytes, document: pikepdf.Pdf, objects: Sequence[NewObject]) -> bytes:
    """Return the bytes to append to `content` so that it holds `objects`.

    Args:
        content: the file.
        document: the same file, opened.
        objects: new ones, or new versions of existing ones.

    Raises:
        MalformedPdf: the file does not end as a whole PDF does.
    """
    tail = _LAST_SECTION.search(content[-_TAIL_BYTES:])
    if tail is None:
        raise MalformedPdf("The PDF does not end as it should: it may be cut off.")
    previous = int(tail.group(1))
    body = bytearray(b"" if content.endswith(b"\n") else b"\n")
    offsets: dict[int, tuple[int, int]] = {}
    for entry in sorted(objects, key=lambda entry: entry.number):
        offsets[entry.number] = (len(content) + len(body), entry.generation)
        body += entry.serialised()
    start = len(content) + len(body)
    trailer = _trailer(content, document, bytes(body), previous)
    size = max(int(document.trailer.Size), max(offsets) + 1)
    if content[previous : previous + _TAIL_BYTES].lstrip().startswith(b"xref"):
        trailer.Size = size
        body += _table(offsets) + b"trailer\n" + trailer.unparse()
    else:
        offsets[size] = (start, 0)
        trailer.Size = size + 1
        body += _stream(size, offsets, trailer)
    return bytes(body + f"\nstartxref\n{start}\n%%EOF\n".encode("ascii"))


def _trailer(content: bytes, document: pikepdf.Pdf, body: bytes, previous: int) -> pikepdf.Dictionary:
    """Return the entries both forms share; the file keeps the first half of its identifier (14.4)."""
    trailer = pikepdf.Dictionary(
        {key: document.trailer[key] for key in _KEPT_IN_TRAILER if key in document.trailer}
    )
    revision = pikepdf.String(hashlib.sha256(hashlib.sha256(content).digest() + body).digest()[:16])
    identifier = list(document.trailer.get("/ID", pikepdf.Array([revision])))
    trailer.ID = pikepdf.Array([identifier[0], revision])
    trailer.Prev = previous
    return trailer


def _sections(numbers: Sequence[int]) -> list[list[int]]:
    """Cut sorted numbers into runs without gaps."""
    sections = [[numbers[0]]]
    for before, number in pairwise(numbers):
        if number == before + 1:
            sections[-1].append(number)
        else:
            sections.append([number])
    return sections


def _table(offsets: dict[int, tuple[int, int]]) -> bytes:
    """Return a cross-reference table (7.5.4): lines of exactly 20 bytes."""
    lines = ["xref\n"]
    for section in _sections(sorted(offsets)):
        lines.append(f"{section[0]} {len(section)}\n")
        lines += [f"{offsets[number][0]:010d} {offsets[number][1]:05d} n\r\n" for number in section]
    return "".join(lines).encode("ascii")


def _stream(number: int, offsets: dict[int, tuple[int, int]], trailer: pikepdf.Dictionary) -> bytes:
    """Return a cross-reference stream (7.5.8) as object `number`."""
    sections = _sections(sorted(offsets))
    rows = b"".join(
        b"\x01" + offset.to_bytes(_OFFSET_WIDTH, "big") + generation.to_bytes(2, "big")
        for _, (offset, generation) in sorted(offsets.items())
    )
    trailer.Type = pikepdf.Name.XRef
    trailer.W = pikepdf.Array([1, _OFFSET_WIDTH, 2])
    trailer.Index = pikepdf.Array([number for section in sections for number in (section[0], len(section))])
    trailer.Length = len(rows)
    return NewObject(number, 0, trailer.unparse(), rows).serialised()
