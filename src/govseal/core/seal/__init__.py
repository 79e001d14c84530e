"""The seal: a signed CBOR web token small enough for a QR code (docs/protocol.md section 5).

`claims` holds what a seal says and its CBOR form; `cose` signs, reads, verifies and packs it.

Nothing is identified by a seal's bytes: whoever sees a signature can make its twin, so a document's name is
the id derived from the secret in the claims. `issued_at` proves nothing by itself.

What is *not* here: the digits in a QR code (`qrtext`), and comparing a seal with a document (`native`).
"""

from govseal.core.seal.claims import Claims, FieldValue
from govseal.core.seal.cose import (
    DIGIT_STORED,
    DIGIT_ZLIB,
    KEY_ID_BYTES,
    MAX_BYTES,
    Seal,
    key_id,
    pack,
    read,
    sign,
    unpack,
    verify,
)

__all__ = [
    "DIGIT_STORED",
    "DIGIT_ZLIB",
    "KEY_ID_BYTES",
    "MAX_BYTES",
    "Claims",
    "FieldValue",
    "Seal",
    "key_id",
    "pack",
    "read",
    "sign",
    "unpack",
    "verify",
]
