"""Ledger accounts: what the anchoring worker signs transactions with.

What is *not* here: keys that sign seals or lists (`keys`).
"""

from collections.abc import Iterator, Mapping

from govseal.core.ports import LedgerAccount
from govseal.project.configuration import Configuration
from govseal.project.wiring import keyfolders


class Accounts(Mapping[str, LedgerAccount]):
    """The ledger account in use by institution code, opened when first asked for (scrypt takes 0.1 s each).

    Which version is in use is asked each time, so that a rotation reaches a worker that runs. One version by its own
    name (`moeys.2`) is had with `version`, for the transactions of a rotation.
    """

    def __init__(self, configuration: Configuration) -> None:
        keyfolders.take_over(configuration, keyfolders.LEDGER)
        self._keys = keyfolders.ledger_keys(configuration)
        self._store = keyfolders.key_store(configuration, keyfolders.LEDGER)
        self._open: dict[str, LedgerAccount] = {}

    def __getitem__(self, code: str) -> LedgerAccount:
        """Return the account in use.

        Raises:
            KeyError: there is no account of that name.
            OperatorError: `NO_KEY_IN_USE`: it is retired or compromised, and none follows.
        """
        if not self._keys.versions(code):
            raise KeyError(code)
        return self.version(self._keys.current(code).name)

    def earlier(self, code: str) -> Iterator[LedgerAccount]:
        """Yield the accounts that were in use under a code before the present one, as far as their keys are held."""
        current = self._keys.current(code).number
        for version in self._keys.versions(code):
            if version.ready and version.number < current:
                yield self.version(version.name)

    def version(self, name: str) -> LedgerAccount:
        """Return one version of an account, in use or not.

        Raises:
            OperatorError: `KEY_MISSING`.
        """
        if name not in self._open:
            self._open[name] = self._store.ledger_account(name)
        return self._open[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys.names())

    def __len__(self) -> int:
        return len(self._keys.names())
