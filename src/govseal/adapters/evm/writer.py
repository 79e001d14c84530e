"""Writing DocumentStores: deploy, issue, revoke, and what became of a transaction.

The contract is asked first (gas is estimated), so a refusal costs nothing and sends nothing. The nonce is the
node's own count of pending transactions, taken anew each time under a lock: a transaction that the chain lost
leaves no gap. Fees follow the chain: zero where gas is free, else
the node's price with room for a base fee that doubles.

Invariants:
- a `RefusedError` means that nothing was sent;
- after `LedgerUnavailable` a transaction may have arrived: ask `anchor` or `revoked` before sending again.

What is *not* here: several processes that send from one account at once (one worker does), keys (`keys`), and
waiting until an issue is final (the outbox).
"""

import json
import threading
import time
from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from govseal.adapters.evm.reader import EvmReader, quantity
from govseal.core.errors import LedgerUnavailable, OperatorError
from govseal.core.ports import LedgerAccount, Transaction
from govseal.core.trustlist import StoreRef

if TYPE_CHECKING:
    from eth_typing import ChecksumAddress
    from web3 import Web3
    from web3.types import TxParams

# Selectors of docs/protocol.md section 2.
_SELECTORS = {"issue": "0x0f75e81f", "revoke": "0xb75c7dc6"}

_POLL_SECONDS = 0.05

# An estimate holds for the state it was made on; storage that others write in between may cost more.
_GAS_MARGIN = 1.2


