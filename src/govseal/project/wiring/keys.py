"""The keys of offices and operators: seal, escrow, trust list, authority.

What is *not* here: ledger accounts (`accounts`), which alone the anchoring worker may reach, and where keys lie
(`keyfolders`).
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path

from govseal.adapters.countrypack import Country
from govseal.adapters.keys import CountryAuthority, FileEscrow, FileSigner
from govseal.core.errors import OperatorError
from govseal.project.configuration import Configuration
from govseal.project.wiring import shared
from govseal.project.wiring.keyfolders import key_folder

_AUTHORITY_LIFE = timedelta(days=20 * 365)
_CERTIFICATE_LIFE = timedelta(days=5 * 365)
_NAME_LIMIT = 64  # X.520's bound on organisation names, characters
_CLOCK_SLACK = timedelta(minutes=5)


def institution_keys(
    configuration: Configuration, code: str, names: Mapping[str, str], country: Country
) -> bytes:
    """Make what an institution lacks of seal key, certificate, escrow key and ledger account.

    Returns:
        Its seal certificate, DER.
    """
    seals, ledger = key_folder(configuration, "seal"), key_folder(configuration, "ledger")
    if code not in ledger.ledger_accounts():
        ledger.create_ledger_account(code)
    if code not in seals.signing_keys():
        seals.create_signing_key(code)
    with _passing("KEY_EXISTS"):
        seals.create_escrow(code)
    with _passing("KEY_MISSING"):
        return seals.certificate(code)
    now = shared.utc_now().replace(microsecond=0)
    certificate = _authority(configuration, country).certify_institution(
        seals.public_key(code),
        country=country.code,
        code=code,
        name=names.get("en", code)[:_NAME_LIMIT],
        not_before=now - _CLOCK_SLACK,
        not_after=now + _CERTIFICATE_LIFE,
    )
    seals.store_certificate(code, certificate)
    return certificate


@contextmanager
def _passing(code: str) -> Iterator[None]:
    """Pass over one kind of `OperatorError`: making keys goes on where an earlier run was killed."""
    try:
        yield
    except OperatorError as error:
        if error.code != code:
            raise


@cache
def seal_signer(configuration: Configuration, code: str) -> FileSigner:
    """Return an institution's seal key."""
    return key_folder(configuration, "seal").signer(code)


@cache
def escrow(configuration: Configuration, code: str) -> FileEscrow:
    """Return an institution's escrow."""
    return key_folder(configuration, "seal").escrow(code)


def trust_list_signer(configuration: Configuration, country: Country) -> FileSigner:
    """Return the trust list's key, made at first use; its certificate is the pin."""
    folder = key_folder(configuration, "trust-list")
    name = "trust-list"
    if name not in folder.signing_keys():
        folder.create_signing_key(name)
    certificate = None
    with _passing("KEY_MISSING"):
        certificate = folder.certificate(name)
    if certificate is None:
        now = shared.utc_now().replace(microsecond=0)
        certificate = _authority(configuration, country).certify_list_signer(
            folder.public_key(name),
            country=country.code,
            operator=country.operator["en"],
            not_before=now - _CLOCK_SLACK,
            not_after=now + _AUTHORITY_LIFE,
        )
        folder.store_certificate(name, certificate)
    _pin(configuration.trust_pin_file, certificate)
    return folder.signer(name)


def _pin(file: Path, certificate: bytes) -> None:
    """Put the list signer's certificate where verifiers look for it, whole; a pin set by hand stays."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.write_bytes(certificate)
    draft.replace(file)


def _authority(configuration: Configuration, country: Country) -> CountryAuthority:
    folder = key_folder(configuration, "authority")
    if CountryAuthority.NAME in folder.certified_keys():
        return CountryAuthority(folder)
    now = shared.utc_now().replace(microsecond=0)
    return CountryAuthority.create(
        folder,
        country=country.code,
        operator=country.operator["en"],
        not_before=now - _CLOCK_SLACK,
        not_after=now + _AUTHORITY_LIFE,
    )
