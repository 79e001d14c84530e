"""`govseal print-test`: the sheet is written, and what a scan of it shows is told with what to mend."""

import os
import subprocess
from pathlib import Path

import pypdfium2
import pytest

from support.country import GOVSEAL, PATIENCE, PROJECT, result


def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GOVSEAL_")}
    where = {
        "PYTHONPATH": str(PROJECT / "src"),
        "GOVSEAL_HOME": str(folder),
        "GOVSEAL_HOST": "verify.example",
    }
    return subprocess.run(
        [*GOVSEAL, "print-test", *arguments],
        env={**environment, **where},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sheet and a scan of it at 150 dots an inch."""
    made = tmp_path_factory.mktemp("print")
    done = run(made, "--json")
    assert (done.returncode, result(done)) == (0, {"file": "print-test.pdf"})
    page = pypdfium2.PdfDocument(made / "print-test.pdf")[0]
    page.render(scale=150 / 72).to_pil().save(made / "scan.png", dpi=(150, 150))
    page.render(scale=150 / 72).to_pil().save(made / "fitted.png", dpi=(155, 155))
    return made


def test_a_scan_at_its_size_needs_no_mending(folder: Path) -> None:
    done = run(folder, "--read", "scan.png", "--json")
    told = result(done)
    assert (done.returncode, told["mend"], told["scale"]["by"]) == (0, [], "resolution")
    assert told["scale"]["across"] == pytest.approx(100, abs=0.5)


def test_fit_to_page_is_told_by_the_scan_and_by_the_ruler(folder: Path) -> None:
    done = run(folder, "--read", "fitted.png")
    assert done.returncode == 1
    assert "not known" not in done.stdout
    assert "fit to page" in done.stdout
    told = result(run(folder, "--read", "scan.png", "--ruler", "94", "--json"))
    assert told["scale"] == {"across": 94, "down": 94, "by": "ruler"}


def test_what_is_no_photo_of_the_sheet_is_said_to_be_none(folder: Path) -> None:
    refused = run(folder, "--read", "print-test.pdf", "--json")
    assert result(refused)["error"]["code"] == "MALFORMED_IMAGE"
