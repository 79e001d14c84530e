"""One folder of keys: P-256 signing keys as encrypted PEM (PKCS#8), ledger accounts as web3 keystores (version 3).

| file | holds |
|---|---|
| `<name>.key.pem` | a signing key, encrypted with the folder's passphrase: see `pem` |
| `<name>.cert.der` | its certificate |
| `<name>.ledger.json` | a secp256k1 account: scrypt, N=2^15, about 0.1 s to open |
| `<name>.escrow.json` | see `escrow` |

All keys of a folder are under one passphrase: before a new one is made, it must open one that is there. A key made under
a mistyped passphrase would open to nobody, and nothing would tell until it is needed.

The keystore's work factor is an eighth of the format's usual one: it guards against a copied file, as the
passphrase of a service is a long random one and not a person's.

What is *not* here: where the passphrase comes from.
"""

import hashlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from govseal.adapters.keys import pem
from govseal.adapters.keys.escrow import FileEscrow, new_escrow_key, open_escrow_key
from govseal.adapters.keys.files import SecretFiles
from govseal.core.errors import OperatorError
from govseal.core.jose import p256_key

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

_KEY, _CERTIFICATE, _LEDGER, _ESCROW = ".key.pem", ".cert.der", ".ledger.json", ".escrow.json"
_KEYSTORE_WORK = 1 << 15
_COORDINATE_BYTES = 32

_USUAL: set[tuple[Path, bytes]] = set()
"""Folders, each with the SHA-256 of the passphrase by which this process has opened or made a key there."""


class FileSigner:
    """`Signer` with its key in memory.

    Attributes:
        certificate: X.509, DER.
    """

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: bytes) -> None:
        self._key = key
        self.certificate = certificate

    def sign(self, message: bytes) -> bytes:
        """Return the ES256 signature r‖s, 64 bytes."""
        r, s = decode_dss_signature(self._key.sign(message, ec.ECDSA(SHA256())))
        return r.to_bytes(_COORDINATE_BYTES, "big") + s.to_bytes(_COORDINATE_BYTES, "big")


class FileLedgerAccount:
    """`LedgerAccount` with its key in memory.

    Attributes:
        address: checksummed.
    """

    def __init__(self, account: "LocalAccount") -> None:
        self._account = account
        self.address: str = account.address

    def sign_transaction(self, fields: dict[str, object]) -> bytes:
        """Return the raw signed transaction."""
        # The port's fields are web3's own, which eth_account types more narrowly.
        return bytes(self._account.sign_transaction(cast("Any", fields)).raw_transaction)


