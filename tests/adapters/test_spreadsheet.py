"""Tables that people keep: whole after any end, and nothing in them that a spreadsheet would run."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.adapters import spreadsheet
from govseal.core.errors import InputError, RefusedError

HEADER = ["file", "outcome"]
HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "a\r\n=1",
    'ខ្មែរ, "x"; =1',
    ';-1;"@x',
    20_000 * ";=",
    "\x00",
    "\udcff",
    40_000 * "x",
]


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


@given(st.lists(st.lists(st.text() | st.sampled_from(HOSTILE), min_size=2, max_size=2), max_size=5))
def test_no_cell_is_a_formula_and_each_row_is_a_line(rows: list[list[str]]) -> None:
    content = spreadsheet.csv_of(rows)
    assert content.count(b"\r\n") == len(content[3:].splitlines()) == len(rows)
    found = read(content)
    assert found == [spreadsheet.cells(row) for row in rows]
    elsewhere = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    cells = [cell for row in (*found, *elsewhere) for cell in row]
    assert not [cell for cell in cells if re.match(r" *[=+\-@\t]", cell)]
    assert max(map(len, (cell for row in found for cell in row)), default=0) <= spreadsheet.CELL_CHARACTERS


def test_what_is_written_to_xlsx_is_text(tmp_path: Path) -> None:
    file = tmp_path / "table.xlsx"
    spreadsheet.write_xlsx(
        file, [HEADER, HOSTILE[:2], ["ខ្មែរ", "https://verify.example/s#1"], [HOSTILE[-1], "\udcff"]]
    )
    with zipfile.ZipFile(file) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert re.findall(r"<t[^>]*>([^<]{1,40})</t>", sheet)[:6] == [
        "file",
        "outcome",
        "=1+1",
        "+1",
        "ខ្មែរ",
        "https://verify.example/s#1",
    ]
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


def test_an_xlsx_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "table.xlsx"

    def broken() -> Iterator[list[str]]:
        yield HEADER
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        spreadsheet.write_xlsx(file, broken())
    assert not [*tmp_path.iterdir()]
    with pytest.raises(FileNotFoundError):
        spreadsheet.write_xlsx(tmp_path / "gone" / "table.xlsx", [HEADER])


def test_a_table_is_gone_on_with_after_a_row_that_was_not_finished(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    with spreadsheet.GrowingCsv(file, HEADER) as table:
        table.append(["a", "genuine"])
        assert read(file.read_bytes())[-1] == ["a", "genuine"]  # before it is closed
        table.append(["=b", "revoked"])
    with file.open("ab") as stream:
        stream.write(b'"c","genu')
    with spreadsheet.GrowingCsv(file, HEADER, resume=True) as table:
        assert table.rows == [["a", "genuine"], ["'=b", "revoked"]]
        table.append(["c", "genuine"])
    assert (
        read(file.read_bytes()) == list(spreadsheet.rows_of(file)) == [HEADER, *table.rows, ["c", "genuine"]]
    )


def test_a_table_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_bytes(b"mine")
    with pytest.raises(RefusedError) as error:
        spreadsheet.GrowingCsv(file, HEADER)
    assert error.value.code == "FILE_EXISTS"
    assert file.read_bytes() == b"mine"


@pytest.mark.parametrize(
    "content",
    [b"", b"mine", b'"file","other"\r\n', b'"file","outcome"\r\n"a"\r\n', b"\xff\xfe\r\n", b'"a"b\r\n'],
)
def test_what_is_no_table_of_ours_is_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "table.csv"
    file.write_bytes(content)
    with pytest.raises(InputError) as error:
        spreadsheet.GrowingCsv(file, HEADER, resume=True)
    assert error.value.code == "NOT_A_TABLE"
    assert file.read_bytes() == content
