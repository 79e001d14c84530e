"""What a chain has forgotten of a DocumentStore is put back: the store itself, and who may write to it.

A store's address follows from the account that deployed it and that account's nonce; documents name it for ever. So
whichever of an institution's accounts deployed it, though it was replaced since, sends the deployment once more, and
the account in use owns what comes of it. Where the store is there and only the handing-over is forgotten, an earlier
account hands over again.

Invariants:
- nothing can come of a deployment on a chain that holds the store: only a nonce that it has forgotten gives the address;
- an earlier account sends nothing but this, and holds no role afterwards, as if it had been retired here.

What is *not* here: roots and revocations, which the outbox sends again; what a rotation does by itself (`roles`).
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from govseal.adapters.evm.roles import ADMIN, ROLES, granting, taking
from govseal.adapters.evm.writer import EvmWriter
from govseal.core.errors import LedgerUnavailable
from govseal.core.ports import LedgerAccount
from govseal.core.trustlist import StoreRef

# Stores that were deployed and forgotten before the one in use: an institution's entry that was begun anew.
_LOST_DEPLOYMENTS = 8
# For bringing a store back, all its transactions together: meanwhile nobody else may serve the institution.
_RESTORE_SECONDS = 15.0

Earlier = Callable[[str], Iterable[LedgerAccount]]
"""Returns the accounts that wrote for a name before the one in use, as far as their keys are still held."""


def _none_earlier(account: str) -> Sequence[LedgerAccount]:
    del account
    return ()


class EvmLedger(EvmWriter):
    """`LedgerReader` and `LedgerWriter` of one chain, by one endpoint.

    Args:
        rpc_url: as `EvmWriter`, as all that follow.
        chain_id: EIP-155 chain id.
        genesis: hash of block 0.
        accounts: the accounts that may send, by name.
        finality: confirmations after which a block is final.
        earlier: the accounts before those.
        named: time-outs.
    """

    def __init__(
        self,
        rpc_url: str,
        chain_id: int,
        genesis: str,
        accounts: Mapping[str, LedgerAccount],
        finality: int = 1,
        *,
        earlier: Earlier = _none_earlier,
        **named: float,
    ) -> None:
        super().__init__(rpc_url, chain_id, genesis, accounts, finality, **named)
        self._earlier = earlier

    def redeploy(self, store: StoreRef, *, account: str, name: str) -> None:
        """Deploy a store that the chain has lost, at its old address; see `LedgerWriter.redeploy`."""
        from govseal.adapters.evm.bridge import address_of_contract  # noqa: PLC0415 - web3 takes a second

        self._require_caught_up()
        deployment = self._deployment(account, name)
        for signer in (self._account(account), *self._earlier(account)):
            first = self._count_of(signer).mined
            for lost in range(first, first + _LOST_DEPLOYMENTS):
                if address_of_contract(signer.address, lost) == store.address:
                    self._deploy_again(signer, _called(account, signer), deployment, range(first, lost + 1))
                    return
        raise LedgerUnavailable(
            "The ledger has lost a document store that no account held here deployed, so that it cannot come back at"
            " its address: bring back the key of the account that deployed it, or the chain's data from another"
            " validator or a backup.",
            code="LEDGER_STORE_LOST",
            address=store.address,
        )

    def regain(self, store: StoreRef, *, account: str) -> bool:
        """Have an earlier account hand its roles over once more; see `LedgerWriter.regain`."""
        self._require_caught_up()
        used = self._account(account)
        earlier = list(self._earlier(account))
        administers = [one for one in earlier if self.has_role(store, ADMIN, one.address)]
        if not administers:
            return False
        giver, deadline = administers[0], time.monotonic() + min(_RESTORE_SECONDS, self._mining_timeout)
        give = [
            granting(role, used.address) for role in ROLES if not self.has_role(store, role, used.address)
        ]
        self._change(store, giver, _called(account, giver), give, deadline)
        held = [(role, one) for one in earlier for role in ROLES if self.has_role(store, role, one.address)]
        take = [taking(role, one.address) for role, one in held]
        self._change(store, used, account, take, deadline)
        return True

    def _require_caught_up(self) -> None:
        """Raise `LedgerUnavailable` while the node says that it does not know the whole chain yet."""
        (catching_up,) = self._ask([("eth_syncing", [])])
        if catching_up is not False:
            raise LedgerUnavailable(
                "The ledger's node is still catching up with the chain: what it lacks may be there.",
                code="LEDGER_NODE_BEHIND",
            )

    def _deploy_again(
        self, signer: LedgerAccount, called: str, deployment: dict[str, Any], nonces: Sequence[int]
    ) -> None:
        """Send a deployment under each nonce, and wait for the last alone: it is mined after the others.

        A chain takes no nonce twice, so that what is sent again when there was no time for all does no harm.
        """
        deadline = time.monotonic() + min(_RESTORE_SECONDS, self._mining_timeout)
        for nonce in nonces:
            if time.monotonic() > deadline:
                raise LedgerUnavailable(
                    "The ledger was too slow to bring a document store back: it is tried again."
                )
            sent = self._send_by(signer, called, deployment, nonce)
        self.wait_until_final(sent, deadline)

    def _change(
        self, store: StoreRef, signer: LedgerAccount, called: str, calls: Sequence[bytes], deadline: float
    ) -> None:
        """Send changes of roles and wait for each; again, they change nothing."""
        for data in calls:
            fields = {"to": store.address, "data": "0x" + data.hex()}
            self.wait_until_final(self._send_by(signer, called, fields), deadline)


def _called(account: str, signer: LedgerAccount) -> str:
    """Return what an error calls a signer: whoever is to fill an empty account must know which."""
    return f"{account} ({signer.address})"
