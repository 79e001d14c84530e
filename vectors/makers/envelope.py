"""The three envelopes (docs/protocol.md section 3)."""

import base64
import hashlib
import json
import zlib
from typing import Any

import msgpack
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from govseal.core import envelope
from makers.common import NAME, drawn, refused

_KEY, _ID, _NONCE = drawn("key", 32), drawn("id", 16).hex(), drawn("nonce", 12)
_OA_KEY = drawn("oa key", 32).hex()
_TEXT_KEY = "jDbJ3wKB0vYWnoWE7UoLw"
_DOCUMENT = {
    "version": "2.0",
    "data": {"name": NAME, "score": 412.5, "pass": True, "note": None, "list": [1, {}]},
}


def cases() -> dict[str, Any]:
    """Return the vectors."""
    return {
        "GOVSEAL-1": {"valid": _native_valid(), "invalid": _native_invalid()},
        "foreign": {"valid": _foreign_valid(), "invalid": _foreign_invalid()},
    }


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _native_valid() -> list[dict[str, Any]]:
    made = []
    for body, needs_access_code in (
        (b"", False),
        (b"{}", False),
        (drawn("body", 508), False),
        (drawn("body", 509), True),
        (NAME.encode() * 40, True),
    ):
        made.append(
            {
                "key": _KEY.hex(),
                "id": _ID,
                "nonce": _NONCE.hex(),
                "needs_access_code": needs_access_code,
                "body": _text(body),
                "envelope": _text(
                    envelope.seal(
                        body, key=_KEY, document_id=_ID, nonce=_NONCE, needs_access_code=needs_access_code
                    )
                ),
            }
        )
    return made


def _native_invalid() -> list[dict[str, Any]]:
    good = envelope.seal(b"{}", key=_KEY, document_id=_ID, nonce=_NONCE)
    bomb = zlib.compress(bytes(1 << 21), 9)
    attempts = (
        ("empty", b""),
        ("cut short", good[:-1]),
        ("one byte more", good + b"\0"),
        ("an unknown first byte", b"\3" + good[1:]),
        ("a first byte that says zlib where it was stored", b"\1" + good[1:]),
        ("a first byte that says an access code was needed", b"\x12" + good[1:]),
        ("one bit of the ciphertext changed", good[:20] + bytes([good[20] ^ 1]) + good[21:]),
        ("one bit of the tag changed", good[:-1] + bytes([good[-1] ^ 0x80])),
        ("a length beyond the plaintext", _raw(2, b"\xff\xff\xff\xff" + bytes(508))),
        ("a block of padding too many", _raw(2, b"\0\0\0\2{}" + bytes(1018))),
        ("padding that is not zeros", _raw(2, b"\0\0\0\2{}" + bytes(505) + b"\1")),
        ("content that is no zlib stream", _raw(1, b"\0\0\0\2{}" + bytes(506))),
        ("a zlib stream cut short", _raw(1, _padded(zlib.compress(b"{}")[:-1]))),
        ("something after the zlib stream", _raw(1, _padded(zlib.compress(b"{}") + b"!"))),
        ("2 MiB once inflated", _raw(1, _padded(bomb))),
    )
    refusals = [_native_refused(why, raw, _KEY, _ID) for why, raw in attempts]
    refusals.append(_native_refused("another document's id", good, _KEY, drawn("other", 16).hex()))
    refusals.append(_native_refused("another key", good, drawn("other", 32), _ID))
    return refusals


def _raw(first: int, plain: bytes) -> bytes:
    head = bytes([first])
    return head + _NONCE + AESGCM(_KEY).encrypt(_NONCE, plain, head + bytes.fromhex(_ID))


def _padded(content: bytes) -> bytes:
    plain = len(content).to_bytes(4, "big") + content
    return plain + bytes(-len(plain) % 512)


def _native_refused(why: str, raw: bytes, key: bytes, document_id: str) -> dict[str, Any]:
    case = {"envelope": _text(raw), "key": key.hex(), "id": document_id, "max_bytes": envelope.JSON_LIMIT}
    return refused(why, case, lambda: envelope.open(raw, key=key, document_id=document_id))


def _foreign_valid() -> list[dict[str, Any]]:
    text = json.dumps(_DOCUMENT, ensure_ascii=False)
    made = [
        {
            "encrypted_document": envelope.oa_encrypt(written, key, drawn("iv", 12)),
            "document_key": key,
            "document": document,
        }
        for key in (_OA_KEY, _OA_KEY[:48], _OA_KEY[:32].upper())
        for written, document in ((text, _DOCUMENT), ("hello world", "hello world"))
    ]
    for key in (_TEXT_KEY, "x" * 16, "_-" * 32):
        cipher_text = envelope.gov_kh_encrypt(_DOCUMENT, key, drawn("salt", 24), drawn("nonce", 24))
        encrypted = {"cipherText": cipher_text, "type": envelope.GOV_KH}
        made.append({"encrypted_document": encrypted, "document_key": key, "document": _DOCUMENT})
    return made


def _foreign_invalid() -> list[dict[str, Any]]:
    return [*_not_envelopes(), *_oa_invalid(), *_gov_kh_invalid()]


def _not_envelopes() -> list[dict[str, Any]]:
    values = (None, [], "text", 7, {}, {"type": "GOVSEAL-2"}, {"type": ["OPEN-ATTESTATION-TYPE-1"]})
    return [_foreign_refused("no envelope of either form", value, _OA_KEY) for value in values]


