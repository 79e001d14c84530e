"""Keys on a token, at work: they sign and decrypt there, and never leave it.

Digests are made here, since tokens differ in which hashes they take (SoftHSM refuses ECDSA_SHA256).

What is *not* here: making and finding keys (`tokenkeys`).
"""

import hashlib
import os
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar, cast

import coincurve
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    KeySerializationEncryption,
    PrivateFormat,
)
from cryptography.utils import Buffer
from eth_account._utils.signing import sign_transaction_dict
from eth_keys.datatypes import PrivateKey as EthPrivateKey
from eth_keys.datatypes import PublicKey as EthPublicKey
from eth_keys.datatypes import Signature
from eth_utils.address import is_same_address
from pkcs11 import Attribute, GCMParams, Mechanism, ObjectClass
from pkcs11 import exceptions as refusals

from govseal.adapters.keys.cryptoki import LOST, NOT_FOUND, Connection, find_one
from govseal.core.errors import DecryptionFailed, OperatorError, RefusedError

Result = TypeVar("Result")

_HALF = 32
_SECP256K1_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
_NONCE_BYTES = 12
_TAG_BYTES = 16
_BAD_CIPHERTEXT = (
    refusals.EncryptedDataInvalid,
    refusals.EncryptedDataLenRange,
    refusals.DataInvalid,
    refusals.FunctionFailed,
    refusals.GeneralError,  # SoftHSM's answer to a tag that does not match
)


class TokenKey:
    """One secret or private key on a token, by its label.

    Args:
        connection: to the token.
        label: the object's.
        kind: PRIVATE_KEY or SECRET_KEY.
    """

    def __init__(self, connection: Connection, label: str, kind: ObjectClass) -> None:
        self._connection = connection
        self._label = label
        self._kind = kind

    def check(self) -> None:
        """Refuse a key that the token would give away.

        Raises:
            OperatorError: `KEY_MISSING`, `KEY_AMBIGUOUS`, `KEY_EXTRACTABLE`.
        """
        guards = self.use(lambda key: (key[Attribute.SENSITIVE], key[Attribute.EXTRACTABLE]))
        if guards != (True, False):
            raise OperatorError(
                f"The token would give the key {self._label!r} away: it is not marked sensitive and unextractable.",
                code="KEY_EXTRACTABLE",
            )

    def use(self, action: Callable[[Any], Result], *, lost: tuple[type[Exception], ...] = LOST) -> Result:
        """Return what `action` does with the key; what it does is safe to repeat.

        A token that comes back after a loss may have no objects until it is opened again, so that a missing key
        counts as a loss.
        """
        try:
            return self._connection.run(
                lambda session: action(find_one(session, self._kind, self._label)),
                lost=(*lost, refusals.NoSuchKey),
            )
        except NOT_FOUND as error:
            raise not_found(error, self._label) from None

    def sign_digest(self, digest: bytes) -> tuple[int, int]:
        """Return ECDSA's (r, s) over a digest of 32 bytes."""
        signature = self.use(lambda key: key.sign(digest, mechanism=Mechanism.ECDSA))
        return int.from_bytes(signature[:_HALF], "big"), int.from_bytes(signature[_HALF:], "big")


class Pkcs11Signer:
    """`Signer` whose key is on a token.

    Attributes:
        certificate: X.509, DER.
    """

    def __init__(self, key: TokenKey, certificate: bytes) -> None:
        self._key = key
        self.certificate = certificate

    def sign(self, message: bytes) -> bytes:
        """Return the ES256 signature r‖s, 64 bytes.

        Raises:
            OutsideError: `TOKEN_UNAVAILABLE`: try again later.
        """
        r, s = self._key.sign_digest(hashlib.sha256(message).digest())
        return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")


class Pkcs11LedgerAccount:
    """`LedgerAccount` whose secp256k1 key is on a token.

    Args:
        key: on the token.
        point: the public key, 64 bytes x‖y.

    Attributes:
        address: checksummed.
    """

    def __init__(self, key: TokenKey, point: bytes) -> None:
        self._key = key
        self._public = coincurve.PublicKey(b"\x04" + point)
        self.address: str = EthPublicKey(point).to_checksum_address()

    def sign_transaction(self, fields: dict[str, object]) -> bytes:
        """Return the raw signed transaction.

        Raises:
            RefusedError: `from` names another account.
            OutsideError: `TOKEN_UNAVAILABLE`.
        """
        unsigned = {name: value for name, value in fields.items() if name != "from"}
        if "from" in fields and not is_same_address(cast("Any", fields["from"]), cast("Any", self.address)):
            raise RefusedError("The transaction names another sender than the key's address.")
        # `sign_transaction_dict` asks no more of a key than `sign_msg_hash`, and types it as eth_keys' own.
        signed = sign_transaction_dict(cast("EthPrivateKey", self), cast("Any", unsigned))
        return bytes(signed[3])

    def sign_msg_hash(self, digest: bytes) -> Signature:
        """Return the recoverable signature over a 32-byte digest, as the ledger takes it: s in the lower half.

        EIP-2 refuses the upper half. The token says nothing of v: it is whichever recovers our own public key.

        Raises:
            OperatorError: the token signed with another key than its public object says (`KEY_DAMAGED`).
        """
        r, s = self._key.sign_digest(digest)
        s = min(s, _SECP256K1_ORDER - s)
        both = r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")
        for v in (0, 1):
            if self._recovers(both + bytes([v]), digest):
                return Signature(vrs=(v, r, s))
        raise OperatorError(
            f"The token's key of {self.address} does not fit its public half.", code="KEY_DAMAGED"
        )

    def _recovers(self, signature: bytes, digest: bytes) -> bool:
        try:
            found = coincurve.PublicKey.from_signature_and_message(signature, digest, hasher=None)
        except ValueError:  # of the two candidates, one may be no point at all
            return False
        return found == self._public


