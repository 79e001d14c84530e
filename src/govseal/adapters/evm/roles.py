"""Who may write to a DocumentStore: hand the roles of one ledger account to its successor, and take them away.

The selectors and roles are those of docs/protocol.md section 2. Granting what is held and taking what is not held change
nothing, so a killed hand-over is simply done again.

What is *not* here: which account is in use (`govseal.adapters.keys.lifecycle`), keeping the outbox still meanwhile, and
handing over again what a chain has forgotten (`restoring`).
"""

import time

from govseal.adapters.evm.writer import EvmWriter
from govseal.core.merkle import keccak256
from govseal.core.trustlist import StoreRef

_GRANT, _REVOKE = (keccak256(f"{name}(bytes32,address)".encode())[:4] for name in ("grantRole", "revokeRole"))
ADMIN = bytes(32)
"""The role that grants and takes all three."""

ROLES = (keccak256(b"ISSUER_ROLE"), keccak256(b"REVOKER_ROLE"), ADMIN)
"""What an institution's account holds on its store."""


def granting(role: bytes, address: str) -> bytes:
    """Return the data of a call that gives an account a role."""
    return _GRANT + role + _word(address)


def taking(role: bytes, address: str) -> bytes:
    """Return the data of a call that takes a role from an account."""
    return _REVOKE + role + _word(address)


def _word(address: str) -> bytes:
    return bytes.fromhex(address.removeprefix("0x")).rjust(32, b"\0")


class StoreRoles:
    """The roles on DocumentStores, changed by accounts that administer them.

    Args:
        ledger: sends, with the accounts by their names.
        seconds: how long to wait for each transaction to be final.
    """

    def __init__(self, ledger: EvmWriter, *, seconds: float = 60.0) -> None:
        self._ledger = ledger
        self._seconds = seconds

    def grant(self, store: StoreRef, address: str, *, account: str) -> None:
        """Let `address` issue, revoke and administer.

        Raises:
            RefusedError: `account` does not administer the store.
            LedgerUnavailable: the chain is away, or slower than waited for.
        """
        for role in ROLES:
            self._change(store, granting(role, address), account)

    def take(self, store: StoreRef, address: str, *, account: str) -> None:
        """Let `address` do nothing any more; as `grant`."""
        for role in ROLES:
            self._change(store, taking(role, address), account)

    def held(self, store: StoreRef, address: str) -> bool:
        """Say whether `address` holds any role.

        Raises:
            LedgerUnavailable: the chain is away, or has lost the store.
        """
        return any(self._ledger.has_role(store, role, address) for role in ROLES)

    def _change(self, store: StoreRef, data: bytes, account: str) -> None:
        sent = self._ledger.call(store, data, account=account)
        self._ledger.wait_until_final(sent, time.monotonic() + self._seconds)