def _oa_invalid() -> list[dict[str, Any]]:
    good = envelope.oa_encrypt("{}", _OA_KEY, drawn("iv", 12))
    sealed = AESGCM(bytes.fromhex(_OA_KEY)).encrypt(drawn("iv", 12), b"not base64!", None)
    inside = {**good, "cipherText": _text(sealed[:-16]), "tag": _text(sealed[-16:])}
    twice = envelope.oa_encrypt('{"a":1,"a":2}', _OA_KEY, drawn("iv", 12))
    changes: tuple[tuple[str, dict[str, Any]], ...] = (
        ("no cipherText", {"cipherText": None}),
        ("cipherText is no text", {"cipherText": 7}),
        ("cipherText is not base64", {"cipherText": "!!!"}),
        ("cipherText without its padding", {"cipherText": good["cipherText"].rstrip("=") + "A"}),
        ("another ciphertext", {"cipherText": _text(b"abcd")}),
        ("a short iv", {"iv": _text(bytes(8))}),
        ("an empty iv", {"iv": ""}),
        ("another iv", {"iv": _text(bytes(12))}),
        ("a short tag", {"tag": _text(bytes(12))}),
        ("another tag", {"tag": _text(bytes(16))}),
        ("the other form's type", {"type": envelope.GOV_KH}),
    )
    refusals = [_foreign_refused(why, {**good, **changed}, _OA_KEY) for why, changed in changes]
    keys = (None, 7, "", _OA_KEY[:-1], _OA_KEY + "00", "z" * 64, _TEXT_KEY, " " + _OA_KEY)
    refusals += [_foreign_refused("not a key of this form", good, key) for key in keys]
    refusals.append(_foreign_refused("another key", good, "00" * 32))
    refusals.append(_foreign_refused("what was encrypted is not base64", inside, _OA_KEY))
    refusals.append(_foreign_refused("a member is repeated", twice, _OA_KEY))
    broken = envelope.oa_encrypt('{"a":', _OA_KEY, drawn("iv", 12))
    return [*refusals, _foreign_refused("what was encrypted is not JSON", broken, _OA_KEY)]


def _gov_kh_invalid() -> list[dict[str, Any]]:
    salt, nonce = drawn("salt", 24), drawn("nonce", 24)
    good = envelope.gov_kh_encrypt(_DOCUMENT, _TEXT_KEY, salt, nonce)
    changed = base64.b64decode(good)
    changed = changed[:-1] + bytes([changed[-1] ^ 1])
    outer = (
        ("not base64", "*"),
        ("no text", None),
        ("empty", ""),
        ("one bit changed", _text(changed)),
        ("cut short", _text(changed[:-1])),
        ("something follows", _text(changed + b"\0")),
        ("two parts", _text(msgpack.packb([salt, nonce]))),
        ("four parts", _text(msgpack.packb([salt, nonce, bytes(16), b""]))),
        ("texts for bytes", _text(msgpack.packb(["a" * 24, "b" * 24, "c" * 16]))),
        ("a short salt", _text(msgpack.packb([salt[1:], nonce, bytes(16)]))),
        ("a short nonce", _text(msgpack.packb([salt, nonce[1:], bytes(16)]))),
        ("no tag", _text(msgpack.packb([salt, nonce, bytes(15)]))),
        ("an array that claims four thousand million parts", _text(b"\xdd\xff\xff\xff\xff")),
    )
    inner = (
        ("a member is repeated", b"\x82\xa1a\x01\xa1a\x02"),
        ("a key that is no text", b"\x81\x01\x02"),
        ("bytes in the document", msgpack.packb({"a": b"bytes"})),
        ("an extension in the document", msgpack.packb(msgpack.ExtType(1, b"x"))),
        ("not a number", msgpack.packb(float("nan"))),
        ("nested 101 deep", b"\x91" * 101 + b"\xc0"),
        ("nested 2,000 deep", b"\x91" * 2_000 + b"\xc0"),
        ("two values", b"\x01\x02"),
    )
    texts = [(why, cipher_text) for why, cipher_text in outer]
    texts += [(why, _envelope_of(plain, salt, nonce)) for why, plain in inner]
    refusals = [
        _foreign_refused(why, {"cipherText": text, "type": envelope.GOV_KH}, _TEXT_KEY) for why, text in texts
    ]
    encrypted = {"cipherText": good, "type": envelope.GOV_KH}
    keys = (None, "", "x" * 15, "x" * 65, "with a space 123", "jDbJ3wKB0vYWnoWE7UoL!")
    refusals += [_foreign_refused("not a key of this form", encrypted, key) for key in keys]
    return [*refusals, _foreign_refused("another key", encrypted, "x" * 21)]


def _envelope_of(plain: bytes, salt: bytes, nonce: bytes) -> str:
    """Return the cipherText over any plaintext, which a sound writer would not make."""
    sealed = AESGCM(_stretched(salt)).encrypt(nonce, plain, None)
    return _text(msgpack.packb([salt, nonce, sealed]))


def _foreign_refused(why: str, encrypted: Any, key: Any) -> dict[str, Any]:
    case = {"encrypted_document": encrypted, "document_key": key}
    return refused(why, case, lambda: envelope.open_foreign(encrypted, key))


def _stretched(salt: bytes) -> bytes:
    return hashlib.scrypt(_TEXT_KEY.encode(), salt=salt, n=1024, r=8, p=1, dklen=32)
