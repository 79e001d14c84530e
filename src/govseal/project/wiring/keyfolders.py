"""Which keys lie where, and who may reach them.

    <home>/keys/authority/   the country's authority        operator, to certify
    <home>/keys/trust-list/  the list's key                 operator, to publish
    <home>/keys/seal/        seal and escrow keys           the institution's office
    <home>/keys/status/      the status lists' key          the worker
    <home>/keys/anchor/      the anchor receipts' key       the worker
    <home>/keys/ledger/      ledger accounts                the worker

`GOVSEAL_KEYS_<FOLDER>` names another place: a path, or a PKCS#11 URI. A folder of files has a passphrase of its own,
from `GOVSEAL_<FOLDER>_PASSPHRASE` or, on a single machine, from a file beside the keys that is made at first use; a
token has a PIN, from `GOVSEAL_<FOLDER>_PIN` or the file that its URI names. The record of what happened to the keys
lies in the folder, for a token in the folder that the keys would lie in.

What is *not* here: the files' form (`govseal.adapters.keys`), and which version of a key signs (`lifecycle` there).
"""

import os
import secrets
from pathlib import Path
from typing import TypeVar

from govseal.adapters.keys import KeyFolder, KeyStore, open_key_store, tokenuri
from govseal.adapters.keys.files import SecretFiles
from govseal.adapters.keys.lifecycle import LedgerAccounts, SigningKeys
from govseal.adapters.keys.record import KeyRecord
from govseal.core.errors import OperatorError
from govseal.project.configuration import Configuration
from govseal.project.wiring.shared import utc_now

AUTHORITY, TRUST_LIST, SEAL, STATUS, ANCHOR, LEDGER = (
    "authority",
    "trust-list",
    "seal",
    "status",
    "anchor",
    "ledger",
)
SIGNING_FOLDERS = (AUTHORITY, TRUST_LIST, SEAL, STATUS, ANCHOR)
FOLDERS = (*SIGNING_FOLDERS, LEDGER)

_ADOPTER = "govseal"
Keys = TypeVar("Keys", SigningKeys, LedgerAccounts)


def key_store(configuration: Configuration, kind: str) -> KeyStore:
    """Return one folder of keys, opened with its passphrase, or one token, with its PIN."""
    return open_key_store(
        _place(configuration, kind),
        passphrase=lambda: _passphrase(configuration, kind),
        environment=os.environ,
        pin_variable=_variable(kind, "PIN"),
    )


def is_there(configuration: Configuration, kind: str) -> bool:
    """Say whether a folder of keys was made, or may have been: a token, or a place that this process may not see."""
    place = _place(configuration, kind)
    try:
        return place.startswith(tokenuri.SCHEME) or Path(place).is_dir()
    except PermissionError:
        return True


def key_record(configuration: Configuration, kind: str) -> KeyRecord:
    """Return the record of one folder's keys."""
    place = _place(configuration, kind)
    return KeyRecord(_own(configuration, kind) if place.startswith(tokenuri.SCHEME) else Path(place))


def signing_keys(configuration: Configuration, kind: str) -> SigningKeys:
    """Return the signing keys of one folder and their lives."""
    return _kept(SigningKeys, configuration, kind)


def ledger_keys(configuration: Configuration) -> LedgerAccounts:
    """Return the ledger accounts and their lives."""
    return _kept(LedgerAccounts, configuration, LEDGER)


def take_over(configuration: Configuration, kind: str) -> None:
    """Bring a folder of an earlier version up to date, in place: for the process that owns the folder.

    Keys in an older form are encrypted anew, and keys that the record lacks are entered in it. Where later versions
    are there and no record is, nothing is entered: the record would bring a replaced key back into use, so that
    every use says `KEY_RECORD_DAMAGED` until somebody has looked.
    """
    store, keys = key_store(configuration, kind), _kept_keys(configuration, kind)
    if isinstance(store, KeyFolder):
        store.upgrade()
    for name in keys.names():
        keys.versions(name)
    keys.adopt(by=_ADOPTER)


def _kept_keys(configuration: Configuration, kind: str) -> SigningKeys | LedgerAccounts:
    return ledger_keys(configuration) if kind == LEDGER else signing_keys(configuration, kind)


def _kept(form: type[Keys], configuration: Configuration, kind: str) -> Keys:
    return form(key_store(configuration, kind), key_record(configuration, kind), utc_now)


def _own(configuration: Configuration, kind: str) -> Path:
    return configuration.home / "keys" / kind


def _place(configuration: Configuration, kind: str) -> str:
    return os.environ.get(f"GOVSEAL_KEYS_{_upper(kind)}") or str(_own(configuration, kind))


def _variable(kind: str, what: str) -> str:
    return f"GOVSEAL_{_upper(kind)}_{what}"


def _upper(kind: str) -> str:
    return kind.upper().replace("-", "_")


def _passphrase(configuration: Configuration, kind: str) -> str:
    """Return the passphrase of one folder."""
    variable = _variable(kind, "PASSPHRASE")
    if variable in os.environ:
        return os.environ[variable]
    files = SecretFiles(configuration.home / "passphrases")
    try:
        return files.read(kind).decode()
    except OperatorError as error:
        if error.code != "KEY_MISSING":
            raise
    try:
        files.create(kind, secrets.token_urlsafe(32).encode())
    except OperatorError as error:
        if error.code != "KEY_EXISTS":  # another process was first
            raise
    return files.read(kind).decode()
