"""What every place of keys can do, and which place a configuration names.

    GOVSEAL_KEYS_SEAL=/var/lib/govseal/keys/seal
    GOVSEAL_KEYS_SEAL=pkcs11:token=govseal-seal?module-path=/usr/lib/softhsm/libsofthsm2.so

What is *not* here: which folder is whose, and the variables' names (`govseal.project.wiring`).
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import ec

from govseal.adapters.keys import tokenuri
from govseal.adapters.keys.folder import KeyFolder
from govseal.core.ports import Escrow, LedgerAccount, Signer


class KeyStore(Protocol):
    """The keys of one folder, in files (`KeyFolder`) or on a token (`TokenKeys`).

    Every method raises `OperatorError` for what the operator can mend: `KEY_MISSING`, `KEY_EXISTS`, ...; one on a
    token also `OutsideError` (`TOKEN_UNAVAILABLE`) while the token is away.
    """

    def create_signing_key(self, name: str) -> ec.EllipticCurvePublicKey:
        """Make a P-256 key and return its public half, to be certified."""

    def public_key(self, name: str) -> ec.EllipticCurvePublicKey:
        """Return the public half of a signing key."""

    def private_key(self, name: str) -> ec.EllipticCurvePrivateKey:
        """Return a signing key, or what stands for it, for certifying; everybody else takes a `signer`."""

    def store_certificate(self, name: str, certificate: bytes) -> None:
        """Keep the certificate (DER) of a signing key, which it must be of."""

    def certificate(self, name: str) -> bytes:
        """Return the certificate (DER) of a signing key."""

    def signer(self, name: str) -> Signer:
        """Return what signs with a certified key."""

    def create_ledger_account(self, name: str) -> LedgerAccount:
        """Make a ledger account."""

    def ledger_account(self, name: str) -> LedgerAccount:
        """Open a ledger account."""

    def create_escrow(self, name: str) -> Escrow:
        """Make an escrow key."""

    def escrow(self, name: str) -> Escrow:
        """Open an escrow key."""

    def signing_keys(self) -> list[str]:
        """Return the names of the signing keys, sorted."""

    def certified_keys(self) -> list[str]:
        """Return the names of the signing keys that have their certificate, sorted."""

    def ledger_accounts(self) -> list[str]:
        """Return the names of the ledger accounts, sorted."""


def open_key_store(
    where: str, *, passphrase: Callable[[], str], environment: Mapping[str, str], pin_variable: str
) -> KeyStore:
    """Return the keys at `where`.

    Args:
        where: a folder's path, or a PKCS#11 URI (`tokenuri`).
        passphrase: asked for a folder only.
        environment: where a token's PIN is when its URI names no file.
        pin_variable: the PIN's name there.

    Raises:
        OperatorError: what `KeyFolder`, `TokenAddress` and `cryptoki.connect` say.
        OutsideError: `TOKEN_UNAVAILABLE`.
    """
    if not where.startswith(tokenuri.SCHEME):
        return KeyFolder(Path(where), passphrase())
    address = tokenuri.TokenAddress.parse(where)
    from govseal.adapters.keys.tokenkeys import TokenKeys  # noqa: PLC0415 - files need no PKCS#11 library loaded

    return TokenKeys(address, address.pin(environment, pin_variable))
