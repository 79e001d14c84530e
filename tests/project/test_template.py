"""`govseal template`: the starters pass, each fault of a template is found, and a new type begins as a copy."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from govseal.adapters.countrypack import load_country
from govseal.adapters.typeset import Typesetter
from govseal.core.errors import InputError, OperatorError, TooLargeError
from govseal.project.cli import template as cli
from govseal.project.cli.output import OUTPUT, Exit
from govseal.project.wiring import worstcase
from govseal.project.wiring.templatecheck import TemplateCheck
from support.conformance import PROJECT
from support.fonts import font_folder

KH = PROJECT / "countries" / "kh"
STARTERS = sorted(path.parent.name for path in KH.glob("types/*/template.typ"))

Spoil = Callable[[Path], Any]


@pytest.fixture(scope="module")
def check() -> TemplateCheck:
    return TemplateCheck(Typesetter(font_folder()))


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the country pack, on which the commands work."""
    copy = shutil.copytree(KH, tmp_path / "kh")
    monkeypatch.setattr(cli, "_country", lambda: load_country(copy))
    monkeypatch.setattr(cli, "_typesetter", lambda: Typesetter(font_folder()))
    monkeypatch.setattr(OUTPUT, "as_json", True)
    return copy


def template(old: str, new: str) -> Spoil:
    """Return what replaces a part of a template that must be there."""

    def spoil(folder: Path) -> None:
        file = folder / "template.typ"
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")

    return spoil


def entry(file: str, **entries: object) -> Spoil:
    """Return what changes members of a JSON file."""

    def spoil(folder: Path) -> None:
        value = json.loads((folder / file).read_text("utf-8"))
        (folder / file).write_text(json.dumps(value | entries), "utf-8")

    return spoil


def schema(code: str, **rule: object) -> Spoil:
    def spoil(folder: Path) -> None:
        value = json.loads((folder / "schema.json").read_text("utf-8"))
        value["properties"][code] = rule
        (folder / "schema.json").write_text(json.dumps(value), "utf-8")

    return spoil


def label(code: str, text: str) -> Spoil:
    def spoil(folder: Path) -> None:
        value = json.loads((folder / "labels.json").read_text("utf-8"))
        value["fields"][code] = {"km": text, "en": "x"}
        (folder / "labels.json").write_text(json.dumps(value), "utf-8")

    return spoil


FAULTS: dict[str, Spoil] = {
    "BAD_COUNTRY_PACK": entry("labels.json", fields={}),
    "BAD_DOCUMENT_TYPE": template("#let render", "#let rendered"),
    "FONT_MISSING": entry("type.json", fonts=["No Such Font"]),
    "INVALID_FIELDS": entry("sample.json", sex="unknown"),
    "KHMER_MISORDERED": label("name", "ខែ្មរ"),
    "LENGTH_UNBOUNDED": schema("register", type="string"),
    "VALUE_TOO_LONG": schema("nationality", type="string", maxLength=900),
    "WRONG_PAGES": template("#head-of-both(sheet, brand)", "#head-of-both(sheet, brand) #pagebreak()"),
    "FIELD_NOT_PLACED": template('mark("register", khmer-number(fields.register))', "fields.register"),
    "CODE_NOT_PLACED": template("scan-panel(sheet, brand),", "[],"),
    "CODE_UNREADABLE": template(
        "scan-panel(sheet, brand),",
        "box(scan-panel(sheet, brand)) + place(line(length: 60mm, angle: 20deg, stroke: 9mm)),",
    ),
    "PLACES_OVERLAP": template("#v(1.2fr)", '#place(mark("one", [x])) #place(mark("two", [x])) #v(1fr)'),
    "TEXT_OFF_PAPER": template("#v(1.2fr)", "#place(dx: 176mm)[far away] #v(1.2fr)"),
    "TEXT_ON_CODE": template(
        "scan-panel(sheet, brand),", "[#scan-panel(sheet, brand)#place(dx: 12mm, dy: -9mm)[x]],"
    ),
}


