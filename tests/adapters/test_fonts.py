"""The faces for typesetting: made once, named as templates name them, Khmer shaping kept."""

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from govseal.adapters import fonts
from govseal.core.errors import OperatorError
from support.fonts import NODE_MODULES, font_folder

KHMER_KA, KHMER_COENG, KHMER_ZERO, E_ACUTE, LONG_DASH = 0x1780, 0x17D2, 0x17E0, 0xE9, 0x2014


@pytest.fixture(scope="module")
def folder() -> Path:
    return font_folder()


def test_each_face_is_one_file_with_the_family_and_weight_that_templates_ask_for(folder: Path) -> None:
    for face in fonts.FACES:
        font = TTFont(folder / face.file_name)
        assert font["name"].getBestFamilyName() == face.family
        assert font["OS/2"].usWeightClass == face.weight


def test_one_face_holds_khmer_and_accented_latin(folder: Path) -> None:
    characters = TTFont(folder / "kantumruy-pro-400.ttf").getBestCmap()
    assert {KHMER_KA, KHMER_COENG, KHMER_ZERO, E_ACUTE, LONG_DASH} <= set(characters)


@pytest.mark.parametrize("name", ["kantumruy-pro-400.ttf", "kantumruy-pro-700.ttf", "moul-400.ttf"])
def test_the_rules_that_stack_khmer_subscripts_survive_the_merge(folder: Path, name: str) -> None:
    rules = TTFont(folder / name)["GSUB"].table
    scripts = {record.ScriptTag: record.Script for record in rules.ScriptList.ScriptRecord}
    khmer = scripts["khmr"].DefaultLangSys
    features = {rules.FeatureList.FeatureRecord[index].FeatureTag for index in khmer.FeatureIndex}
    assert {"pref", "blwf", "abvs"} <= features


def test_a_second_call_makes_nothing_again(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in fonts.build(NODE_MODULES, folder)}
    assert {path: path.stat().st_mtime_ns for path in fonts.build(NODE_MODULES, folder)} == before


def test_the_same_packages_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    moul = fonts.FACES[-1:]
    (again,) = fonts.build(NODE_MODULES, tmp_path, moul)
    assert again.read_bytes() == (folder / again.name).read_bytes()


def test_a_missing_package_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="make setup") as caught:
        fonts.build(tmp_path / "node_modules", tmp_path / "fonts")
    assert caught.value.code == "FONT_SOURCE_MISSING"
    assert caught.value.facts["font"] == "Kantumruy Pro"


def test_a_broken_package_leaves_no_half_made_face(tmp_path: Path) -> None:
    face = fonts.FACES[-1]
    for part in face.parts(tmp_path):
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(b"not a font")
    with pytest.raises(OperatorError, match="Moul"):
        fonts.build(tmp_path, tmp_path / "fonts", [face])
    assert list((tmp_path / "fonts").iterdir()) == []
