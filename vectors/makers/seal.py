"""Seals (docs/protocol.md section 5)."""

import base64
import zlib
from dataclasses import asdict
from typing import Any

from govseal.core import cbor, seal
from govseal.core.errors import BadSignature
from makers.common import certificate, claims, drawn, key, refused, sealed, signer

_KID = seal.key_id(certificate("moeys"))
_SUBJECT = {1: "KH-0001", 4: "Sok Chandara", 8: "20010203", 9: 1}


def cases() -> dict[str, Any]:
    """Return the vectors."""
    return {
        "certificate": base64.b64encode(certificate("moeys")).decode(),
        "kid": _KID.hex(),
        "valid": [_valid(one) for one in _claims()],
        "invalid": [_read_refused(why, raw) for why, raw in _malformed()],
        "bad_signatures": [_signature_refused(why, raw) for why, raw in _unsigned()],
        "invalid_packed": [_unpack_refused(why, packed) for why, packed in _malformed_packed()],
    }


def _claims() -> list[seal.Claims]:
    return [
        claims(),
        claims(fields={}, status_list=0, status_index=0),
        claims(expires_at=1_798_761_599, page=(2, 3)),
        claims(fields={"passed": True, "failed": False, "year": 2026, "debt": -1, "most": (1 << 53) - 1}),
        claims(fields={"z": "", "a": "កំណត់", "longer": "x"}, type="civil.birth"),
        claims(subject=_SUBJECT, fields={}),
        claims(fields={"name": "ក" * 200}),
    ]


def _valid(one: seal.Claims) -> dict[str, Any]:
    raw = seal.sign(one, kid=_KID, signer=signer("moeys"))
    digit, packed = seal.pack(raw)
    stated = {**asdict(one), "secret": one.secret.hex()}
    return {"claims": stated, "seal": raw.hex(), "digit": digit, "packed": packed.hex()}


def _signed(payload: bytes, **changed: Any) -> bytes:
    protected = changed.get("protected", cbor.encode({1: -7, 4: _KID}))
    signature = signer("moeys")(cbor.encode(["Signature1", protected, b"", payload]))
    parts = [protected, changed.get("unprotected", {}), payload, changed.get("signature", signature)]
    return cbor.encode(cbor.Tag(changed.get("tag", 18), parts))


def _members(**changed: Any) -> bytes:
    private = [1, "diploma", drawn("secret", 16), {"grade": "A"}, 1, 7]
    members: dict[Any, Any] = {1: "KH/moeys", 6: 1_767_225_600, -65537: private}
    for name, value in changed.items():
        members[int(name.removeprefix("claim_").replace("m", "-"))] = value
    return cbor.encode({name: value for name, value in members.items() if value is not ...})


def _private(at: int, *, value: Any) -> bytes:
    private: list[Any] = [1, "diploma", drawn("secret", 16), {"grade": "A"}, 1, 7]
    private[at : at + 1] = [value]
    return _members(claim_m65537=private)


def _malformed() -> list[tuple[str, bytes]]:
    return [*_malformed_cose(), *_malformed_claims()]


def _malformed_cose() -> list[tuple[str, bytes]]:
    good, payload = sealed(), _members()
    untagged = good[1:]
    return [
        ("empty", b""),
        ("cut short", good[:-1]),
        ("something follows", good + b"\0"),
        ("no tag", untagged),
        ("another tag", _signed(payload, tag=17)),
        ("the tag written longer than needed", b"\xd8\x12" + good[1:]),
        ("an array of indefinite length", b"\xd2\x9f" + good[2:] + b"\xff"),
        ("the algorithm left out", _signed(payload, protected=cbor.encode({4: _KID}))),
        ("another algorithm", _signed(payload, protected=cbor.encode({1: -8, 4: _KID}))),
        ("the key id left out", _signed(payload, protected=cbor.encode({1: -7}))),
        ("a key id of 4 bytes", _signed(payload, protected=cbor.encode({1: -7, 4: _KID[:4]}))),
        ("a third member in the header", _signed(payload, protected=cbor.encode({1: -7, 4: _KID, 3: 0}))),
        (
            "the header's members in another order",
            _signed(payload, protected=b"\xa2\x04\x48" + _KID + b"\x01\x26"),
        ),
        ("a member in the unprotected header", _signed(payload, unprotected={4: _KID})),
        ("a signature of 63 bytes", _signed(payload, signature=bytes(63))),
        ("longer than 4 KiB", _signed(cbor.encode({1: "x" * 4_096}))),
    ]