class EvmLedger(EvmReader):
    """`LedgerReader` and `LedgerWriter` of one chain, by one endpoint.

    Args:
        rpc_url: JSON-RPC endpoint, http or https.
        chain_id: EIP-155 chain id that the endpoint must serve.
        genesis: hash of that chain's block 0, `0x` and 64 lower-case hex digits.
        accounts: the accounts that may send, by the name that callers use.
        finality: confirmations (the block itself counted) after which a block is final on this chain: 1 on
            chains with immediate finality, such as QBFT and the local chain.
        timeout: seconds for each request.
        mining_timeout: seconds to wait for a deployment to be final.
    """

    def __init__(
        self,
        rpc_url: str,
        chain_id: int,
        genesis: str,
        accounts: Mapping[str, LedgerAccount],
        finality: int = 1,
        *,
        timeout: float = 5.0,
        mining_timeout: float = 120.0,
    ) -> None:
        super().__init__(rpc_url, chain_id, genesis, timeout=timeout)
        self.finality = finality
        self._accounts = accounts
        self._mining_timeout = mining_timeout
        self._sending = threading.Lock()
        self._made_web3: Web3 | None = None

    def deploy(self, *, account: str, name: str) -> StoreRef:
        """Deploy a store named `name`, owned by `account`, and wait until it is final.

        Args:
            account: name of the account that deploys, and then administers, issues and revokes.
            name: at most 256 bytes of UTF-8.

        Raises:
            RefusedError: the constructor refused: nothing was sent.
            LedgerUnavailable: the chain is away, or slower than `mining_timeout`, or the deployment failed on it;
                `transaction` is in the facts once one was sent.
        """
        artefact = json.loads(files(__package__).joinpath("documentstore.json").read_text("utf-8"))
        web3, owner = self._web3(), self._account(account).address
        contract = web3.eth.contract(abi=artefact["abi"], bytecode=artefact["bytecode"])
        data = contract.constructor(name, owner).data_in_transaction
        receipt = self._wait_until_final(self._send(account, {"data": data}))
        address = web3.to_checksum_address(receipt["contractAddress"])  # mined, so the node knows it
        return StoreRef(self.chain_id, self.genesis, address)

    def issue(self, store: StoreRef, root: bytes, *, account: str) -> bytes:
        """Send `issue(root)` and return the transaction's hash; see `LedgerWriter.issue`."""
        return self._send_to(store, "issue", root, account)

    def revoke(self, store: StoreRef, target: bytes, *, account: str) -> bytes:
        """Send `revoke(target)` and return the transaction's hash; see `LedgerWriter.revoke`."""
        return self._send_to(store, "revoke", target, account)

    def transaction(self, transaction_hash: bytes) -> Transaction:
        """Say what became of a transaction."""
        digest = "0x" + transaction_hash.hex()
        receipt, found, head = self._ask(
            [
                ("eth_getTransactionReceipt", [digest]),
                ("eth_getTransactionByHash", [digest]),
                ("eth_blockNumber", []),
            ]
        )
        if receipt is None:
            return Transaction(transaction_hash, None, None, known=found is not None)
        number, succeeded, confirmations = _depth(receipt, head)
        return Transaction(transaction_hash, number, succeeded, known=True, confirmations=confirmations)

    # --- sending --------------------------------------------------------------------------------------

    def _send_to(self, store: StoreRef, function: str, value: bytes, account: str) -> bytes:
        # A call to an address without code succeeds and does nothing: reading first tells a lost store.
        self.revoked(store, [value])
        data = _SELECTORS[function] + value.hex()
        return self._send(account, {"to": store.address, "data": data})

    def _send(self, account: str, fields: dict[str, Any]) -> bytes:
        """Estimate, price, sign and send one transaction; return its hash."""
        # web3 takes more than a second to import, and a verifier that only reads never needs it.
        from govseal.adapters.evm.bridge import ledger_errors  # noqa: PLC0415

        sender = self._account(account)
        self._ask([])
        with self._sending, ledger_errors(account):
            eth = self._web3().eth
            gas = eth.estimate_gas(cast("TxParams", {"from": sender.address, **fields}))
            transaction = {
                **fields,
                **_fees(eth.get_block("latest").get("baseFeePerGas"), eth.gas_price),
                "chainId": self.chain_id,
                "nonce": eth.get_transaction_count(cast("ChecksumAddress", sender.address), "pending"),
                "value": 0,
                "gas": int(gas * _GAS_MARGIN),
            }
            return bytes(eth.send_raw_transaction(sender.sign_transaction(transaction)))

    def _account(self, name: str) -> LedgerAccount:
        try:
            return self._accounts[name]
        except KeyError:
            raise OperatorError(f"There is no ledger account named {name}.", account=name) from None

    def _wait_until_final(self, transaction_hash: bytes) -> Any:
        """Return the receipt of a transaction once it has `finality` confirmations."""
        digest = "0x" + transaction_hash.hex()
        deadline = time.monotonic() + self._mining_timeout
        while time.monotonic() < deadline:
            receipt, head = self._ask([("eth_getTransactionReceipt", [digest]), ("eth_blockNumber", [])])
            if receipt is not None:
                _, succeeded, confirmations = _depth(receipt, head)
                if not succeeded:
                    raise LedgerUnavailable("The deployment failed on the ledger.", transaction=digest)
                if confirmations >= self.finality:
                    return receipt
            time.sleep(_POLL_SECONDS)
        raise LedgerUnavailable("The ledger has not confirmed the deployment in time.", transaction=digest)

    def _web3(self) -> "Web3":
        """Return web3.py over this ledger's connection, made when something is first written."""
        if self._made_web3 is None:
            from govseal.adapters.evm.bridge import web3_over  # noqa: PLC0415 - as in `_send`

            self._made_web3 = web3_over(self._rpc)
        return self._made_web3


def _depth(receipt: Any, head: Any) -> tuple[int, bool, int]:
    """Return a receipt's block number, whether its transaction succeeded, and its confirmations."""
    try:
        number, succeeded = quantity(receipt["blockNumber"]), quantity(receipt["status"]) == 1
    except (KeyError, TypeError) as error:
        raise LedgerUnavailable("The ledger's receipt cannot be read.") from error
    return number, succeeded, max(1, quantity(head) - number + 1)


def _fees(base_fee: int | None, gas_price: int) -> dict[str, Any]:
    """Return the fee fields (wei) at the node's price: EIP-1559 where blocks have a base fee, else legacy."""
    if base_fee is None:
        return {"gasPrice": gas_price}
    tip = max(0, gas_price - base_fee)
    # Twice the base fee is six full blocks of rise (EIP-1559 raises it by an eighth at most).
    return {"type": 2, "maxFeePerGas": 2 * base_fee + tip, "maxPriorityFeePerGas": tip}
