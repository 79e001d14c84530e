"""Keys in encrypted files or on PKCS#11 tokens, and the country's certification authority.

One folder holds one kind of key, so that a process is given only what it needs: seal keys for who issues,
ledger accounts for who anchors, the authority and the list's key for the country's operator.

    seals = KeyFolder(Path("var/keys/seal"), passphrase)
    seals.create_signing_key("moeys")
    seals.store_certificate("moeys", authority.certify_institution(seals.public_key("moeys"), ...))
    signature = seals.signer("moeys").sign(message)

`store` says what every place of keys can do and opens the one that a configuration names; `tokenkeys` is a token,
imported from there alone, since files need no PKCS#11 library. `lifecycle` makes, rotates and retires keys, and keeps
their `record`.

What is *not* here: who may use which folder (`govseal.project.wiring.keyfolders`).
"""

from govseal.adapters.keys.authority import CountryAuthority
from govseal.adapters.keys.escrow import FileEscrow
from govseal.adapters.keys.folder import FileLedgerAccount, FileSigner, KeyFolder
from govseal.adapters.keys.store import KeyStore, open_key_store

__all__ = [
    "CountryAuthority",
    "FileEscrow",
    "FileLedgerAccount",
    "FileSigner",
    "KeyFolder",
    "KeyStore",
    "open_key_store",
]