def _malformed_claims() -> list[tuple[str, bytes]]:
    listed = (
        ("the issuer left out", _members(claim_1=...)),
        ("the time of issue left out", _members(claim_6=...)),
        ("our own claim left out", _members(claim_m65537=...)),
        ("an unknown claim", _members(claim_7=b"")),
        ("an expiry of null", _members(claim_4=None)),
        ("an expiry that is true", _members(claim_4=True)),
        ("a time before 1970", _members(claim_6=-1)),
        ("an issuer without a country", _members(claim_1="moeys")),
        ("a subject with a key that is text", _members(claim_169={"name": "x"})),
        ("an empty subject", _members(claim_169={})),
        ("a version of true", _private(0, value=True)),
        ("a later version", _private(0, value=2)),
        ("a type that is no code", _private(1, value="a type")),
        ("a secret of 15 bytes", _private(2, value=bytes(15))),
        ("a field that is bytes", _private(3, value={"grade": b"A"})),
        ("a field that is null", _private(3, value={"grade": None})),
        ("a field beyond 2^53", _private(3, value={"n": 1 << 53})),
        ("a field whose code has a dot", _private(3, value={"a.b": "x"})),
        ("a field whose code is a number", _private(3, value={1: "x"})),
        ("a status list that is text", _private(4, value="1")),
        ("a negative index", _private(5, value=-1)),
        ("page 2 of 1", _members(claim_m65537=[1, "a", bytes(16), {}, 1, 7, [2, 1]])),
        ("a page of null", _members(claim_m65537=[1, "a", bytes(16), {}, 1, 7, None])),
        ("an eighth element", _members(claim_m65537=[1, "a", bytes(16), {}, 1, 7, [1, 1], 0])),
        ("a float", b"\xa1\x01\xf9\x3c\x00"),
        ("a repeated key", b"\xa2\x01\x61a\x01\x61a"),
        ("a number written longer than needed", b"\xa1\x18\x01\x61a"),
        ("text that is not UTF-8", b"\xa1\x01\x61\xff"),
        ("undefined", b"\xa1\x01\xf7"),
        ("nested too deeply", b"\xa1\x01" + b"\x81" * 40 + b"\x00"),
    )
    return [(why, _signed(payload)) for why, payload in listed]


def _unsigned() -> list[tuple[str, bytes]]:
    good = sealed()
    payload = _members()
    return [
        ("the signature's last bit changed", good[:-1] + bytes([good[-1] ^ 1])),
        ("another grade under the same signature", good.replace(b"\x61A", b"\x61B")),
        ("signed with another key", seal.sign(claims(), kid=_KID, signer=signer("another"))),
        ("r and s zero", _signed(payload, signature=bytes(64))),
    ]


def _malformed_packed() -> list[tuple[str, bytes]]:
    deflated = zlib.compress(bytes(4_000), 9)
    return [
        ("no zlib stream", b"\0"),
        ("cut short", deflated[:-1]),
        ("something follows", deflated + b"\0"),
        ("longer than what it holds", zlib.compress(sealed(), 0)),
        ("more than 4 KiB once inflated", zlib.compress(bytes(4_097), 9)),
    ]


def _read_refused(why: str, raw: bytes) -> dict[str, Any]:
    return refused(why, {"seal": raw.hex()}, lambda: seal.read(raw))


def _unpack_refused(why: str, packed: bytes) -> dict[str, Any]:
    return refused(why, {"packed": packed.hex()}, lambda: seal.unpack(seal.DIGIT_ZLIB, packed))


def _signature_refused(why: str, raw: bytes) -> dict[str, Any]:
    read = seal.read(raw)
    try:
        seal.verify(read, key("moeys").public_key())
    except BadSignature as error:
        return {"why": why, "seal": raw.hex(), "code": error.code}
    raise AssertionError(f"accepted, and should not be: {why}")
