"""Page contents that end cleanly, and those after which another program may not show what is written."""

import zlib

import pytest

from govseal.adapters.pdf.lexing import closing

PACKED = zlib.compress(bytes(64))


@pytest.mark.parametrize(
    ("content", "owed"),
    [
        (b"", b""),
        (b"% only a comment", b""),
        (b"q /OC /Hidden BDC /P BMC 0 0 9 9 re f", b"Q\nEMC\nEMC\n"),
        (b"q q Q 1 0 0 1 9 9 cm q", b"Q\nQ\n"),
        (b"1 -.5 +2. rg 0 0 9 9 re W n", b""),
        (b"1 2 m 3 4 l h S", b""),
        (b"BT /F1 9 Tf [(a\\)) -30 (b(c)d)] TJ <0a 1B> Tj (x) ' ET", b""),
        (b"/Span << /E << /F [/a (b)] >> >> BDC EMC", b""),
        (b"q BI /W 9 /H 2 /BPC 8 /CS /G ID " + bytes(18) + b"\nEI Q", b""),
        (b"BI /W 9 /H 2 /IM true ID  EI  EI", b""),
        (b"BI /W 2 /H 1 /BPC 8 /CS [/I /RGB 1 <000000ffffff>] ID ab EI", b""),
        (b"BI /W 8 /H 8 /BPC 8 /CS /G /F /Fl ID " + PACKED + b" EI q", b"Q\n"),
        (b"BI /W 8 /H 8 /BPC 8 /CS /G /F [/A85 /Fl] ID abc~> EI", b""),
    ],
)
def test_content_that_ends_cleanly_is_closed_by_what_it_owes(content: bytes, owed: bytes) -> None:
    assert closing(content) == owed


@pytest.mark.parametrize(
    "content",
    [
        b"Q",
        b"(never closed",
        b"(a(b)",
        b"(a\\)",
        b"[1 2",
        b"[1 (a(b)) ",
        b"<< /a",
        b"<</a <</b 1>>",
        b"<0a",
        b"]",
        b">>",
        b"[ << ]",
        b")",
        b"{",
        b"[ 1 0 0 rg ]",
        b"[ q ]",
        b"/P BMC " * 101,
        b"EMC",
        b"BT (open)",
        b"BT BT ET",
        b"ET",
        b"0 0 9 9 re",
        b"0 0 9 9 re W",
        b"1 2 m 3 4 l 1 0 0 rg",
        b"foo",
        b"1 0 0 1 9 9 cmq",
        b"q " * 101,
        b"BI /W 1",
        b"BI /W 9 /H 9 /BPC 8 /CS /G ID abc\nEI",
        b"BI /W 9 /H 9 /BPC 8 /CS /Odd ID abc\nEI",
        b"BI /W 1 /H 1 /BPC 8 /CS /G ID a",
        b"BI /W 1 /H 1 /F /Fl ID " + PACKED[:-1],
        b"BI /W 1 /H 1 /F /Fl ID abc EI",
        b"BI /W 1 /H 1 /F /CCF ID abc EI",
        b"BI /W 1 /H 1 /F /DCT ID abc EI",
        b"BI /W [ ID a EI",
    ],
)
def test_content_that_could_swallow_or_hide_what_follows_does_not(content: bytes) -> None:
    assert closing(content) is None


@pytest.mark.parametrize("part", [b"(", b"[", b"<", b"[ 1 ", b"(a", b"[(a(b))"])
def test_reading_takes_time_in_proportion_to_the_content(part: bytes) -> None:
    assert closing(part * 100_000) is None  # to go back over it once for each part would never end