@pytest.mark.parametrize("code", STARTERS)
def test_a_starter_can_be_used(check: TemplateCheck, code: str) -> None:
    assert check.findings(KH / "types" / code, ("km", "en")) == []


@pytest.mark.parametrize("code", FAULTS)
def test_a_fault_is_found(check: TemplateCheck, tmp_path: Path, code: str) -> None:
    types = shutil.copytree(KH / "types", tmp_path / "types")
    FAULTS[code](types / "birth-certificate")
    found = check.findings(types / "birth-certificate", ("km", "en"))
    assert code in {finding.code for finding in found}, found


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        ("0.8", {"CODE_TOO_SMALL"}),  # modules of 0.41 mm
        ("0.97", {"CODE_TOO_SMALL", "CODE_SMALL"}),  # of 0.49 mm: the compact code is under its least side
    ],
)
def test_a_small_code_is_found(check: TemplateCheck, tmp_path: Path, share: str, expected: set[str]) -> None:
    types = shutil.copytree(KH / "types", tmp_path / "types")
    sheet = types / "common" / "sheet.typ"
    text = sheet.read_text("utf-8")
    assert "drawn.size_mm * 1mm" in text
    sheet.write_text(text.replace("drawn.size_mm * 1mm", f"drawn.size_mm * {share}mm"), "utf-8")
    found = check.findings(types / "diploma", ("km", "en"))
    assert {one.code for one in found} == expected
    assert all(one.grave == (one.code == "CODE_TOO_SMALL") for one in found)


def test_a_type_without_a_template_is_told(check: TemplateCheck) -> None:
    assert [one.code for one in check.findings(KH / "types" / "letter", ("km", "en"))] == ["NO_TEMPLATE"]


def test_the_longest_values_fit_their_schema_and_end_at_a_syllable() -> None:
    rules = {
        "name": {"type": "string", "maxLength": 10},
        "khmer": {"type": "string", "maxLength": 8},
        "sex": {"enum": ["f", "female"]},
        "count": {"type": "integer", "maximum": 12},
        "born": {"type": "string", "format": "date"},
        "year": {"type": "string", "pattern": "^[0-9]{4}$"},
        "absent": {"type": "string", "maxLength": 5},
        "free": True,
    }
    sample = {
        "free": "x",
        "name": "SOK",
        "khmer": "ខ្មែរ",
        "sex": "f",
        "count": 1,
        "born": "2001-01-01",
        "year": "2026",
    }
    longest = worstcase.longest({"properties": rules}, sample, {"year": "1999"})
    assert longest == {
        "name": "SOK SOK SO",
        "khmer": "ខ្មែរ ខ",
        "sex": "female",
        "count": 12,
        "born": "1998-09-28",
        "year": "1999",
        "free": "x",
    }


# --- the commands -----------------------------------------------------------------------------------------


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return dict(json.loads(capsys.readouterr().out))


