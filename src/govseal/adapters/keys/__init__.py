"""Keys in encrypted files, and the country's certification authority.

One folder holds one kind of key, so that a process is given only what it needs: seal keys for who issues,
ledger accounts for who anchors, the authority and the list's key for the country's operator.

    seals = KeyFolder(Path("var/keys/seal"), passphrase)
    seals.create_signing_key("moeys")
    seals.store_certificate("moeys", authority.certify_institution(seals.public_key("moeys"), ...))
    signature = seals.signer("moeys").sign(message)

What is *not* here: hardware keys, which fulfil the same ports.
"""

from govseal.adapters.keys.authority import CountryAuthority
from govseal.adapters.keys.escrow import FileEscrow
from govseal.adapters.keys.folder import FileLedgerAccount, FileSigner, KeyFolder

__all__ = ["CountryAuthority", "FileEscrow", "FileLedgerAccount", "FileSigner", "KeyFolder"]
