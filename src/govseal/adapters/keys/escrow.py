"""An institution's escrow key: keeps the secrets of its documents for release and re-prints.

The key is 32 random bytes, kept under the passphrase through scrypt (N=2^15, r=8, p=1; about 0.1 s). A secret is
nonce (12) ‖ AES-256-GCM with the document's id as associated data, so that no row can take another's place.

What is *not* here: who may ask for a re-print.
"""

import base64
import hashlib
import json
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from govseal.core.errors import DecryptionFailed, OperatorError

_KEY_BYTES = 32
_NONCE_BYTES = 12
_SALT_BYTES = 16
_CONTEXT = b"govseal/1/escrow"


class FileEscrow:
    """`Escrow` with its key in memory."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def protect(self, secret: bytes, *, context: str) -> bytes:
        """Return `secret` encrypted, bound to `context` (the document's id)."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret, context.encode())

    def reveal(self, protected: bytes, *, context: str) -> bytes:
        """Return the secret.

        Raises:
            DecryptionFailed: another key, another context, or damage.
        """
        try:
            nonce, sealed = protected[:_NONCE_BYTES], protected[_NONCE_BYTES:]
            return self._cipher.decrypt(nonce, sealed, context.encode())
        except (InvalidTag, ValueError):
            raise DecryptionFailed("The escrow key does not open this document's secret.") from None


def new_escrow_key(passphrase: str) -> tuple[bytes, bytes]:
    """Return (a new key, the content of its file)."""
    key, salt, nonce = os.urandom(_KEY_BYTES), os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    sealed = AESGCM(_stretched(passphrase, salt)).encrypt(nonce, key, _CONTEXT)
    parts = {"salt": salt, "nonce": nonce, "key": sealed}
    return key, json.dumps({name: base64.b64encode(part).decode() for name, part in parts.items()}).encode()


def open_escrow_key(content: bytes, passphrase: str, name: str) -> bytes:
    """Return the key in a file's content.

    Raises:
        OperatorError: a wrong passphrase, or a damaged file.
    """
    try:
        parts = json.loads(content)
        salt, nonce, sealed = (
            base64.b64decode(parts[part], validate=True) for part in ("salt", "nonce", "key")
        )
        return AESGCM(_stretched(passphrase, salt)).decrypt(nonce, sealed, _CONTEXT)
    except InvalidTag:
        raise OperatorError(
            f"The passphrase does not open the escrow key {name!r}, or its file is damaged.",
            code="WRONG_PASSPHRASE",
        ) from None
    except (ValueError, KeyError, TypeError):
        raise OperatorError(f"The file of the escrow key {name!r} is damaged.", code="KEY_DAMAGED") from None


def _stretched(passphrase: str, salt: bytes) -> bytes:
    return hashlib.scrypt(
        passphrase.encode(), salt=salt, n=1 << 15, r=8, p=1, maxmem=64 << 20, dklen=_KEY_BYTES
    )
