"""Ledger accounts: what the anchoring worker signs transactions with, and all that it can reach of keys.

What is *not* here: keys that sign seals or lists (`keys`).
"""

from collections.abc import Iterator, Mapping

from govseal.adapters.keys import FileLedgerAccount
from govseal.project.configuration import Configuration
from govseal.project.wiring.keyfolders import key_folder


class LedgerAccounts(Mapping[str, FileLedgerAccount]):
    """Every ledger account by institution code, opened when first asked for (scrypt takes 0.1 s each)."""

    def __init__(self, configuration: Configuration) -> None:
        self._folder = key_folder(configuration, "ledger")
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
