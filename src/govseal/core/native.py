"""Native documents: the `data` of what this platform issues (docs/protocol.md section 1).

    {issuers[], number, issued, fields{code: value}, labels?, files[], govseal}

`govseal` binds the attested data to the paper: it carries the seal whose secret gives the document's id. Types,
expiry and status are read from here, never from outside the hashed data.

Invariants: `read` accepts exactly what `build` makes; a member that is not named here, missing or of another
type is `MalformedDocument`; the id is the one that the seal's secret gives.

    >>> expires_at(date(2026, 1, 1))
    1767311999

What is *not* here: salting and hashing (`openattestation`), the seal's signature, and any judgement of issuers.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from govseal.core import jose
from govseal.core import secret as secrets
from govseal.core.envelope import FILE_LIMIT
from govseal.core.errors import InputError, MalformedDocument
from govseal.core.seal import Claims, FieldValue, Seal
from govseal.core.seal import read as read_seal
from govseal.core.secret import MAX_FILES

VERSION = 1

_MAX_FIELDS = 200
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SURROGATE = re.compile("[\ud800-\udfff]")  # JSON and salts can hold a lone one; no page, seal or UTF-8 can
_BOTH = 2  # a value in the seal, and one in the document
# What JavaScript or Python trims
_TRIMMED = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_DATA = {"issuers", "number", "issued", "fields", "files", "govseal"}
_BLOCK = {"v", "id", "type", "typeVersion", "issuer", "status", "seal"}
_STATUS = {"list", "idx"}
_FILE = {"filename", "type", "size", "sha256"}


@dataclass(frozen=True, slots=True)
class AttestedFile:
    """A file under the same secret, attested by its hash.

    Attributes:
        filename: as it is offered for saving.
        type: media type.
        size: bytes, before the attested JSON is attached to it.
        sha256: 64 lower-case hex digits over those bytes.
    """

    filename: str
    type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeDocument:
    """What a native document says.

    Attributes:
        issuers: as OpenAttestation's verifiers read them: name, documentStore, identityProof.
        number: the document's number within its institution.
        issued: date of issue.
        fields: values by code.
        labels: for a code, its label per language.
        files: files under the same secret; the first is the sealed sheet.
        id: public id, 32 hex digits.
        type: code of the document's type.
        type_version: version of that type's definition, from 1.
        issuer: `<CC>/<institution code>`.
        status_list: number of the status list.
        status_index: place in that list.
        valid_until: the last day of validity, or None.
        seal: the seal, read; its signature is not checked here.
    """

    issuers: tuple[Mapping[str, Any], ...]
    number: str
    issued: date
    fields: Mapping[str, FieldValue]
    labels: Mapping[str, Mapping[str, str]]
    files: tuple[AttestedFile, ...]
    id: str
    type: str
    type_version: int
    issuer: str
    status_list: int
    status_index: int
    valid_until: date | None
    seal: Seal


def build(
    *,
    issuer_name: str,
    issuer_domain: str,
    document_store: str,
    document_id: str,
    number: str,
    type: str,  # noqa: A002 - the protocol's word, as in the attested data
    type_version: int,
    issuer: str,
    issued: date,
    fields: Mapping[str, FieldValue],
    files: Sequence[AttestedFile],
    status_list: int,
    status_index: int,
    seal: bytes,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    valid_until: date | None = None,
) -> dict[str, Any]:
    """Return the raw `data` of a document, ready to be salted.

    Args:
        issuer_name: shown by OpenAttestation's verifiers; ours show the trust list's.
        issuer_domain: its DNS name, for their DNS-TXT step.
        document_store: checksummed address of its DocumentStore.
        document_id: the id that the seal's secret gives.
        number: see `NativeDocument`, here and below.
        type: code.
        type_version: from 1.
        issuer: `<CC>/<institution code>`.
        issued: date of issue.
        fields: values by code.
        files: attested files.
        status_list: number.
        status_index: place.
        seal: the COSE_Sign1.
        labels: per code and language.
        valid_until: the last day of validity.

    Raises:
        MalformedDocument: something could not be read back as it was given.
        MalformedSeal: `seal` is not in its one form.
    """
    block: dict[str, Any] = {
        "v": VERSION,
        "id": document_id,
        "type": type,
        "typeVersion": type_version,
        "issuer": issuer,
        "status": {"list": status_list, "idx": status_index},
        "seal": jose.base64url(seal),
    }
    if valid_until is not None:
        block["validUntil"] = valid_until.isoformat()
    identity = {"type": "DNS-TXT", "location": issuer_domain}
    data: dict[str, Any] = {
        "issuers": [{"name": issuer_name, "documentStore": document_store, "identityProof": identity}],
        "number": number,
        "issued": issued.isoformat(),
        "fields": dict(fields),
        "files": [asdict(one) for one in files],
        "govseal": block,
    }
    if labels:
        data["labels"] = {code: dict(by_language) for code, by_language in labels.items()}
    read(data)
    return data


def read(data: Any) -> NativeDocument:
    """Return the document that unsalted `data` holds.

    Raises:
        MalformedDocument: it holds none, a member is hidden, or the seal is another document's (`ID_MISMATCH`).
    """
    data = _object(data, _DATA, {"labels"}, "data")
    block = _object(data["govseal"], _BLOCK, {"validUntil"}, "govseal")
    status = _object(block["status"], _STATUS, set(), "status")
    if _integer(block["v"], "v") != VERSION:
        raise MalformedDocument("The document is of a later version than this software knows.")
    document = NativeDocument(
        issuers=tuple(_objects(data["issuers"], "issuers")),
        number=_text(data["number"], "number"),
        issued=_date(data["issued"], "issued"),
        fields=_fields(data["fields"]),
        labels=_labels(data.get("labels", {})),
        files=tuple(_file(one) for one in _objects(data["files"], "files")),
        id=_text(block["id"], "id"),
        type=_text(block["type"], "type"),
        type_version=_integer(block["typeVersion"], "typeVersion", least=1),
        issuer=_text(block["issuer"], "issuer"),
        status_list=_integer(status["list"], "list"),
        status_index=_integer(status["idx"], "idx"),
        valid_until=_date(block["validUntil"], "validUntil") if "validUntil" in block else None,
        seal=_seal(block["seal"]),
    )
    if secrets.document_id(document.seal.claims.secret) != document.id:
        raise MalformedDocument("The document carries another document's seal.", code="ID_MISMATCH")
    return document


def matches_seal(document: NativeDocument, claims: Claims, decisive: Sequence[str]) -> list[str]:
    """Return where a seal and the document differ, by member; empty when they agree (section 7, step 8).

    Args:
        document: the attested one.
        claims: of the scanned seal, or of the document's own.
        decisive: codes of the fields that the type's rule puts in the seal: these and no others.
    """
    own = document.seal.claims
    differences = [
        name
        for name, stated, attested in (
            ("issuer", claims.issuer, document.issuer),
            ("validUntil", claims.expires_at, expires_at(document.valid_until)),
            ("status.list", claims.status_list, document.status_list),
            ("status.idx", claims.status_index, document.status_index),
            ("type", claims.type, document.type),
            ("subject", claims.subject, own.subject),
        )
        if stated != attested
    ]
    # The same type too: to Python 1, 1.0 and True are equal
    for code in sorted({*decisive, *claims.fields}):
        pair = [fields[code] for fields in (claims.fields, document.fields) if code in fields]
        if code not in decisive or len(pair) != _BOTH or (type(pair[0]), pair[0]) != (type(pair[1]), pair[1]):
            differences.append(f"fields.{code}")
    return differences


def expires_at(valid_until: date | None) -> int | None:
    """Return the seal's `exp` for a last day of validity: that day's last second, UTC."""
    if valid_until is None:
        return None
    return int(datetime.combine(valid_until, time(23, 59, 59), UTC).timestamp())


def _object(value: Any, required: set[str], optional: set[str], name: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not required <= value.keys() <= required | optional:
        raise _refusal(name)
    return value


def _objects(value: Any, name: str) -> list[dict[str, Any]]:
    if (
        not isinstance(value, list)
        or len(value) > MAX_FILES
        or not all(isinstance(one, dict) for one in value)
    ):
        raise _refusal(name)
    return value


def _text(value: Any, name: str) -> str:
    """Return a text that can be shown, and that salting gives back unchanged: unsalting trims it."""
    if not isinstance(value, str) or value != value.strip(_TRIMMED) or _SURROGATE.search(value):
        raise _refusal(name)
    return value


def _integer(value: Any, name: str, *, least: int = 0) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise _refusal(name)
    return value


def _date(value: Any, name: str) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise _refusal(name)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise _refusal(name) from None


def _fields(value: Any) -> dict[str, FieldValue]:
    fields = _coded(value, "fields")
    for code, one in fields.items():
        if not isinstance(one, int):  # bool is one
            _text(one, f"fields.{code}")
    return fields


def _labels(value: Any) -> dict[str, dict[str, str]]:
    labels = _coded(value, "labels")
    for code, by_language in labels.items():
        for one in _coded(by_language, f"labels.{code}").values():
            _text(one, f"labels.{code}")
    return labels


def _coded(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict) or len(value) > _MAX_FIELDS or not all(map(_CODE.fullmatch, value)):
        raise _refusal(name)
    return value


def _file(value: Any) -> AttestedFile:
    value = _object(value, _FILE, set(), "files")
    if not isinstance(value["sha256"], str) or not _SHA256.fullmatch(value["sha256"]):
        raise _refusal("sha256")
    size = _integer(value["size"], "size")
    if size > FILE_LIMIT:
        raise _refusal("size")
    return AttestedFile(
        _text(value["filename"], "filename"), _text(value["type"], "type"), size, value["sha256"]
    )


def _seal(value: Any) -> Seal:
    try:
        return read_seal(jose.from_base64url(_text(value, "seal")))
    except InputError:
        raise _refusal("seal") from None


def _refusal(name: str) -> MalformedDocument:
    return MalformedDocument(f"The document's {name} is missing, hidden or has another form.", member=name)
