"""Signing keys as text: PKCS#8 under a passphrase, stretched by scrypt (RFC 5958, RFC 8018, RFC 7914 section 7).

PBES2 with scrypt (N=2^14, r=8, p=5, 16-byte salt) and AES-256-CBC. The work factor is one of those OWASP's
password storage cheat sheet names as equal, and the one whose 16 MiB stay below OpenSSL's limit of 32 MiB: at a
ceremony, `openssl pkey -in moeys.key.pem` opens what we wrote. It takes about 0.15 s.

`cryptography` reads this form and does not write it (it writes PBKDF2), so the structure is put together here and
read by `cryptography`. Its older form, PBKDF2, still opens: see `is_current`.

What is *not* here: files (`files`, `folder`).
"""

import base64
import hashlib
import os
import re

from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509 import ObjectIdentifier

from govseal.core.errors import OperatorError

_PBES2 = ObjectIdentifier("1.2.840.113549.1.5.13")
_SCRYPT = ObjectIdentifier("1.3.6.1.4.1.11591.4.11")
_AES_256_CBC = ObjectIdentifier("2.16.840.1.101.3.4.1.42")
_N, _R, _P = 1 << 14, 8, 5
_KEY_BYTES = 32
_BLOCK_BYTES = 16
_PEM = re.compile(
    rb"-----BEGIN ENCRYPTED PRIVATE KEY-----\n([A-Za-z0-9+/=\n]+)-----END ENCRYPTED PRIVATE KEY-----\n"
)


@asn1.sequence
class _ScryptParameters:
    salt: bytes
    cost: int
    block_size: int
    parallelization: int
    key_length: int


@asn1.sequence
class _KeyDerivation:
    algorithm: ObjectIdentifier
    parameters: _ScryptParameters


@asn1.sequence
class _EncryptionScheme:
    algorithm: ObjectIdentifier
    iv: bytes


@asn1.sequence
class _Pbes2Parameters:
    key_derivation: _KeyDerivation
    encryption: _EncryptionScheme


@asn1.sequence
class _EncryptionAlgorithm:
    algorithm: ObjectIdentifier
    parameters: _Pbes2Parameters


@asn1.sequence
class _EncryptedPrivateKey:
    algorithm: _EncryptionAlgorithm
    ciphertext: bytes


def encrypt(key: ec.EllipticCurvePrivateKey, passphrase: str) -> bytes:
    """Return `key` as encrypted PEM."""
    salt, iv = os.urandom(_BLOCK_BYTES), os.urandom(_BLOCK_BYTES)
    padder = PKCS7(AES256.block_size).padder()
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    cipher = Cipher(AES256(_stretched(passphrase, salt)), CBC(iv)).encryptor()
    ciphertext = cipher.update(padder.update(plain) + padder.finalize()) + cipher.finalize()
    content = _EncryptedPrivateKey(algorithm=_algorithm(salt, iv), ciphertext=ciphertext)
    text = base64.b64encode(asn1.encode_der(content)).decode()
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join(
        ["-----BEGIN ENCRYPTED PRIVATE KEY-----", *lines, "-----END ENCRYPTED PRIVATE KEY-----", ""]
    ).encode()


def decrypt(pem: bytes, passphrase: str, name: str) -> ec.EllipticCurvePrivateKey:
    """Return the P-256 key in `pem`, of this form or the older one.

    Args:
        pem: the file's content.
        passphrase: the folder's.
        name: how to call the key in an error.

    Raises:
        OperatorError: `WRONG_PASSPHRASE` (or damage: nobody can tell), or `KEY_DAMAGED`: not encrypted, or no
            P-256 key.
    """
    try:
        key = load_pem_private_key(pem, passphrase.encode())
    except TypeError:
        message = f"The key {name!r} is not encrypted: its passphrase would guard nothing."
        raise OperatorError(message, code="KEY_DAMAGED") from None
    except ValueError:
        raise OperatorError(
            f"The passphrase does not open the key {name!r}, or its file is damaged.", code="WRONG_PASSPHRASE"
        ) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise OperatorError(f"The key {name!r} is no P-256 key.", code="KEY_DAMAGED")
    return key


def is_current(pem: bytes) -> bool:
    """Say whether `pem` is in the form that `encrypt` writes, work factor included."""
    text = _PEM.fullmatch(pem)
    try:
        found = asn1.decode_der(_EncryptedPrivateKey, base64.b64decode(text[1])) if text else None
    except ValueError:  # PBKDF2's parameters have another shape
        return False
    if found is None:
        return False
    scheme = found.algorithm.parameters
    work = scheme.key_derivation.parameters
    return (found.algorithm.algorithm, scheme.key_derivation.algorithm, scheme.encryption.algorithm) == (
        _PBES2,
        _SCRYPT,
        _AES_256_CBC,
    ) and (work.cost, work.block_size, work.parallelization) == (_N, _R, _P)


def _algorithm(salt: bytes, iv: bytes) -> _EncryptionAlgorithm:
    work = _ScryptParameters(salt=salt, cost=_N, block_size=_R, parallelization=_P, key_length=_KEY_BYTES)
    return _EncryptionAlgorithm(
        algorithm=_PBES2,
        parameters=_Pbes2Parameters(
            key_derivation=_KeyDerivation(algorithm=_SCRYPT, parameters=work),
            encryption=_EncryptionScheme(algorithm=_AES_256_CBC, iv=iv),
        ),
    )


def _stretched(passphrase: str, salt: bytes) -> bytes:
    return hashlib.scrypt(passphrase.encode(), salt=salt, n=_N, r=_R, p=_P, maxmem=32 << 20, dklen=_KEY_BYTES)
