"""`govseal seal` on PDFs as offices have them: places, passwords, signatures, active content, and what is said."""

import io
import os
import pty
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from govseal.core.errors import InputError
from govseal.project.cli.inputs import number_of, read_file
from support.conformance import PROJECT
from support.country import Country, result
from support.oddpdfs import LOCKED, PASSWORD
from support.pdfs import document, root, script
from support.pdfsigning import Hand

HAND = Hand()


@pytest.fixture(scope="module")
def office(country: Country) -> Iterator[str]:
    code = country.institution()
    with country.worker():
        yield code


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of PDFs and a password."""
    files = {
        "large.pdf": document(pages=2, box=(0, 0, 842, 1191), contents=b""),
        "signed.pdf": HAND.sign(document(contents=b"")),
        "locked.pdf": document(contents=b"", encryption=LOCKED),
        "script.pdf": document(root(OpenAction=script()), contents=b""),
        "none.pdf": b"not a PDF",
        "password.txt": PASSWORD.encode() + b"\n",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def by_number(done: Any) -> dict[str, dict[str, Any]]:
    told = result(done)
    assert "documents" in told, told
    return {one["number"]: one for one in told["documents"]}


def test_every_kind_is_sealed_or_refused_by_itself_and_verifies(
    country: Country, office: str, folder: Path
) -> None:
    names = ["large.pdf", "signed.pdf", "locked.pdf", "script.pdf", "none.pdf"]
    done = country.run(
        "seal", *(str(folder / name) for name in names), "--institution", office, "--out", str(folder), "--json",
        "--all-pages", "--position", "bottom-right:20,25", "--password-file", str(folder / "password.txt"),
    )  # fmt: skip
    told = by_number(done)
    assert done.returncode == 1
    assert {number: one["error"] for number, one in told.items() if "error" in one} == {
        "script": "PDF_ACTIVE",
        "none": "MALFORMED_PDF",
    }
    said = {number: {notice["code"] for notice in one.get("notices", ())} for number, one in told.items()}
    assert (said["large"], said["signed"]) == ({"MODULE_TOO_SMALL_ON_A4"}, {"SIGNATURES_KEPT"})
    assert said["locked"] == {"PDF_UNLOCKED"}
    for number in ("large", "signed", "locked"):
        checked = country.run("verify", told[number]["file"], "--json")
        assert (checked.returncode, result(checked)["outcome"]) == (0, "genuine"), checked
    assert [status.bottom_line for status in HAND.judge(Path(told["signed"]["file"]).read_bytes())] == [True]
    with pikepdf.open(told["large"]["file"]) as opened:
        assert all(len(page.obj.Contents) > 1 for page in opened.pages)
    sheet = Path(told["large"]["file"]).read_bytes()
    named = ["--number", "large", "--institution", office, "--out", str(folder), "--json"]
    again = by_number(country.run("seal", str(folder / "large.pdf"), *named))["large"]
    assert (again["id"], again["notices"][0]["code"]) == (told["large"]["id"], "ALREADY_SEALED")
    (folder / "large.pdf").write_bytes((folder / "signed.pdf").read_bytes())  # another paper of that name
    other = by_number(country.run("seal", str(folder / "large.pdf"), *named))["large"]
    assert other["error"] == "NUMBER_TAKEN"
    assert Path(told["large"]["file"]).read_bytes() == sheet


def test_active_content_goes_when_asked_and_a_person_is_told(
    country: Country, office: str, folder: Path
) -> None:
    done = country.run(
        "seal",
        str(folder / "script.pdf"),
        "--institution",
        office,
        "--out",
        str(folder),
        "--remove-active-content",
    )
    assert done.returncode == 0, done
    assert "! Active content was removed." in done.stdout


def test_two_files_of_one_name_are_not_sealed_as_one(country: Country, office: str, folder: Path) -> None:
    (folder / "other").mkdir()
    (folder / "other" / "large.pdf").write_bytes((folder / "signed.pdf").read_bytes())
    done = country.run(
        "seal", str(folder / "large.pdf"), str(folder / "other" / "large.pdf"), "--institution", office
    )
    assert (done.returncode, "would both be number large" in done.stderr) == (64, True)


@pytest.mark.parametrize("number", ["", " ", "n" * 129, "a\x1b[31m", "a\nb", "a\u202eb", "a\udcff"])
def test_a_number_that_cannot_be_printed_in_a_line_is_refused(number: str) -> None:
    with pytest.raises(InputError) as caught:
        number_of(number)
    assert caught.value.code == "NUMBER_UNUSABLE"


def test_a_file_without_an_end_is_read_to_the_limit_only() -> None:
    with pytest.raises(InputError) as caught:
        read_file("/dev/zero", 1 << 20)
    assert caught.value.code == "TOO_LARGE"


def test_who_cannot_be_asked_for_a_password_is_told_so(country: Country, office: str, folder: Path) -> None:
    locked = str(folder / "locked.pdf")
    done = country.run("seal", locked, "--institution", office, "--number", "asked", "--json")
    assert by_number(done)["asked"]["error"] == "PDF_ENCRYPTED"


@pytest.mark.parametrize(
    "arguments",
    [["--page", "0"], ["--position", "middle"], ["--position", "1,"], ["--password-file", "none.txt"]],
)
def test_a_place_or_password_that_is_none_is_wrong_usage(
    country: Country, office: str, folder: Path, arguments: list[str]
) -> None:
    done = country.run("seal", str(folder / "signed.pdf"), "--institution", office, *arguments)
    assert (done.returncode, done.stderr[:2]) == (64, "✗ ")


def test_a_password_is_asked_for_at_the_terminal_and_not_shown(folder: Path) -> None:
    asking = (
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "os.open(os.ttyname(0), os.O_RDWR)  # a session's first terminal is the one it asks at\n"
        "from pathlib import Path\n"
        "from govseal.project.cli.ownpdfs import unlocked\n"
        "from govseal.project.wiring.place import Wishes\n"
        "file = Path(sys.argv[2])\n"
        "print('got', len(unlocked(file, file.read_bytes(), Wishes(), None).password))\n"
    )
    ours, theirs = pty.openpty()
    arguments = [sys.executable, "-c", asking, str(PROJECT / "src"), str(folder / "locked.pdf")]
    with subprocess.Popen(
        arguments, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        seen = io.BytesIO()
        while b"Password of locked.pdf" not in seen.getvalue():
            seen.write(os.read(ours, 1024))
        while termios.tcgetattr(ours)[3] & termios.ECHO:  # what is typed before that is thrown away
            time.sleep(0.01)
        os.write(ours, PASSWORD.encode() + b"\n")
        while not seen.getvalue().partition(b"got")[2].endswith(b"\n"):
            seen.write(os.read(ours, 1024))
    os.close(ours)
    assert process.returncode == 0
    assert f"got {len(PASSWORD)}".encode() in seen.getvalue()
    assert PASSWORD.encode() not in seen.getvalue()
