"""Ids, keys and access codes (docs/protocol.md section 3)."""

from typing import Any

from govseal.core import secret
from makers.common import drawn, refused

_TYPED = ("0123456789", "abcde-fghjk", "ABCDE FGHJK", "oil00-11111", "zz zz-zz zz-zz")
_NOT_CODES = ("", "012345678", "01234567890", "ABCDE-FGHJU", "ABCDE_FGHJK", "០១២៣៤៥៦៧៨៩")
_SIZES = (0, 15, 17, 32)


def cases() -> dict[str, Any]:
    """Return the vectors."""
    secrets = [bytes(16), bytes([255]) * 16, *(drawn(f"secret {n}", 16) for n in range(4))]
    return {
        "about": "HKDF-SHA256 with an empty salt over the secret, or over secret ‖ scrypt(code, salt = the id's bytes)",
        "derived": [_derived(one, None) for one in secrets] + [_derived(secrets[2], "4k7p2-m9xqt")],
        "access_codes": [{"typed": typed, "code": secret.normalise_access_code(typed)} for typed in _TYPED],
        "invalid_access_codes": [
            refused(
                "not ten characters of Crockford's base32",
                {"typed": typed},
                lambda typed=typed: secret.normalise_access_code(typed),
            )
            for typed in _NOT_CODES
        ],
        "invalid_secrets": [
            refused(
                "not 16 bytes",
                {"secret": bytes(size).hex()},
                lambda size=size: secret.document_id(bytes(size)),
            )
            for size in _SIZES
        ],
    }


def _derived(one: bytes, access_code: str | None) -> dict[str, Any]:
    return {
        "secret": one.hex(),
        "access_code": access_code,
        "id": secret.document_id(one),
        "key": secret.document_key(one, access_code).hex(),
        "file_keys": [secret.file_key(one, n, access_code).hex() for n in (0, 1)],
    }
