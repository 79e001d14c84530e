"""Country packs: the Cambodian one is whole, and what a pack lacks is named with its file."""

import json
import shutil
from pathlib import Path

import pytest

from govseal.adapters import pdf, photo
from govseal.adapters.countrypack import Country, load_country, load_type
from govseal.adapters.qrimage import QrReader
from govseal.adapters.typeset import Typesetter
from govseal.core.errors import OperatorError
from support.codes import drawn, sheet_context
from support.conformance import PROJECT
from support.fonts import font_folder

KH = PROJECT / "countries" / "kh"
TYPESET = (
    "birth-certificate",
    "business-licence",
    "diploma",
    "press-release",
    "residence-certificate",
    "transcript",
)


@pytest.fixture(scope="module")
def country() -> Country:
    return load_country(KH)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the pack, to be spoilt."""
    return shutil.copytree(KH, tmp_path / "kh")


def spoil(path: Path, **entries: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | entries), "utf-8")


def test_the_pack_has_its_languages_colour_and_demonstration_institutions(country: Country) -> None:
    assert (country.code, country.languages, country.brand_colour) == ("KH", ("km", "en"), "#014F99")
    assert len(country.institutions) == 5
    assert set(country.document_types) == {*TYPESET, "letter"}


def test_the_pack_says_plainly_that_its_institutions_are_not_the_ministries(country: Country) -> None:
    assert "labels of a demonstration only" in country.notice["en"]
    assert all(institution.domain.endswith(".demo.example") for institution in country.institutions)


@pytest.mark.parametrize("code", [*TYPESET, "letter"])
def test_every_field_of_a_type_has_a_label_in_every_language(country: Country, code: str) -> None:
    kind = country.document_types[code]
    assert set(kind.labels) == set(kind.schema["properties"])
    assert all(set(texts) == {"km", "en"} for texts in (*kind.labels.values(), kind.titles))


@pytest.mark.parametrize("code", TYPESET)
def test_the_sample_is_typeset_and_every_code_reads_back_from_every_page_that_bears_one(
    country: Country, code: str
) -> None:
    kind, codes = country.document_types[code], drawn()
    page = Typesetter(font_folder()).render(
        kind.folder,
        fields=kind.sample,
        codes={profile: codes[profile] for profile in kind.profiles},
        context=sheet_context(),
    )
    found = [len(on_page) for _, on_page in QrReader(pdf.page_images, photo.pages).read_pdf(page)]
    assert found == [len(kind.profiles)]


def test_a_type_alone_may_be_loaded_in_other_languages() -> None:
    assert load_type(KH / "types" / "diploma", ("en", "km")).titles["en"] == "Diploma"
    with pytest.raises(OperatorError, match="'lo' must be a text"):
        load_type(KH / "types" / "diploma", ("lo",))


@pytest.mark.parametrize(
    ("file", "entries", "fault"),
    [
        ("country.json", {"code": "Kh"}, "'code' is 'Kh'"),
        ("country.json", {"brand_colour": "blue"}, "'brand_colour' is 'blue'"),
        ("country.json", {"languages": []}, "'languages' must be a list"),
        ("country.json", {"languages": ["km", "en", "fr"]}, "'fr' must be a text"),
        ("country.json", {"demo_institutions": {}}, "'demo_institutions' must be a list"),
        ("types/diploma/type.json", {"code": "degree"}, "is not the folder's name"),
        ("types/diploma/type.json", {"version": 0}, "'version' must be a whole number"),
        ("types/diploma/type.json", {"version": True}, "'version' must be a whole number"),
        ("types/diploma/type.json", {"profiles": ["giant"]}, "profiles are some of"),
        ("types/diploma/type.json", {"decisive": ["name", "name"]}, "distinct"),
        ("types/press-release/type.json", {"decisive": ["signer"]}, "does not require: signer"),
        ("types/diploma/labels.json", {"fields": {}}, "'name' must be an object"),
    ],
)
def test_a_fault_in_a_pack_is_named_with_its_file(
    copy: Path, file: str, entries: dict[str, object], fault: str
) -> None:
    spoil(copy / file, **entries)
    with pytest.raises(OperatorError, match=fault) as caught:
        load_country(copy)
    assert caught.value.code == "BAD_COUNTRY_PACK"
    assert caught.value.facts["file"].startswith(str(copy))


def test_an_institution_of_an_unknown_type_or_a_real_domain_is_refused(copy: Path) -> None:
    institution = json.loads((KH / "country.json").read_text("utf-8"))["demo_institutions"][0]
    spoil(copy / "country.json", demo_institutions=[institution | {"document_types": ["passport"]}])
    with pytest.raises(OperatorError, match="unknown types: passport"):
        load_country(copy)
    spoil(copy / "country.json", demo_institutions=[institution | {"domain": "moeys.gov.kh"}])
    with pytest.raises(OperatorError, match=r"'domain' is 'moeys\.gov\.kh'"):
        load_country(copy)


@pytest.mark.parametrize("file", ["country.json", "types/diploma/labels.json", "types/diploma/schema.json"])
def test_a_missing_or_broken_file_is_named(copy: Path, file: str) -> None:
    (copy / file).write_text("{", "utf-8")
    with pytest.raises(OperatorError, match=f"{file} is not JSON"):
        load_country(copy)
    (copy / file).unlink()
    with pytest.raises(OperatorError, match=f"{file} cannot be read: No such file or directory"):
        load_country(copy)


def test_a_type_without_a_template_is_for_pdfs_that_an_office_brings(country: Country) -> None:
    assert {code for code, kind in country.document_types.items() if not kind.typeset} == {"letter"}
