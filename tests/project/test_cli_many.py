"""`govseal verify` of a folder and of a list: a row for everything, gone on with after an end, and one status."""

import csv
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from govseal.adapters import spreadsheet
from govseal.core.errors import GovsealError, InputError
from govseal.project.cli import listing, many, verify
from support.country import result
from support.sealed import Sealed

_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def folder(sealed: Sealed, tmp_path: Path) -> Path:
    """Six files in a folder, one of them below, and one that is hidden."""
    made = tmp_path / "scans"
    (made / "below").mkdir(parents=True)
    (made / "1 genuine.pdf").write_bytes(sealed.several[0].pdf)
    (made / "2 again.pdf").write_bytes(sealed.several[0].pdf)
    (made / "3 revoked.pdf").write_bytes(sealed.revoked.pdf)
    (made / "4 empty.pdf").write_bytes(b"")
    (made / "=5 note.txt").write_text("{ no document")
    (made / "below" / "6.pdf").write_bytes(sealed.alone.pdf)
    (made / ".hidden").write_bytes(sealed.alone.pdf)
    return made


def rows_of(table: Path) -> dict[str, dict[str, str]]:
    with table.open(encoding="utf-8-sig", newline="") as stream:
        return {Path(row["file or link"]).name: row for row in csv.DictReader(stream)}


def rows_of_xlsx(table: Path) -> dict[str, dict[str, str]]:
    with zipfile.ZipFile(table) as book:
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
    header, *rows = [[cell.findtext(".//{*}t", "") for cell in row] for row in sheet.iter(f"{_SHEET}row")]
    found = [dict(zip(header, row, strict=True)) for row in rows]
    return {Path(row["file or link"]).name: row for row in found}


def test_each_file_of_a_folder_is_a_row_and_the_gravest_decides(
    sealed: Sealed, folder: Path, tmp_path: Path
) -> None:
    table = tmp_path / "checked.xlsx"
    done = sealed.country.run("verify", str(folder), "--table", str(table), "--json")
    assert done.returncode == 1, done
    told = result(done)
    assert (told["checked"], told["outcomes"]) == (6, {"revoked": 1, "could_not_check": 2, "genuine": 3})
    assert sorted(file.name for file in tmp_path.iterdir()) == ["checked.xlsx", "scans"]
    rows = rows_of_xlsx(table)
    assert {name: row["outcome"] for name, row in rows.items()} == {
        "1 genuine.pdf": "genuine",
        "2 again.pdf": "genuine",
        "3 revoked.pdf": "revoked",
        "4 empty.pdf": "could not check",
        "=5 note.txt": "could not check",
        "6.pdf": "genuine",
    }
    assert rows["1 genuine.pdf"]["number"] == "B-1"
    assert rows["1 genuine.pdf"]["issuer"]
    assert rows["1 genuine.pdf"]["issued"]
    assert rows["2 again.pdf"]["same document as"] == str(folder / "1 genuine.pdf")
    assert [name for name, row in rows.items() if row["same document as"]] == ["2 again.pdf"]
    assert rows["4 empty.pdf"]["reason"]
    for again in ((), ("--resume",)):  # a finished one is neither written over nor gone on with
        done = sealed.country.run("verify", str(folder), "--table", str(table), "--json", *again)
        assert result(done)["error"]["code"] == "FILE_EXISTS"


