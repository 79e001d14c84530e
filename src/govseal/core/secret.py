"""From the one secret of a document to its id and its keys (docs/protocol.md section 3).

The 16 random bytes in a QR code are all a holder has. The id (public: a file's name) and the keys (private)
are derived from them, so that whoever serves ciphertext by id cannot read it.

Invariants: HKDF-SHA256 with an empty salt, a separate `info` for each purpose; an access code enters the key
material through scrypt and never the id.

    >>> document_id(bytes(16))
    'fd54edabcdde2536460bb219fe8b7fa5'
    >>> normalise_access_code("4k7p2-m9xqo")
    '4K7P2M9XQ0'

What is *not* here: drawing secrets (whoever issues passes random bytes), and encrypting (`envelope`).
"""

import hashlib
import hmac

from govseal.core.errors import InputError

SECRET_BYTES = 16
KEY_BYTES = 32
ID_BYTES = 16
MAX_FILES = 1_000

ACCESS_CODE_LENGTH = 10
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base32
_SEPARATORS = dict.fromkeys(map(ord, " -\u00a0\t"))
_LOOKALIKES = str.maketrans("OIL", "011")  # as Crockford reads them; none of the three is ever written


def document_id(secret: bytes) -> str:
    """Return the public id: 16 bytes as 32 lower-case hex digits."""
    return _derive(secret, secret, b"govseal/1/id", ID_BYTES).hex()


def document_key(secret: bytes, access_code: str | None = None) -> bytes:
    """Return the 32-byte key of the document's envelope.

    Args:
        secret: 16 bytes.
        access_code: as the holder typed it, for a document that needs one. Takes about 0.1 s and 32 MiB.

    Raises:
        InputError: not a secret, or not an access code.
    """
    return _derive(secret, _material(secret, access_code), b"govseal/1/document", KEY_BYTES)


def file_key(secret: bytes, n: int, access_code: str | None = None) -> bytes:
    """Return the 32-byte key of the envelope of attached file `n`, counted from 0; else as `document_key`."""
    if not 0 <= n < MAX_FILES:
        raise InputError("There is no attached file of that number.", code="UNKNOWN_FILE", n=n)
    return _derive(secret, _material(secret, access_code), b"govseal/1/file/%d" % n, KEY_BYTES)


def normalise_access_code(text: str) -> str:
    """Return the ten characters a person meant: upper case, separators dropped, O read as 0, I and L as 1.

    Raises:
        InputError: not ten characters of Crockford's base32.
    """
    code = text.translate(_SEPARATORS).upper().translate(_LOOKALIKES)
    if len(code) != ACCESS_CODE_LENGTH or not set(code) <= set(_ALPHABET):
        raise InputError("An access code has ten letters and digits.", code="MALFORMED_ACCESS_CODE")
    return code


def _material(secret: bytes, access_code: str | None) -> bytes:
    if access_code is None:
        return secret
    stretched = hashlib.scrypt(
        normalise_access_code(access_code).encode(),
        salt=bytes.fromhex(document_id(secret)),
        n=1 << 15,
        r=8,
        p=1,
        maxmem=64 << 20,
        dklen=32,
    )
    return secret + stretched


def _derive(secret: bytes, material: bytes, info: bytes, length: int) -> bytes:
    if len(secret) != SECRET_BYTES:
        raise InputError(f"A secret has {SECRET_BYTES} bytes.", code="MALFORMED_SECRET")
    # RFC 5869 with an empty salt, and no more than one block of output.
    return hmac.digest(hmac.digest(b"", material, "sha256"), info + b"\x01", "sha256")[:length]