def test_the_types_are_listed(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.list_()
    types = {one["code"]: one for one in said(capsys)["types"]}
    assert set(types) == {*STARTERS, "letter"}
    assert (types["letter"]["drawn"], types["diploma"]["titles"]["en"]) == (False, "Diploma")


def test_a_new_type_is_a_copy_that_can_be_used_at_once(
    pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.new("fishing-permit", like="birth-certificate")
    folder = Path(said(capsys)["folder"])
    assert folder == pack / "types" / "fishing-permit"
    assert load_country(pack).document_types["fishing-permit"].attachment == "fishing-permit.pdf"
    assert cli.check("fishing-permit") is Exit.DONE
    assert said(capsys) == {"type": "fishing-permit", "usable": True, "findings": []}


@pytest.mark.parametrize(
    ("name", "like"), [("Bad Name", "diploma"), ("diploma", "diploma"), ("new", "letter"), ("new", "no")]
)
def test_a_new_type_that_cannot_be_is_refused(pack: Path, name: str, like: str) -> None:
    with pytest.raises(InputError):
        cli.new(name, like=like)


def test_a_faulty_type_ends_the_check_with_its_status(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry("type.json", fonts=["No Such Font"])(pack / "types" / "diploma")
    assert cli.check(str(pack / "types" / "diploma")) is Exit.NOT_GENUINE
    assert said(capsys)["findings"][0]["code"] == "FONT_MISSING"


def test_a_preview_is_a_pdf_and_a_picture_of_each_page(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fields = tmp_path / "fields.json"
    sample = json.loads((pack / "types" / "transcript" / "sample.json").read_text("utf-8"))
    fields.write_text(json.dumps(sample | {"name": "DARA"}), "utf-8")
    cli.preview("transcript", fields=fields, language="en", out=tmp_path / "out", dpi=40)
    told = said(capsys)
    assert told["fields"]["Name in Latin letters"] == "DARA"
    assert {"name", "qr:compact"} <= {one["name"] for one in told["regions"]}
    assert Path(told["file"]).read_bytes().startswith(b"%PDF")
    assert [Path(one).name for one in told["pictures"]] == ["transcript-1.png"]


@pytest.mark.parametrize(
    ("given", "fault"), [("{", "not JSON"), ("[]", "one JSON object"), (None, "cannot be read")]
)
def test_fields_that_cannot_be_read_are_told(
    pack: Path, tmp_path: Path, given: str | None, fault: str
) -> None:
    file = tmp_path / "fields.json"
    if given is not None:
        file.write_text(given)
    with pytest.raises(InputError, match=fault):
        cli.preview("diploma", fields=file, language="", out=tmp_path, dpi=40)


def test_a_language_without_labels_is_told(pack: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'lo'"):
        cli.preview("diploma", fields=None, language="lo", out=tmp_path, dpi=40)


def test_labels_in_a_language_that_the_pack_lacks_are_told_where_a_type_has_them(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = pack / "types" / "press-release" / "labels.json"
    told = json.loads(labels.read_text("utf-8"))
    told["title"] |= {"lo": "ຖະແຫຼງການ"}
    told["fields"] = {code: texts | {"lo": f"ຊື່ {code}"} for code, texts in told["fields"].items()}
    labels.write_text(json.dumps(told), "utf-8")
    cli.preview("press-release", fields=None, language="lo", out=tmp_path, dpi=40)
    assert "ຊື່ place" in said(capsys)["fields"]


def test_of_a_release_without_end_the_first_pages_are_pictures(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template("#let render(sheet) = [", "#let render(sheet) = [#for _ in range(30) { pagebreak() }")(
        pack / "types" / "press-release"
    )
    cli.preview("press-release", fields=None, language="", out=tmp_path, dpi=30)
    assert len(said(capsys)["pictures"]) == 20


def test_a_page_that_no_paper_has_is_not_drawn(pack: Path, tmp_path: Path) -> None:
    template("width: page-width,", "width: 99 * page-width,")(pack / "types" / "diploma")
    with pytest.raises(TooLargeError, match="29403 x 210 mm is too large to be drawn at 600 dpi"):
        cli.preview("diploma", fields=None, language="", out=tmp_path, dpi=600)


def test_a_template_that_repeats_without_end_is_left(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It repeats for a second or two, so that no test after this one has it for company."""
    loop = "#for a in range(1000) { for b in range(1000) { let c = a } }"
    template("#let render(sheet) = [", f"#let render(sheet) = [{loop}")(pack / "types" / "diploma")
    monkeypatch.setattr(cli, "_SECONDS", 0.01)
    with pytest.raises(OperatorError, match="repeats without end") as caught:
        cli.check("diploma")
    assert caught.value.code == "TEMPLATE_TOO_SLOW"


def test_what_is_wrong_with_every_sheet_is_told_once(check: TemplateCheck, tmp_path: Path) -> None:
    types = shutil.copytree(KH / "types", tmp_path / "types")
    FAULTS["BAD_DOCUMENT_TYPE"](types / "birth-certificate")
    assert len(check.findings(types / "birth-certificate", ("km", "en"))) == 1


def test_a_preview_of_a_type_without_a_template_says_what_its_pdfs_are_for(
    pack: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"letter has no template\.typ: its PDFs are sealed as they come"):
        cli.preview("letter", fields=None, language="", out=tmp_path, dpi=40)
