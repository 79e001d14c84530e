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

from govseal.adapters.keys import KeyFolder
from govseal.adapters.keys.files import SecretFiles
from govseal.core.errors import OperatorError
from govseal.project.configuration import Configuration


def key_folder(configuration: Configuration, kind: str) -> KeyFolder:
    """Return one folder of keys, opened with its passphrase."""
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
