"""Reads a country pack: who the country is, what documents it knows, whom a demonstration shows.

A pack is data only: `country.json`, and one folder a document type under `types/` with `type.json`,
`labels.json`, `schema.json`, `sample.json` and, when we draw it, `template.typ`.

Invariants: a pack that loads is whole: every language has a text, every type of an institution exists, every
decisive field is a required field of the schema with a label. What is wrong is an `OperatorError` (code
`BAD_COUNTRY_PACK`) that names the file and the fault.

    country = load_country(Path("countries/kh"))
    country.document_types["diploma"].decisive

What is *not* here: typesetting a type and checking values against its schema (`typeset`).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from govseal.core.errors import OperatorError

Texts = Mapping[str, str]
"""Text per language code."""

_CODE = re.compile(r"[a-z][a-z0-9-]{1,31}")
_COUNTRY_CODE = re.compile(r"[A-Z]{2}")
_TIME_ZONE = re.compile(r"[A-Za-z]+(?:/[A-Za-z_+-]+)*")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_DEMO_DOMAIN = re.compile(r"(?:[a-z0-9-]+\.)+example")
_PROFILES = ("compact", "offline")


@dataclass(frozen=True, slots=True)
class DocumentType:
    """A kind of document.

    Attributes:
        code: e.g. `diploma`; also the name of its folder.
        version: 1 or more; a new one whenever schema or decisive fields change.
        folder: where its files are.
        titles: name of the type per language.
        labels: label per language, by field code.
        decisive: codes of the fields that the seal carries.
        profiles: QR profiles to print.
        attachment: file name of the sealed PDF in the attested document.
        pages: how many pages it takes, whatever the fields; None where that depends on them.
        schema: JSON Schema of the fields.
        sample: made-up fields that fit the schema.
    """

    code: str
    version: int
    folder: Path
    titles: Texts
    labels: Mapping[str, Texts]
    decisive: tuple[str, ...]
    profiles: tuple[str, ...]
    attachment: str
    pages: int | None
    schema: Mapping[str, Any]
    sample: Mapping[str, str | int | bool]

    @property
    def typeset(self) -> bool:
        """Whether we draw it; a type without a template is sealed on a PDF that its office brings."""
        return (self.folder / "template.typ").is_file()


@dataclass(frozen=True, slots=True)
class DemoInstitution:
    """An institution that a demonstration plays. Its name is a label: it speaks for no real office.

    Attributes:
        code: e.g. `moeys`.
        names: name per language.
        domain: under `.example`, which no one can own.
        document_types: codes of the types it issues.
    """

    code: str
    names: Texts
    domain: str
    document_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Country:
    """A country pack.

    Attributes:
        code: ISO 3166-1 alpha-2.
        names: name per language.
        languages: language codes, the first is the default.
        time_zone: IANA name of the zone that pages tell times in.
        brand_colour: `#rrggbb`.
        operator: who runs the platform, per language.
        notice: per language, what the demonstration institutions are not.
        institutions: those that a demonstration plays.
        document_types: by code.
        folder: where the pack is.
    """

    code: str
    names: Texts
    languages: tuple[str, ...]
    time_zone: str
    brand_colour: str
    operator: Texts
    notice: Texts
    institutions: tuple[DemoInstitution, ...]
    document_types: Mapping[str, DocumentType]
    folder: Path


def load_country(folder: Path) -> Country:
    """Return the pack in `folder`, e.g. `countries/kh`.

    Raises:
        OperatorError: a file is missing or wrong (code `BAD_COUNTRY_PACK`).
    """
    raw = _File(folder / "country.json")
    languages = raw.strings("languages")
    types = {
        path.parent.name: load_type(path.parent, languages)
        for path in sorted(folder.glob("types/*/type.json"))
    }
    return Country(
        code=raw.matching("code", _COUNTRY_CODE),
        names=raw.texts("names", languages),
        languages=languages,
        time_zone=raw.matching("time_zone", _TIME_ZONE),
        brand_colour=raw.matching("brand_colour", _COLOUR),
        operator=raw.texts("operator", languages),
        notice=raw.texts("notice", languages),
        institutions=tuple(
            _institution(entry, languages, types) for entry in raw.entries("demo_institutions")
        ),
        document_types=types,
        folder=folder,
    )


def load_type(folder: Path, languages: tuple[str, ...] = ("en",)) -> DocumentType:
    """Return the document type in `folder`, whose texts must exist in each of `languages`.

    Raises:
        OperatorError: as `load_country`.
    """
    raw, texts = _File(folder / "type.json"), _File(folder / "labels.json")
    schema = _File(folder / "schema.json")
    fields = tuple(schema.mapping("properties"))
    labels = texts.child("fields")
    kind = DocumentType(
        code=raw.matching("code", _CODE),
        version=raw.whole_number("version"),
        folder=folder,
        titles=texts.texts("title", languages),
        labels={code: labels.texts(code, languages) for code in fields},
        decisive=raw.strings("decisive"),
        profiles=raw.strings("profiles"),
        attachment=raw.text("attachment"),
        pages=raw.whole_number("pages") if "pages" in raw.value else None,
        schema=schema.value,
        sample=_File(folder / "sample.json").value,
    )
    raw.require(kind.code == folder.name, f"code {kind.code!r} is not the folder's name")
    raw.require(set(kind.profiles) <= set(_PROFILES), f"profiles are some of {', '.join(_PROFILES)}")
    unknown = sorted(set(kind.decisive) - set(schema.strings("required")))
    raw.require(not unknown, f"decisive fields that the schema does not require: {', '.join(unknown)}")
    return kind


def _institution(
    raw: "_File", languages: tuple[str, ...], types: Mapping[str, DocumentType]
) -> DemoInstitution:
    institution = DemoInstitution(
        code=raw.matching("code", _CODE),
        names=raw.texts("names", languages),
        domain=raw.matching("domain", _DEMO_DOMAIN),
        document_types=raw.strings("document_types"),
    )
    unknown = sorted(set(institution.document_types) - set(types))
    raw.require(not unknown, f"{institution.code} issues unknown types: {', '.join(unknown)}")
    return institution


class _File:
    """A JSON object of the pack, read with checks that say where a fault is."""

    def __init__(self, path: Path, value: Any = None) -> None:
        self.path = path
        self.value = self._read() if value is None else value
        self.require(isinstance(self.value, dict), "an object is expected")

    def _read(self) -> Any:
        try:
            return json.loads(self.path.read_text("utf-8"))
        except OSError as error:
            raise OperatorError(
                f"{self.path} cannot be read: {error.strerror}.", code="BAD_COUNTRY_PACK"
            ) from error
        except ValueError as error:
            raise OperatorError(f"{self.path} is not JSON: {error}.", code="BAD_COUNTRY_PACK") from error

    def require(self, holds: bool, fault: str) -> None:  # noqa: FBT001 - reads like an assertion
        """Raise, naming the file and the fault, unless the condition holds."""
        if not holds:
            raise OperatorError(f"{self.path}: {fault}.", code="BAD_COUNTRY_PACK", file=str(self.path))

    def text(self, key: str) -> str:
        """Return a text that is not empty."""
        value = self.value.get(key)
        self.require(isinstance(value, str) and value != "", f"{key!r} must be a text")
        return str(value)

    def matching(self, key: str, pattern: re.Pattern[str]) -> str:
        """Return a text of a given form."""
        value = self.text(key)
        self.require(
            pattern.fullmatch(value) is not None,
            f"{key!r} is {value!r}, which has not the form {pattern.pattern}",
        )
        return value

    def whole_number(self, key: str) -> int:
        """Return a number, 1 or more."""
        value = self.value.get(key)
        self.require(type(value) is int and value >= 1, f"{key!r} must be a whole number, 1 or more")
        return int(value)

    def strings(self, key: str) -> tuple[str, ...]:
        """Return a list of distinct texts, at least one."""
        value = self.value.get(key)
        whole = isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)
        self.require(whole and len(set(value)) == len(value), f"{key!r} must be a list of distinct texts")
        return tuple(value)

    def mapping(self, key: str) -> dict[str, Any]:
        """Return an object."""
        return dict(self.child(key).value)

    def child(self, key: str) -> "_File":
        """Return an object to read further."""
        value = self.value.get(key)
        self.require(isinstance(value, dict), f"{key!r} must be an object")
        return _File(self.path, value)

    def entries(self, key: str) -> list["_File"]:
        """Return a list of objects to read further."""
        value = self.value.get(key)
        self.require(isinstance(value, list) and bool(value), f"{key!r} must be a list of objects")
        return [_File(self.path, entry) for entry in value]

    def texts(self, key: str, languages: tuple[str, ...]) -> dict[str, str]:
        """Return a text in each of the languages."""
        texts = self.child(key)
        return {language: texts.text(language) for language in languages}