class Pkcs11Escrow:
    """`Escrow` whose AES-256 key is on a token: AES-GCM there, in the form of `FileEscrow`."""

    def __init__(self, key: TokenKey) -> None:
        self._key = key

    def protect(self, secret: bytes, *, context: str) -> bytes:
        """Return `secret` encrypted, bound to `context` (the document's id)."""
        nonce = os.urandom(_NONCE_BYTES)
        parameters = GCMParams(nonce, context.encode(), 8 * _TAG_BYTES)
        return nonce + self._key.use(
            lambda key: bytes(key.encrypt(secret, mechanism=Mechanism.AES_GCM, mechanism_param=parameters))
        )

    def reveal(self, protected: bytes, *, context: str) -> bytes:
        """Return the secret.

        Raises:
            DecryptionFailed: another key, another context, or damage.
            OutsideError: `TOKEN_UNAVAILABLE`.
        """
        if len(protected) < _NONCE_BYTES + _TAG_BYTES:
            raise _does_not_open()
        secret = self._decrypted(protected, context)
        if secret is None:  # a lost token answers alike: encrypting brings it back, or raises
            self.protect(b"", context="")
            secret = self._decrypted(protected, context)
        if secret is None:
            raise _does_not_open()
        return secret

    def _decrypted(self, protected: bytes, context: str) -> bytes | None:
        parameters = GCMParams(protected[:_NONCE_BYTES], context.encode(), 8 * _TAG_BYTES)

        def attempt(key: Any) -> bytes | None:
            try:
                return bytes(
                    key.decrypt(
                        protected[_NONCE_BYTES:], mechanism=Mechanism.AES_GCM, mechanism_param=parameters
                    )
                )
            except _BAD_CIPHERTEXT:
                return None

        return self._key.use(attempt)


class TokenPrivateKey(ec.EllipticCurvePrivateKey):
    """A P-256 key on a token, in the shape in which `cryptography` signs certificates with it.

    Args:
        key: on the token.
        public_key: its public half.
    """

    def __init__(self, key: TokenKey, public_key: ec.EllipticCurvePublicKey) -> None:
        self._key = key
        self._public_key = public_key

    def sign(self, data: Buffer, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """Return the DER signature over `data`: ECDSA with SHA-256 and nothing else."""
        if not isinstance(signature_algorithm.algorithm, SHA256):
            raise UnsupportedAlgorithm("Keys on tokens sign with ECDSA and SHA-256.")
        return encode_dss_signature(*self._key.sign_digest(hashlib.sha256(data).digest()))

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """Return the public half."""
        return self._public_key

    @property
    def curve(self) -> ec.EllipticCurve:
        """P-256."""
        return self._public_key.curve

    @property
    def key_size(self) -> int:
        """256."""
        return self.curve.key_size

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> bytes:
        """Refuse: the key signs."""
        del algorithm, peer_public_key
        _refuse_leaving()

    def private_numbers(self) -> ec.EllipticCurvePrivateNumbers:
        """Refuse: the key stays on its token."""
        _refuse_leaving()

    def private_bytes(
        self,
        encoding: Encoding,
        format: PrivateFormat,  # noqa: A002 - cryptography's name for it
        encryption_algorithm: KeySerializationEncryption,
    ) -> bytes:
        """Refuse: the key stays on its token."""
        del encoding, format, encryption_algorithm
        _refuse_leaving()

    def __copy__(self) -> "TokenPrivateKey":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "TokenPrivateKey":
        return self


def not_found(error: Exception, label: str) -> OperatorError:
    """Return the error that says what a search for `label` found: nothing, or too much."""
    if isinstance(error, refusals.MultipleObjectsReturned):
        return OperatorError(f"Several objects on the token are labelled {label!r}.", code="KEY_AMBIGUOUS")
    return OperatorError(f"There is no {label!r} on the token.", code="KEY_MISSING")


def _refuse_leaving() -> NoReturn:
    raise UnsupportedAlgorithm("The key stays on its token, and signs there.")


def _does_not_open() -> DecryptionFailed:
    return DecryptionFailed("The escrow key does not open this document's secret.")
