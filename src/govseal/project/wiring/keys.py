"""Which keys lie where, and who may reach them.

    <home>/keys/authority/   the country's authority        operator, to certify
    <home>/keys/trust-list/  the list's key                 operator, to publish
    <home>/keys/seal/        seal and escrow keys           the institution's office
    <home>/keys/ledger/      ledger accounts                the anchoring worker

Each folder has a passphrase of its own, from `GOVSEAL_<FOLDER>_PASSPHRASE` or, on a single machine, from a file
beside the keys that is made at first use.

What is *not* here: the files' form (`govseal.adapters.keys`).
"""

import os
import secrets
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache

from govseal.adapters.countrypack import Country
from govseal.adapters.keys import CountryAuthority, FileEscrow, FileLedgerAccount, FileSigner, KeyFolder
from govseal.adapters.keys.files import SecretFiles
from govseal.core.errors import OperatorError
from govseal.project.configuration import Configuration
from govseal.project.wiring import shared

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
    seals, ledger = _folder(configuration, "seal"), _folder(configuration, "ledger")
    if code not in ledger.ledger_accounts():
        ledger.create_ledger_account(code)
    if code not in seals.signing_keys():
        seals.create_signing_key(code)
        seals.create_escrow(code)
    try:
        return seals.certificate(code)
    except OperatorError:
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


@cache
def seal_signer(configuration: Configuration, code: str) -> FileSigner:
    """Return an institution's seal key."""
    return _folder(configuration, "seal").signer(code)


@cache
def escrow(configuration: Configuration, code: str) -> FileEscrow:
    """Return an institution's escrow."""
    return _folder(configuration, "seal").escrow(code)


def trust_list_signer(configuration: Configuration, country: Country) -> FileSigner:
    """Return the trust list's key, made at first use; its certificate is the pin."""
    folder = _folder(configuration, "trust-list")
    name = "trust-list"
    if name not in folder.signing_keys():
        now = shared.utc_now().replace(microsecond=0)
        public_key = folder.create_signing_key(name)
        certificate = _authority(configuration, country).certify_list_signer(
            public_key,
            country=country.code,
            operator=country.operator["en"],
            not_before=now - _CLOCK_SLACK,
            not_after=now + _AUTHORITY_LIFE,
        )
        folder.store_certificate(name, certificate)
    signer = folder.signer(name)
    pin = configuration.trust_pin_file
    if not pin.exists():
        pin.parent.mkdir(parents=True, exist_ok=True)
        pin.write_bytes(signer.certificate)
    return signer


class LedgerAccounts(Mapping[str, FileLedgerAccount]):
    """Every ledger account by institution code, opened when first asked for (scrypt takes 0.1 s each)."""

    def __init__(self, configuration: Configuration) -> None:
        self._folder = _folder(configuration, "ledger")
        self._open: dict[str, FileLedgerAccount] = {}

    def __getitem__(self, code: str) -> FileLedgerAccount:
        if code not in self._open:
            if code not in self._folder.ledger_accounts():
                raise KeyError(code)
            self._open[code] = self._folder.ledger_account(code)
        return self._open[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._folder.ledger_accounts())

    def __len__(self) -> int:
        return len(self._folder.ledger_accounts())


def _authority(configuration: Configuration, country: Country) -> CountryAuthority:
    folder = _folder(configuration, "authority")
    if CountryAuthority.NAME in folder.signing_keys():
        return CountryAuthority(folder)
    now = shared.utc_now().replace(microsecond=0)
    return CountryAuthority.create(
        folder,
        country=country.code,
        operator=country.operator["en"],
        not_before=now - _CLOCK_SLACK,
        not_after=now + _AUTHORITY_LIFE,
    )


def _folder(configuration: Configuration, kind: str) -> KeyFolder:
    return KeyFolder(configuration.home / "keys" / kind, _passphrase(configuration, kind))


def _passphrase(configuration: Configuration, kind: str) -> str:
    """Return the passphrase of one folder."""
    variable = f"GOVSEAL_{kind.upper().replace('-', '_')}_PASSPHRASE"
    if variable in os.environ:
        return os.environ[variable]
    files = SecretFiles(configuration.home / "passphrases")
    try:
        return files.read(kind).decode()
    except OperatorError as error:
        if error.code != "KEY_MISSING":
            raise
    files.create(kind, secrets.token_urlsafe(32).encode())
    return files.read(kind).decode()
