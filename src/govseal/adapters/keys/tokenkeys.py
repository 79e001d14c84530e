"""The keys of one token (PKCS#11): made there, and never out of it.

One token holds what one folder would, under one PIN, so that a process is given only what it needs. Objects are
labelled as files are named, and the two or three of one key share their CKA_ID:

| label | object |
|---|---|
| `<name>.key` | a P-256 key pair |
| `<name>.cert` | its X.509 certificate |
| `<name>.ledger` | a secp256k1 key pair |
| `<name>.escrow` | an AES-256 key |

Secret and private keys are sensitive and not extractable, and what is not so marked is not used.

Labels are not unique on a token: two processes that make one key at the same time leave two of its name, and every
use then says `KEY_AMBIGUOUS`. Keys are made by one operator.

What is *not* here: sessions and lost tokens (`cryptoki`), and signing (`tokensigners`).
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from pkcs11 import Attribute, CertificateType, KeyType, MechanismFlag, ObjectClass
from pkcs11.util.ec import encode_named_curve_parameters

from govseal.adapters.keys.cryptoki import NOT_BEGUN, NOT_FOUND, connect, find_one
from govseal.adapters.keys.tokensigners import (
    Pkcs11Escrow,
    Pkcs11LedgerAccount,
    Pkcs11Signer,
    TokenKey,
    TokenPrivateKey,
    not_found,
)
from govseal.adapters.keys.tokenuri import TokenAddress
from govseal.core import jose
from govseal.core.errors import BadSignature, OperatorError

Result = TypeVar("Result")

_KEY, _CERTIFICATE, _LEDGER, _ESCROW = ".key", ".cert", ".ledger", ".escrow"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_P256 = encode_named_curve_parameters("secp256r1")
_SECP256K1 = encode_named_curve_parameters("secp256k1")
_POINT_BYTES = 65  # 0x04, x, y
_OCTET_STRING = bytes([0x04, _POINT_BYTES])
_GUARDED = {
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
}


class TokenKeys:
    """`KeyStore` on a token.

    Args:
        address: which token.
        pin: the user PIN; kept in memory, to log in again to a token that was lost.

    Every method raises `OperatorError` (`KEY_MISSING`, `KEY_EXISTS`, `KEY_AMBIGUOUS`, `KEY_EXTRACTABLE`,
    `KEY_DAMAGED`) and `OutsideError` (`TOKEN_UNAVAILABLE`).
    """

    def __init__(self, address: TokenAddress, pin: str) -> None:
        self._connection = connect(address.module, address.token, pin)

    def create_signing_key(self, name: str) -> ec.EllipticCurvePublicKey:
        """Make a P-256 key pair and return its public half, to be certified."""
        self._generate_pair(name + _KEY, _P256)
        return self.public_key(name)

    def public_key(self, name: str) -> ec.EllipticCurvePublicKey:
        """Return the public half of a signing key."""
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), self._point(name + _KEY, _P256))

    def private_key(self, name: str) -> ec.EllipticCurvePrivateKey:
        """Return what stands for a signing key where certificates are signed."""
        return TokenPrivateKey(self._key(name + _KEY, ObjectClass.PRIVATE_KEY), self.public_key(name))

    def store_certificate(self, name: str, certificate: bytes) -> None:
        """Keep the certificate (DER) of a signing key, which it must be of."""
        if jose.p256_key(certificate) != self.public_key(name):
            raise OperatorError(f"The certificate is not of the key {name!r}.", code="WRONG_CERTIFICATE")
        parsed = x509.load_der_x509_certificate(certificate)
        self._create(
            name + _CERTIFICATE,
            ObjectClass.CERTIFICATE,
            lambda session: session.create_object(
                {
                    Attribute.CLASS: ObjectClass.CERTIFICATE,
                    Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
                    Attribute.TOKEN: True,
                    Attribute.PRIVATE: False,
                    Attribute.LABEL: name + _CERTIFICATE,
                    Attribute.ID: (name + _KEY).encode(),
                    Attribute.SUBJECT: parsed.subject.public_bytes(),
                    Attribute.ISSUER: parsed.issuer.public_bytes(),
                    Attribute.VALUE: certificate,
                }
            ),
        )

    def certificate(self, name: str) -> bytes:
        """Return the certificate (DER) of a signing key."""
        return self._one(
            name + _CERTIFICATE, ObjectClass.CERTIFICATE, lambda found: bytes(found[Attribute.VALUE])
        )

    def signer(self, name: str) -> Pkcs11Signer:
        """Return what signs with a certified key, once it has shown that it signs under its certificate."""
        signer = Pkcs11Signer(self._key(name + _KEY, ObjectClass.PRIVATE_KEY), self.certificate(name))
        try:
            jose.verify_es256(signer.certificate, signer.sign(b"govseal"), b"govseal")
        except BadSignature:
            message = f"The key {name!r} on the token does not sign under its certificate."
            raise OperatorError(message, code="WRONG_CERTIFICATE") from None
        return signer

    def create_ledger_account(self, name: str) -> Pkcs11LedgerAccount:
        """Make a ledger account.

        Raises:
            OutsideError: also where the token has no secp256k1.
        """
        self._generate_pair(name + _LEDGER, _SECP256K1)
        return self.ledger_account(name)

    def ledger_account(self, name: str) -> Pkcs11LedgerAccount:
        """Open a ledger account."""
        key = self._key(name + _LEDGER, ObjectClass.PRIVATE_KEY)
        return Pkcs11LedgerAccount(key, self._point(name + _LEDGER, _SECP256K1)[1:])

    def create_escrow(self, name: str) -> Pkcs11Escrow:
        """Make an escrow key."""
        label = name + _ESCROW
        self._create(
            label,
            ObjectClass.SECRET_KEY,
            lambda session: session.generate_key(
                KeyType.AES,
                256,
                store=True,
                label=label,
                id=label.encode(),
                capabilities=MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT,
                template=_GUARDED,
            ),
        )
        return self.escrow(name)

    def escrow(self, name: str) -> Pkcs11Escrow:
        """Open an escrow key."""
        return Pkcs11Escrow(self._key(name + _ESCROW, ObjectClass.SECRET_KEY))

    def signing_keys(self) -> list[str]:
        """Return the names of the signing keys, sorted."""
        return self._names(ObjectClass.PRIVATE_KEY, _KEY)

    def certified_keys(self) -> list[str]:
        """Return the names of the signing keys that have their certificate, sorted."""
        return self._names(ObjectClass.CERTIFICATE, _CERTIFICATE)

    def ledger_accounts(self) -> list[str]:
        """Return the names of the ledger accounts, sorted."""
        return self._names(ObjectClass.PRIVATE_KEY, _LEDGER)

    def _key(self, label: str, kind: ObjectClass) -> TokenKey:
        key = TokenKey(self._connection, label, kind)
        key.check()
        return key

    def _names(self, kind: ObjectClass, suffix: str) -> list[str]:
        def labels(session: pkcs11.Session) -> set[str]:
            return {found[Attribute.LABEL] for found in session.get_objects({Attribute.CLASS: kind})}

        found = self._connection.run(labels)
        return sorted(label.removesuffix(suffix) for label in found if label.endswith(suffix))

    def _point(self, label: str, curve: bytes) -> bytes:
        """Return a public key's uncompressed point; some makers leave out its OCTET STRING (PKCS#11 2.3.3)."""
        found_curve, found = self._one(
            label, ObjectClass.PUBLIC_KEY, lambda key: (key[Attribute.EC_PARAMS], key[Attribute.EC_POINT])
        )
        point = bytes(found).removeprefix(_OCTET_STRING) if len(found) > _POINT_BYTES else bytes(found)
        if found_curve != curve or len(point) != _POINT_BYTES:
            raise OperatorError(f"The key {label!r} is on another curve.", code="KEY_DAMAGED")
        return point

    def _generate_pair(self, label: str, curve: bytes) -> None:
        def generate(session: pkcs11.Session) -> object:
            domain = session.create_domain_parameters(KeyType.EC, {Attribute.EC_PARAMS: curve}, local=True)
            return domain.generate_keypair(
                store=True,
                label=label,
                id=label.encode(),
                capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
                private_template=_GUARDED,
            )

        self._create(label, ObjectClass.PRIVATE_KEY, generate)

    def _create(self, label: str, kind: ObjectClass, make: Callable[[pkcs11.Session], object]) -> None:
        if not _NAME.fullmatch(label.rpartition(".")[0]):
            raise OperatorError(f"{label!r} is no name for a key.", code="MALFORMED_NAME")

        def absent_then_made(session: pkcs11.Session) -> None:
            if list(session.get_objects({Attribute.CLASS: kind, Attribute.LABEL: label})):
                raise OperatorError(f"{label!r} exists on the token and is not replaced.", code="KEY_EXISTS")
            make(session)

        self._connection.run(absent_then_made, lost=NOT_BEGUN)

    def _one(self, label: str, kind: ObjectClass, read: Callable[[Any], Result]) -> Result:
        try:
            return self._connection.run(lambda session: read(find_one(session, kind, label)))
        except NOT_FOUND as error:
            raise not_found(error, label) from None
