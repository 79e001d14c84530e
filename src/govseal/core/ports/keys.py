"""Ports of keys: what is done with them, wherever they lie."""

from typing import Protocol


class Signer(Protocol):
    """A P-256 private key that never leaves its place."""

    certificate: bytes
    """The signer's X.509 certificate, DER."""

    def sign(self, message: bytes) -> bytes:
        """Return the ES256 signature r‖s (64 bytes) over `message`."""


class LedgerAccount(Protocol):
    """A secp256k1 account of the ledger."""

    address: str
    """Checksummed address, 0x and 40 hex digits."""

    def sign_transaction(self, fields: dict[str, object]) -> bytes:
        """Return the raw signed transaction for web3's transaction `fields`."""


class Escrow(Protocol):
    """Keeps document secrets under the institution's escrow key, for release and re-prints."""

    def protect(self, secret: bytes, *, context: str) -> bytes:
        """Return `secret` encrypted, bound to `context` (the document's id)."""

    def reveal(self, protected: bytes, *, context: str) -> bytes:
        """Return the secret.

        Raises:
            DecryptionFailed: another key or another context.
        """
