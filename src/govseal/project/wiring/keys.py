"""The keys of offices and operators: seal, escrow, trust list, authority; and who certifies them.

What is *not* here: ledger accounts (`accounts`) and what signs lists and receipts of documents (`publishers`), which
the worker may reach and which it alone uses; where keys lie (`keyfolders`).
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from govseal.adapters.countrypack import Country
from govseal.adapters.keys import CountryAuthority
from govseal.adapters.keys.lifecycle import SigningKeys
from govseal.core.errors import NotPublished, OperatorError
from govseal.core.ports import Escrow, Signer
from govseal.core.trustlist import Certificate, succession
from govseal.project.configuration import Configuration
from govseal.project.wiring import keyfolders, shared
from govseal.project.wiring.keyfolders import ANCHOR, AUTHORITY, SEAL, STATUS, TRUST_LIST

Certify = Callable[[ec.EllipticCurvePublicKey], bytes]

_AUTHORITY_LIFE = timedelta(days=20 * 365)
_CERTIFICATE_LIFE = timedelta(days=5 * 365)
_NAME_LIMIT = 64  # X.520's bound on organisation names, characters
_CLOCK_SLACK = timedelta(minutes=5)
_SETUP = "govseal, at set-up"
_PURPOSES = {TRUST_LIST: "Trust list", STATUS: "Status lists", ANCHOR: "Anchor receipts"}


@cache
def owned_keys(configuration: Configuration, kind: str) -> SigningKeys:
    """Return the signing keys of a folder that is this process's own, brought up to date once."""
    keyfolders.take_over(configuration, kind)
    return keyfolders.signing_keys(configuration, kind)


# --- making what is missing -------------------------------------------------------------------------------


def institution_keys(
    configuration: Configuration, code: str, names: Mapping[str, str], country: Country
) -> bytes:
    """Make what an institution lacks of seal key, certificate, escrow key and ledger account.

    Returns:
        The certificate of its first seal key, DER.
    """
    accounts = keyfolders.ledger_keys(configuration)
    if not accounts.versions(code):
        accounts.create(code, by=_SETUP)
    with _passing("KEY_EXISTS"):
        keyfolders.key_store(configuration, SEAL).create_escrow(code)
    certify = institution_certifier(configuration, code, names, country)
    return _ensure(configuration, SEAL, code, certify)


def publisher_certificates(configuration: Configuration, country: Country, kind: str) -> list[Certificate]:
    """Return every certificate of the status or anchor folder as the trust list names it; make the first."""
    _ensure(configuration, kind, kind, operator_certifier(configuration, country, kind))
    return [
        Certificate.from_der(der, retired_at=version.retired_at, compromised_at=version.compromised_at)
        for version in owned_keys(configuration, kind).versions(kind)
        for der in certificates_of(configuration, kind, version.name)
    ]


def certificates_of(configuration: Configuration, kind: str, version: str) -> list[bytes]:
    """Return the certificate (DER) of one version of a key; none while it has none."""
    store = keyfolders.key_store(configuration, kind)
    return [store.certificate(version)] if version in store.certified_keys() else []


def _ensure(configuration: Configuration, kind: str, name: str, certify: Certify) -> bytes:
    """Make a key's first version and certify it, or what a killed call left out of that; return the certificate."""
    keys, store = owned_keys(configuration, kind), keyfolders.key_store(configuration, kind)
    if not keys.versions(name):
        keys.create(name, by=_SETUP)
    first = keys.versions(name)[0].name
    if first not in store.certified_keys():
        keys.certify(first, certify(store.public_key(first)), by=_SETUP)
    return store.certificate(first)


# --- certifying -------------------------------------------------------------------------------------------


def institution_certifier(
    configuration: Configuration, code: str, names: Mapping[str, str], country: Country
) -> Certify:
    """Return what certifies a seal key of an institution."""

    def certify(public_key: ec.EllipticCurvePublicKey) -> bytes:
        now = shared.utc_now().replace(microsecond=0)
        return _authority(configuration, country).certify_institution(
            public_key,
            country=country.code,
            code=code,
            name=names.get("en", code)[:_NAME_LIMIT],
            not_before=now - _CLOCK_SLACK,
            not_after=now + _CERTIFICATE_LIFE,
        )

    return certify


