"""A template draws from the folder of types alone, and where it is at fault says in which line."""

import json
from pathlib import Path

import pytest

from govseal.adapters.typeset import Typesetter
from govseal.core.errors import InputError, OperatorError
from support.codes import sheet_context
from support.fonts import font_folder

PACKAGE = "@preview/tiny:1.0.0"


@pytest.fixture(scope="module")
def typesetter() -> Typesetter:
    return Typesetter(font_folder())


def own_type(types: Path, template: str) -> Path:
    """Return a document type of a test's own, in a folder of types."""
    folder = types / "own"
    folder.mkdir(parents=True)
    (folder / "template.typ").write_text(template, "utf-8")
    (folder / "schema.json").write_text('{"properties": {"name": {"type": "string", "maxLength": 9}}}')
    (folder / "type.json").write_text('{"fonts": ["Kantumruy Pro"]}')
    return folder


def fault(typesetter: Typesetter, folder: Path) -> OperatorError:
    with pytest.raises(OperatorError) as caught:
        typesetter.render(folder, fields={}, codes={}, context=sheet_context())
    return caught.value


@pytest.mark.parametrize("of", ["own", "common"])
def test_a_link_that_leads_out_is_refused(typesetter: Typesetter, tmp_path: Path, of: str) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    folder = own_type(tmp_path / "types", '#let render(sheet) = read("/own/link")')
    (tmp_path / "types" / "common").mkdir()
    (tmp_path / "types" / of / "link").symlink_to(tmp_path / "secret.txt")
    error = fault(typesetter, folder)
    assert (error.code, f"{of}/link is a link out" in error.message) == ("TEMPLATE_NOT_CLOSED", True)


def test_a_link_within_is_followed(typesetter: Typesetter, tmp_path: Path) -> None:
    folder = own_type(tmp_path / "types", '#let render(sheet) = read("link")')
    (folder / "link").symlink_to(folder / "type.json")
    page = typesetter.render(folder, fields={}, codes={}, context=sheet_context())
    assert page.startswith(b"%PDF")


def test_a_package_is_named_instead_of_fetched(typesetter: Typesetter, tmp_path: Path) -> None:
    folder = own_type(tmp_path / "types", f'#import "{PACKAGE}": render')
    error = fault(typesetter, folder)
    assert (error.code, f"own/template.typ imports {PACKAGE}" in error.message) == (
        "TEMPLATE_NOT_CLOSED",
        True,
    )


def test_what_somebody_once_fetched_is_no_part_of_a_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "data" / "typst" / "packages" / "local" / "tiny" / "1.0.0"
    package.mkdir(parents=True)
    package.joinpath("typst.toml").write_text(
        '[package]\nname = "tiny"\nversion = "1.0.0"\nentrypoint = "tiny.typ"'
    )
    package.joinpath("tiny.typ").write_text("#let render(sheet) = [x]")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = own_type(
        tmp_path / "types", '#import ("@lo" + "cal/tiny:1.0.0"): render'
    )  # not found by reading
    assert "package not found" in fault(Typesetter(font_folder()), folder).message


@pytest.mark.parametrize(
    ("template", "place"),
    [
        ("#let render(sheet) = [\n", "line 1, column 21"),
        ("#let render(sheet) = {\n  lost\n}", "line 2, column 2"),
    ],
)
def test_the_place_of_a_fault_is_told(
    typesetter: Typesetter, tmp_path: Path, template: str, place: str
) -> None:
    error = fault(typesetter, own_type(tmp_path / "types", template))
    assert f"(own/template.typ, {place})" in error.message


@pytest.mark.parametrize("text", ["   ", "\u200b", "\u00a0\u200c"])
def test_a_text_of_which_nothing_can_be_seen_is_refused(
    typesetter: Typesetter, tmp_path: Path, text: str
) -> None:
    folder = own_type(tmp_path / "types", "")
    typesetter.check_fields(folder, {"name": ""})  # absent by the schema's own leave
    with pytest.raises(InputError, match="nothing can be seen of name") as caught:
        typesetter.check_fields(folder, {"name": text})
    assert caught.value.code == "INVALID_FIELDS"


def test_of_a_very_long_value_only_the_beginning_is_repeated(typesetter: Typesetter, tmp_path: Path) -> None:
    folder = own_type(tmp_path / "types", "")
    with pytest.raises(InputError, match="… is too long") as caught:
        typesetter.check_fields(folder, {"name": "W" * 100_000})
    assert len(json.dumps(caught.value.facts["problems"])) < 200
