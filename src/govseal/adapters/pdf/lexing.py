"""Reads a page's drawing instructions strictly, to tell whether more may be written after them (ISO 32000-1, 7.8.2).

An open string, array or inline image at the end of a page swallows what follows, an open marked content hides it, and a
run of errors makes some programs give up the rest of the page: each program in its own way. So whatever is not plainly well formed
counts as not ending cleanly, and a seal does not go after it.

    closing(b"/P BMC q 1 0 0 1 9 9 cm")   # Q and EMC are owed
    closing(b"BT (never ended")           # None

Takes time linear in the content: no expression here goes back over what it took.

What is *not* here: what is done instead (`stamping`), and what the instructions draw.
"""

import re
import zlib
from dataclasses import dataclass, field
from typing import Final

import pikepdf

from govseal.adapters.pdf.reading import array, name, number

_MOST_OPEN: Final = 100
_CHUNK = 1 << 12  # packed bytes: at most four MiB at a time come out
_SPACE = rb"[\x00\t\n\x0c\r ]"
_END = rb"(?![^\x00\t\n\x0c\r ()<>\[\]{}/%])"
_OPERAND = (
    _SPACE
    + rb"++|%[^\r\n]*+"
    + rb"|[+\-.0-9]++"
    + _END
    + rb"|/[^\x00\t\n\x0c\r ()<>\[\]{}/%]*+"
    + rb"|\((?:[^()\\]|\\.)*+\)"
    + rb"|<[0-9A-Fa-f\x00\t\n\x0c\r ]*+>"
    + rb"|(?:true|false|null)"
    + _END
)
_FLAT = rb"\[(?:" + _OPERAND + rb")*+\]|<<(?:" + _OPERAND + rb")*+>>"
_PLAIN_OPERATORS = (
    rb"(?:w|J|j|M|d|ri|i|gs|cm|m|l|c|v|y|h|re|S|s|f\*?|F|B\*?|b\*?|n|W\*?"
    rb"|Tc|Tw|Tz|TL|Tf|Tr|Ts|Td|TD|Tm|T\*|Tj|TJ|'|\"|CS|cs|SCN?|scn?|G|g|RG|rg|K|k|sh|Do|MP|DP)" + _END
)
_STEP = re.compile(
    rb"(?P<run>(?:"
    + b"|".join((_OPERAND, _FLAT, _PLAIN_OPERATORS))
    + rb")*+)(?P<turn>\(|\[|\]|<<|>>|(?:q|Q|BT|ET|BMC|BDC|EMC|BI)"
    + _END
    + rb")?",
    re.DOTALL,
)
_PAREN = re.compile(rb"(?:[^()\\]|\\.)*+([()])", re.DOTALL)
_PATH = re.compile(
    rb"(?:^|" + _SPACE + rb")(?:(?P<open>m|l|c|v|y|h|re|W\*?)|S|s|f\*?|F|B\*?|b\*?|n)(?=" + _SPACE + rb"|$)"
)
_IMAGE = re.compile(
    rb"(?P<entries>(?:" + _OPERAND + rb"|" + _FLAT + rb")*+)ID(?P<space>" + _SPACE + rb")", re.DOTALL
)
_IMAGE_END = re.compile(_SPACE + rb"*+EI" + _END)
_COMPONENTS = {
    "/G": 1, "/DeviceGray": 1, "/RGB": 3, "/DeviceRGB": 3, "/CMYK": 4, "/DeviceCMYK": 4, "/I": 1, "/Indexed": 1,
}  # fmt: skip
_MARKS = {
    "/A85": b"~>", "/ASCII85Decode": b"~>", "/AHx": b">", "/ASCIIHexDecode": b">", "/DCT": b"\xff\xd9",
    "/DCTDecode": b"\xff\xd9",
}  # fmt: skip
_CLOSED_BY = {b"]": b"[", b">>": b"<<"}


def closing(content: bytes) -> bytes | None:
    """Return the operators that close what the content leaves open; None when it does not end cleanly.

    Args:
        content: all of a page's content streams, decoded, whitespace between them.
    """
    reader, at = _Reader(), 0
    while True:
        step = _STEP.match(content, at)
        if step is None or not reader.takes_run(step["run"]):
            return None
        turn, at = step["turn"], step.end()
        if turn is None:
            return reader.owed() if at == len(content) and reader.is_closed(step["run"]) else None
        after = _after(turn, content, at) if reader.takes(turn) else None
        if after is None:
            return None
        at = after