def operator_certifier(configuration: Configuration, country: Country, kind: str) -> Certify:
    """Return what certifies a key of the operator: of the trust list, the status lists or the receipts."""

    def certify(public_key: ec.EllipticCurvePublicKey) -> bytes:
        now = shared.utc_now().replace(microsecond=0)
        return _authority(configuration, country).certify_list_signer(
            public_key,
            country=country.code,
            operator=country.operator["en"],
            not_before=now - _CLOCK_SLACK,
            not_after=now + _AUTHORITY_LIFE,
            purpose=_PURPOSES[kind],
        )

    return certify


def authority_certifier(configuration: Configuration, country: Country) -> Certify:
    """Return what certifies a key of the authority: that key itself."""

    def certify(public_key: ec.EllipticCurvePublicKey) -> bytes:
        store, now = keyfolders.key_store(configuration, AUTHORITY), shared.utc_now().replace(microsecond=0)
        return CountryAuthority.certify_itself(
            store,
            next(key for key in store.signing_keys() if store.public_key(key) == public_key),
            country=country.code,
            operator=country.operator["en"],
            not_before=now - _CLOCK_SLACK,
            not_after=now + _AUTHORITY_LIFE,
        )

    return certify


def _authority(configuration: Configuration, country: Country) -> CountryAuthority:
    name = CountryAuthority.NAME
    _ensure(configuration, AUTHORITY, name, authority_certifier(configuration, country))
    current = owned_keys(configuration, AUTHORITY).current(name)
    return CountryAuthority(keyfolders.key_store(configuration, AUTHORITY), current.name)


# --- signing ----------------------------------------------------------------------------------------------


def seal_signer(configuration: Configuration, code: str) -> Signer:
    """Return an institution's seal key in use; ask anew for each document, or few together, since keys are rotated.

    Raises:
        OperatorError: `NO_KEY_IN_USE`: it is retired or compromised.
    """
    return _opened(configuration, SEAL, owned_keys(configuration, SEAL).current(code).name)


@cache
def escrow(configuration: Configuration, code: str) -> Escrow:
    """Return an institution's escrow."""
    return keyfolders.key_store(configuration, SEAL).escrow(code)


def trust_list_signer(configuration: Configuration, country: Country) -> Signer:
    """Return the trust list's key in use, made at first use; its certificate is the pin."""
    _ensure(configuration, TRUST_LIST, TRUST_LIST, operator_certifier(configuration, country, TRUST_LIST))
    keys = owned_keys(configuration, TRUST_LIST)
    current = keys.current(TRUST_LIST).name
    signer = _opened(configuration, TRUST_LIST, current)
    replaced = {
        der
        for version in keys.versions(TRUST_LIST)
        for der in certificates_of(configuration, TRUST_LIST, version.name)
    }
    _pin(configuration.trust_pin_file, signer.certificate, replaced)
    return signer


def outgoing_list_signer(configuration: Configuration, certificate: bytes) -> Signer | None:
    """Return what signs with a replaced list key, so that it names its successor; None when it may not.

    It may not when it has named one already, is retired, declared stolen, past its validity or not in this folder
    (docs/protocol.md clause 6.10.2).
    """
    published, path = shared.published_files(configuration), succession.path(succession.digest(certificate))
    try:
        published.get(configuration.host, path, max_bytes=succession.MAX_BYTES)
    except NotPublished:
        if Certificate.from_der(certificate).valid_at(shared.utc_now()):
            return owned_keys(configuration, TRUST_LIST).outgoing(TRUST_LIST, certificate)
    return None


@cache
def _opened(configuration: Configuration, kind: str, version: str) -> Signer:
    """Open one version of a key, once in a process: scrypt takes 0.1 s."""
    return keyfolders.key_store(configuration, kind).signer(version)


def _pin(file: Path, certificate: bytes, ours: set[bytes]) -> None:
    """Put the list signer's certificate where this installation's verifiers look for it, whole.

    It replaces the certificate of another version of the same key; a pin of somebody else's, set by hand, stays.
    """
    if file.exists() and file.read_bytes() not in ours - {certificate}:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.write_bytes(certificate)
    draft.replace(file)


@contextmanager
def _passing(code: str) -> Iterator[None]:
    """Pass over one kind of `OperatorError`: making keys goes on where an earlier run was killed."""
    try:
        yield
    except OperatorError as error:
        if error.code != code:
            raise
