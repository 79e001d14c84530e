"""The `data` of native documents, before salting (docs/protocol.md section 1), and section 7's step 8."""

from datetime import date
from typing import Any

from govseal.core import native
from govseal.core.secret import document_id
from makers.common import NAME, claims, drawn, refused, sealed

_FIELDS = {"name": NAME, "number": "BAC-2026-001234", "grade": "A", "score": 412, "passed": True}
_DECISIVE = ["grade", "name", "number"]


def cases() -> dict[str, Any]:
    """Return the vectors."""
    return {
        "valid": [
            built(),
            built(valid_until=date(2026, 12, 31), labels={}),
            built(files=[], fields={}),
        ],
        "invalid": [
            refused(why, {"data": data}, lambda data=data: native.read(data)) for why, data in _malformed()
        ],
        "matches": [_match(*one) for one in _matches()],
    }


def built(**changed: Any) -> dict[str, Any]:
    """Return a diploma's data, with changes."""
    seal = changed.pop("seal", None) or sealed()
    stated: dict[str, Any] = {
        "issuer_name": "Ministry of Education",
        "issuer_domain": "moeys.example",
        "document_store": "0x" + "A1" * 20,
        "document_id": document_id(drawn("secret", 16)),
        "number": "BAC-2026-001234",
        "type": "diploma",
        "type_version": 1,
        "issuer": "KH/moeys",
        "issued": date(2026, 1, 1),
        "fields": _FIELDS,
        "files": [native.AttestedFile("diploma.pdf", "application/pdf", 50_000, drawn("pdf", 32).hex())],
        "status_list": 1,
        "status_index": 70_123,
        "labels": {"name": {"km": "ឈ្មោះ", "en": "Name"}},
    }
    return native.build(**{**stated, **changed}, seal=seal)


def _malformed() -> list[tuple[str, Any]]:
    good = built()
    block = good["govseal"]
    file = good["files"][0]
    members: list[tuple[str, dict[str, Any]]] = [
        ("an unknown member", {"more": 1}),
        ("issuers that are an object", {"issuers": {}}),
        ("a number that is a number", {"number": 7}),
        ("a number with a space after it", {"number": "A "}),
        ("a number with a byte order mark after it", {"number": "A\ufeff"}),
        ("a date that is a time", {"issued": "2026-01-01T00:00:00Z"}),
        ("a date that does not exist", {"issued": "2026-02-30"}),
        ("a date in Khmer digits", {"issued": "២០២៦-០១-០១"}),
        ("a field that is null", {"fields": {"a": None}}),
        ("a field that is a fraction", {"fields": {"a": 1.5}}),
        ("a field that is a list", {"fields": {"a": []}}),
        ("a field whose code has a dot", {"fields": {"a.b": "c"}}),
        ("a label that is a text", {"labels": {"a": "b"}}),
        ("a label that is a number", {"labels": {"a": {"en": 1}}}),
        ("an file of unknown size", {"files": [{**file, "size": None}]}),
        ("an file of negative size", {"files": [{**file, "size": -1}]}),
        ("an file beyond 64 MiB", {"files": [{**file, "size": (64 << 20) + 1}]}),
        ("a hash in upper case", {"files": [{**file, "sha256": "AB" * 32}]}),
    ]
    blocks: list[tuple[str, dict[str, Any]]] = [
        ("a later version", {"v": 2}),
        ("a version of true", {"v": True}),
        ("another document's id", {"id": "00" * 16}),
        ("a type version of 0", {"typeVersion": 0}),
        ("a status without its place", {"status": {"list": 1}}),
        ("a status with more in it", {"status": {"list": 1, "idx": 1, "uri": "x"}}),
        ("an expiry of null", {"validUntil": None}),
        ("a seal that is not base64url", {"seal": "***"}),
        ("a seal with its padding", {"seal": block["seal"] + "="}),
        ("a seal cut short", {"seal": block["seal"][:-4]}),
        ("an unknown member in govseal", {"more": 1}),
    ]
    hidden = [
        ({name: value for name, value in good.items() if name != gone}, gone)
        for gone in good
        if gone != "labels"
    ]
    hidden += [
        ({**good, "govseal": {name: value for name, value in block.items() if name != gone}}, gone)
        for gone in block
    ]
    return [
        ("nothing", None),
        ("a list", []),
        *((why, {**good, **changed}) for why, changed in members),
        *((why, {**good, "govseal": {**block, **changed}}) for why, changed in blocks),
        *((f"{gone} is hidden", data) for data, gone in hidden),
    ]


def _matches() -> list[tuple[dict[str, Any], dict[str, Any], list[str]]]:
    """Return (changes of the data, changes of the seal's claims, decisive fields)."""
    sealed_fields = dict(claims().fields)
    until = {"valid_until": date(2026, 12, 31)}
    return [
        ({}, {}, _DECISIVE),
        (until, {"expires_at": 1_798_761_599}, _DECISIVE),
        (until, {}, _DECISIVE),
        (until, {"expires_at": 1_798_761_600}, _DECISIVE),
        ({}, {"issuer": "KH/moh"}, _DECISIVE),
        ({}, {"type": "licence"}, _DECISIVE),
        ({}, {"status_list": 2, "status_index": 3}, _DECISIVE),
        ({}, {"fields": {**sealed_fields, "grade": "B"}}, _DECISIVE),
        ({}, {"fields": {**sealed_fields, "name": NAME + "\u200b"}}, _DECISIVE),
        ({}, {"fields": {**sealed_fields, "score": 412}}, _DECISIVE),
        ({}, {"fields": {**sealed_fields, "score": 412}}, [*_DECISIVE, "score"]),
        ({}, {"fields": {**sealed_fields, "passed": 1}}, [*_DECISIVE, "passed"]),
        ({}, {}, [*_DECISIVE, "score"]),
        ({}, {"fields": {**sealed_fields, "absent": "x"}}, [*_DECISIVE, "absent"]),
        ({}, {"subject": {1: "KH-0001"}}, _DECISIVE),
    ]


def _match(data_changes: dict[str, Any], seal_changes: dict[str, Any], decisive: list[str]) -> dict[str, Any]:
    data = built(**data_changes)
    stated = claims(**seal_changes)
    return {
        "data": data,
        "seal": sealed(**seal_changes).hex(),
        "decisive": decisive,
        "differences": native.matches_seal(native.read(data), stated, decisive),
    }