@dataclass
class _Reader:
    """What is open at a point of the content."""

    states: int = 0
    marks: int = 0
    text: bool = False
    brackets: list[bytes] = field(default_factory=list)

    def takes_run(self, run: bytes) -> bool:
        """Say whether operands and plain operators may stand here: in brackets no operators do."""
        return not self.brackets or _IN_BRACKETS.fullmatch(run) is not None

    def takes(self, turn: bytes) -> bool:
        """Note what opens or closes, and say whether it may do so here."""
        if turn in _CLOSED_BY:
            return bool(self.brackets) and self.brackets.pop() == _CLOSED_BY[turn]
        if turn in _CLOSED_BY.values():
            self.brackets.append(turn)
            return True
        if turn == b"(":
            return True
        self.states += {b"q": 1, b"Q": -1}.get(turn, 0)
        self.marks += {b"BMC": 1, b"BDC": 1, b"EMC": -1}.get(turn, 0)
        if turn in {b"BT", b"ET"}:
            if self.text is (turn == b"BT"):
                return False
            self.text = turn == b"BT"
        return not self.brackets and 0 <= self.states <= _MOST_OPEN and 0 <= self.marks <= _MOST_OPEN

    def owed(self) -> bytes:
        """Return what closes states and marked content; these two may overlap (14.6.1)."""
        return b"Q\n" * self.states + b"EMC\n" * self.marks

    def is_closed(self, run: bytes) -> bool:
        """Say whether nothing but states and marked content is open, when the content ends with this run."""
        paths = list(_PATH.finditer(run)) if not self.brackets else []
        drawing = bool(paths and paths[-1]["open"])
        return not (self.brackets or self.text or drawing)


_IN_BRACKETS = re.compile(rb"(?:" + _OPERAND + rb"|" + _FLAT + rb")*+", re.DOTALL)


def hides_what_follows(content: bytes) -> bool:
    """Say whether the content may leave a layer open, which in some programs hides annotations, too."""
    return b"/OC" in content and content.count(b"BDC") > content.count(b"EMC")


def _after(turn: bytes, content: bytes, at: int) -> int | None:
    """Return where what `turn` begins has ended; None when it has not, or not for every program."""
    if turn == b"(":
        return _after_string(content, at)
    return _after_image(content, at) if turn == b"BI" else at


def _after_string(content: bytes, at: int) -> int | None:
    depth = 1
    while depth:
        paren = _PAREN.match(content, at)
        if paren is None:
            return None
        depth += 1 if paren[1] == b"(" else -1
        at = paren.end()
    return at


def _after_image(content: bytes, at: int) -> int | None:
    """Return where an inline image ends whose data say themselves how long they are (8.9.7)."""
    begin = _IMAGE.match(content, at)
    if begin is None:
        return None
    try:
        entries = pikepdf.Object.parse(b"<<" + begin["entries"] + b">>")
    except pikepdf.PdfError:
        return None
    length = _image_length(entries, content, begin.end())
    end = None if length is None else _IMAGE_END.match(content, begin.end() + length)
    return None if end is None else end.end()


def _image_length(entries: pikepdf.Object, content: bytes, at: int) -> int | None:
    filters = entries.get("/F", entries.get("/Filter"))
    kinds = [name(kind) for kind in (array(filters) if isinstance(filters, pikepdf.Array) else [filters])]
    if filters is None or not kinds:
        return _plain_length(entries)
    if kinds[0] in {"/Fl", "/FlateDecode"}:
        return _packed_length(content, at)
    mark = _MARKS.get(kinds[0])
    end = -1 if mark is None else content.find(mark, at)
    return None if mark is None or end < 0 else end + len(mark) - at


def _plain_length(entries: pikepdf.Object) -> int | None:
    width, height, bits = (
        int(number(entries.get(short, entries.get(long))))
        for short, long in (("/W", "/Width"), ("/H", "/Height"), ("/BPC", "/BitsPerComponent"))
    )
    space = entries.get("/CS", entries.get("/ColorSpace"))
    space = next(iter(array(space)), space)
    if entries.get("/IM", entries.get("/ImageMask", False)):
        bits, components = 1, 1
    else:
        components = _COMPONENTS.get(name(space), 0)
    row = -(-width * bits * components // 8)
    return row * height if row > 0 and height > 0 else None


def _packed_length(content: bytes, at: int) -> int | None:
    inflater, begin = zlib.decompressobj(), at
    while not inflater.eof and at < len(content):
        try:
            inflater.decompress(content[at : at + _CHUNK])
        except zlib.error:
            return None
        at += _CHUNK
    return min(at, len(content)) - begin - len(inflater.unused_data) if inflater.eof else None