class KeyFolder:
    """The keys of one folder, under one passphrase.

    Args:
        path: the folder; made 0700 at the first key.
        passphrase: not empty.

    Every method raises `OperatorError`: `KEY_MISSING`, `KEY_EXISTS`, `KEY_NOT_PRIVATE`, `KEY_FORBIDDEN`,
    `WRONG_PASSPHRASE`, `KEY_DAMAGED`.
    """

    def __init__(self, path: Path, passphrase: str) -> None:
        if not passphrase:
            raise OperatorError("Keys are kept under a passphrase, and none is given.", code="NO_PASSPHRASE")
        self._files = SecretFiles(path)
        self._passphrase = passphrase

    def create_signing_key(self, name: str) -> ec.EllipticCurvePublicKey:
        """Make a P-256 key and return its public half, to be certified."""
        key = ec.generate_private_key(ec.SECP256R1())
        self._create(name + _KEY, pem.encrypt(key, self._passphrase))
        return key.public_key()

    def public_key(self, name: str) -> ec.EllipticCurvePublicKey:
        """Return the public half of a signing key."""
        return self.private_key(name).public_key()

    def private_key(self, name: str) -> ec.EllipticCurvePrivateKey:
        """Return a signing key itself, for certifying; everybody else takes a `signer`."""
        return pem.decrypt(self._files.read(name + _KEY), self._passphrase, name)

    def upgrade(self) -> list[str]:
        """Encrypt signing keys of an older form anew, in place, and return their names.

        A file is replaced only once the new content opens, and atomically. For who may write the folder: everybody
        else opens either form.
        """
        renewed = []
        for name in self.signing_keys():
            content = self._files.read(name + _KEY)
            if pem.is_current(content):
                continue
            key = pem.decrypt(content, self._passphrase, name)
            self._files.replace(name + _KEY, pem.encrypt(key, self._passphrase))
            renewed.append(name)
        return renewed

    def store_certificate(self, name: str, certificate: bytes) -> None:
        """Keep the certificate (DER) of a signing key, which it must be of."""
        if p256_key(certificate) != self.public_key(name):
            raise OperatorError(f"The certificate is not of the key {name!r}.", code="WRONG_CERTIFICATE")
        self._files.create(name + _CERTIFICATE, certificate)

    def certificate(self, name: str) -> bytes:
        """Return the certificate (DER) of a signing key."""
        return self._files.read(name + _CERTIFICATE)

    def signer(self, name: str) -> FileSigner:
        """Return what signs with a certified key."""
        return FileSigner(self.private_key(name), self.certificate(name))

    def create_ledger_account(self, name: str) -> FileLedgerAccount:
        """Make a ledger account."""
        from eth_account import Account  # noqa: PLC0415 - half a second to import, and few processes have an account

        account: LocalAccount = Account.create()
        keystore = Account.encrypt(account.key, self._passphrase, kdf="scrypt", iterations=_KEYSTORE_WORK)
        self._create(name + _LEDGER, json.dumps(keystore).encode())
        return FileLedgerAccount(account)

    def ledger_account(self, name: str) -> FileLedgerAccount:
        """Open a ledger account."""
        from eth_account import Account  # noqa: PLC0415 - as above

        content = self._files.read(name + _LEDGER)
        try:
            keystore = json.loads(content)
            key = Account.decrypt(keystore, self._passphrase)
        except ValueError as error:
            raise (_wrong_passphrase(name) if "MAC" in str(error) else _damaged(name)) from None
        except (KeyError, TypeError, NotImplementedError):
            raise _damaged(name) from None
        return FileLedgerAccount(Account.from_key(key))

    def create_escrow(self, name: str) -> FileEscrow:
        """Make an escrow key."""
        key, content = new_escrow_key(self._passphrase)
        self._create(name + _ESCROW, content)
        return FileEscrow(key)

    def escrow(self, name: str) -> FileEscrow:
        """Open an escrow key."""
        return FileEscrow(open_escrow_key(self._files.read(name + _ESCROW), self._passphrase, name))

    def signing_keys(self) -> list[str]:
        """Return the names of the signing keys."""
        return self._files.names(_KEY)

    def certified_keys(self) -> list[str]:
        """Return the names of the signing keys that have their certificate."""
        return self._files.names(_CERTIFICATE)

    def ledger_accounts(self) -> list[str]:
        """Return the names of the ledger accounts."""
        return self._files.names(_LEDGER)

    def _create(self, name: str, content: bytes) -> None:
        """Write a new key, made under the passphrase that opens those which are there."""
        usual = self._files.path.absolute(), hashlib.sha256(self._passphrase.encode()).digest()
        if usual not in _USUAL:  # to open a key takes 0.1 s
            self._require_passphrase_of_the_others()
        self._files.create(name, content)
        _USUAL.add(usual)

    def _require_passphrase_of_the_others(self) -> None:
        others = [
            partial(open_, name)
            for open_, names in (
                (self.private_key, self.signing_keys()),
                (self.ledger_account, self.ledger_accounts()),
                (self.escrow, self._files.names(_ESCROW)),
            )
            for name in names
        ]
        if others and not any(map(_opens, others)):
            raise OperatorError(
                f"The passphrase opens no key in {self._files.path}, and a new one is made under the same as the others:"
                " give that one. Files that are damaged belong elsewhere.",
                code="WRONG_PASSPHRASE",
            )


def _opens(key: Callable[[], object]) -> bool:
    try:
        key()
    except OperatorError:
        return False
    return True


def _wrong_passphrase(name: str) -> OperatorError:
    return OperatorError(
        f"The passphrase does not open the key {name!r}, or its file is damaged.", code="WRONG_PASSPHRASE"
    )


def _damaged(name: str) -> OperatorError:
    return OperatorError(f"The file of the key {name!r} is damaged.", code="KEY_DAMAGED")