def test_an_interrupted_check_is_gone_on_with(sealed: Sealed, folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "checked.csv"
    whole = ("verify", str(folder), "--table", str(table), "--json")
    assert sealed.country.run(*whole).returncode == 1
    finished = table.read_bytes()
    assert result(sealed.country.run(*whole))["error"]["code"] == "FILE_EXISTS"
    lines = finished.splitlines(keepends=True)
    table.write_bytes(b"".join(lines[:3]) + lines[3][:20])
    (folder / "1 genuine.pdf").unlink()  # its row stands: what is done is not done again
    done = sealed.country.run(*whole, "--resume")
    assert (done.returncode, result(done)["checked"]) == (1, 6)
    assert table.read_bytes() == finished


def test_a_list_names_links_and_files_beside_it(sealed: Sealed, tmp_path: Path) -> None:
    (tmp_path / "one.pdf").write_bytes(sealed.alone.pdf)
    listed = tmp_path / "list.csv"
    os.mkfifo(tmp_path / "pipe.pdf")
    entries = [
        sealed.alone.link,
        "one.pdf",
        "gone.pdf",
        "https://elsewhere.example/s#1",
        "",
        "pipe.pdf",
        "/dev/zero",
    ]
    listed.write_text("name,LINK\n" + "".join(f"x,{entry}\n" for entry in entries))
    done = sealed.country.run("verify", str(listed), "--json")
    rows = result(done)["rows"]
    outcomes = [
        "genuine",
        "genuine",
        "could not check",
        "not recognised",
        "could not check",
        "could not check",
    ]
    assert [row["outcome"] for row in rows] == outcomes
    assert rows[0]["file or link"] == rows[0]["link"] == sealed.alone.link
    assert rows[1]["same document as"] == sealed.alone.link
    assert {rows[place]["reason code"] for place in (2, 4, 5)} == {"NO_SUCH_FILE"}
    assert (rows[3]["number"], done.returncode) == ("", 1)
    only = tmp_path / "genuine.csv"
    only.write_text(sealed.alone.link)
    assert sealed.country.run("verify", str(only)).returncode == 0
    only.write_text("gone.pdf")
    done = sealed.country.run("verify", str(only))
    assert done.returncode == 2
    assert "gone.pdf: could not check" in done.stdout


def test_wrong_usage_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    listed, bad, mine = tmp_path / "list.csv", tmp_path / "bad.csv", tmp_path / "mine.xlsx"
    listed.write_text("a.pdf")
    mine.write_bytes(b"mine")
    bad.write_bytes(b"\xff\xfe\x00")
    for what, table, resume, code in (
        (tmp_path / "empty", None, False, "NOTHING_TO_CHECK"),
        (bad, None, False, "NOT_A_TABLE"),
        (tmp_path / "gone.csv", None, False, "NO_SUCH_FILE"),
        (listed, None, True, "USAGE"),
        (listed, tmp_path / "table.ods", False, "USAGE"),
        (mine, None, False, "NOT_A_TABLE"),
        (listed, mine, False, "FILE_EXISTS"),
        (listed, mine, True, "FILE_EXISTS"),
    ):
        with pytest.raises(GovsealError) as error:
            many.verify_many(str(what), table, resume=resume)
        assert error.value.code == code
    assert mine.read_bytes() == b"mine"
    with pytest.raises(InputError):
        verify.verify("scan.pdf", None, None, None, "", tmp_path / "table.csv", False)
    changed = tmp_path / "changed.csv"
    changed.write_bytes(spreadsheet.csv_of([many.HEADER, ["a.pdf", "fine", *[""] * (len(many.HEADER) - 2)]]))
    with pytest.raises(InputError, match="none: 'fine'"):
        many.verify_many(str(listed), changed, resume=True)


def test_ctrl_c_leaves_a_table_to_go_on_with_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_items: object, _done: object, keep: Callable[[list[str]], None]) -> None:
        keep(["a.pdf", "genuine", *[""] * (len(many.HEADER) - 2)])
        raise KeyboardInterrupt

    monkeypatch.setattr(many, "_check", interrupted)
    listed, table = tmp_path / "list.csv", tmp_path / "table.xlsx"
    listed.write_text("a.pdf\nb.pdf\n")
    with pytest.raises(KeyboardInterrupt):
        many.verify_many(str(listed), table, resume=False)
    kept = table.with_suffix(".part.csv")
    assert f"{kept.name}: --resume goes on with the rest" in " ".join(capsys.readouterr().err.split())
    assert [*rows_of(kept)] == ["a.pdf"]
    assert not table.exists()
    monkeypatch.setattr(many, "_check", lambda _items, done, _keep: found_in(done))
    assert many.verify_many(str(listed), table, resume=True) == 0
    assert [*rows_of_xlsx(table)] == ["a.pdf"]
    assert not kept.exists()


def found_in(done: list[list[str]]) -> many._Found:
    found = many._Found()
    for row in done:
        found.add(row)
    return found


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"a.pdf\nb.pdf", ["a.pdf", "b.pdf"]),
        ("\ufeffល.រ,link\r\n1,a.pdf\r\n".encode(), ["a.pdf"]),
        (
            "ឈ្មោះ, ពេញ;Link\nសុខា;a, b.pdf\n".encode(),
            ["a, b.pdf"],
        ),  # Excel, where the comma is a decimal point
        (b"sep=;\r\n1;a.pdf\r\n", ["1"]),
        (b'"sep=\t"\nfile\ta\n"x;y.pdf"\t2\n', ["x;y.pdf"]),
        ("no\tfile\n1\tឯកសារ.pdf\n".encode("utf-16"), ["ឯកសារ.pdf"]),  # Excel's "Unicode text"
        (b"No,Where it leads\n1,https://a.example/s#1\n", ["Where it leads", "https://a.example/s#1"]),
        (b"\n;\n1; https://a.example/x,y \n", ["https://a.example/x,y"]),
        (b'"a ""b"".pdf"\n"two\nlines.pdf"\n', ['a "b".pdf', "two\nlines.pdf"]),
    ],
)
def test_a_list_is_read_as_spreadsheets_save_it(content: bytes, named: list[str], tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_bytes(content)
    assert [item.name for item in listing.items(listed)] == named


def test_a_table_of_ours_is_a_list_too(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    rows = [[name, "genuine", *[""] * (len(many.HEADER) - 2)] for name in ("a.pdf", "https://a.example/s#1")]
    table.write_bytes(spreadsheet.csv_of([many.HEADER, *rows]))
    assert [item.name for item in listing.items(table)] == ["a.pdf", "https://a.example/s#1"]


def test_a_folder_that_cannot_be_looked_into_is_told_and_the_table_is_no_item(tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    for name in ("a.pdf", "table.part.csv", "table.xlsx"):
        (folder / name).write_bytes(b"")
    deep, here = 200 * "d", os.open(folder, os.O_RDONLY)
    for _ in range(21):  # below, a name is longer than the system takes
        os.mkdir(deep, dir_fd=here)
        below = os.open(deep, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    besides = {folder / "table.xlsx", folder / "table.part.csv"}
    whole, closed = listing.items(folder, besides=besides)
    assert whole.name == str(folder / "a.pdf")
    assert closed.name.endswith(deep)
    assert closed.read is not None
    with pytest.raises((InputError, OSError)):
        closed.read()


def test_the_header_says_what_a_row_holds() -> None:
    assert many.HEADER[:8] == (
        "file or link",
        "outcome",
        "reason",
        "issuer",
        "type",
        "number",
        "issued",
        "link",
    )
