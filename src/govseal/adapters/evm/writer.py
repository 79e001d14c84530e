"""Writing DocumentStores: deploy, prepare, send, replace, and what became of a transaction.

The contract is asked first (gas is estimated), so a refusal costs nothing and sends nothing. What is prepared
is signed whole, nonce and all, and may be recorded before it is sent; sent again, the chain takes it once.

Invariants:
- preparing sends nothing, and sending changes nothing of what was prepared;
- after `LedgerUnavailable` a transaction may have arrived: ask `transaction`, or send the same bytes again.

What is *not* here: which nonce is next (the outbox keeps the account's order), fees (`fees`), keys (`keys`),
waiting until an issue is final (the outbox), and what a chain has lost of a store (`restoring`).
"""

import json
import threading
import time
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from govseal.adapters.evm.answers import quantity, word
from govseal.adapters.evm.fees import current_fees, raised_fees
from govseal.adapters.evm.reader import EvmReader
from govseal.adapters.evm.rpc import Call, RpcError
from govseal.core.errors import LedgerTakesNot, LedgerUnavailable, OperatorError
from govseal.core.merkle import keccak256
from govseal.core.ports import (
    AccountCount,
    Anchor,
    EventKind,
    LedgerAccount,
    SignedTransaction,
    Transaction,
)
from govseal.core.trustlist import StoreRef

if TYPE_CHECKING:
    from web3 import Web3
    from web3.types import TxParams

# Selectors of docs/protocol.md section 2.
_SELECTORS = {EventKind.ISSUED: "0x0f75e81f", EventKind.REVOKED: "0xb75c7dc6"}
# The block in which a hash was revoked, 0 where it was not.
_DOCUMENT_REVOKED = "0x8bc36c91"
_HAS_ROLE = "0x91d14854"
_ISSUED_TOPIC = "0x" + keccak256(b"DocumentIssued(bytes32)").hex()

_POLL_SECONDS = 0.05

# An estimate holds for the state it was made on; storage that others write in between may cost more.
_GAS_MARGIN = 1.2

_HEAD: Call = ("eth_getBlockByNumber", ["latest", False])
_PRICE: Call = ("eth_gasPrice", [])

# How go-ethereum, Besu, Nethermind, Erigon and anvil say that these very bytes, or another transaction with their
# nonce, are there already. Which of the two it is, `transaction` tells.
_TAKEN = (
    "already known",
    "already imported",
    "already exists",
    "known transaction",
    "nonce too low",
    "replacement transaction underpriced",
)


class EvmWriter(EvmReader):
    """Writes to one chain, by one endpoint.

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
        sent = self._send_now(account, self._deployment(account, name))
        receipt = self.wait_until_final(sent, time.monotonic() + self._mining_timeout)
        address = self._web3().to_checksum_address(receipt["contractAddress"])  # mined, so the node knows it
        return StoreRef(self.chain_id, self.genesis, address)

    def _deployment(self, account: str, name: str) -> dict[str, Any]:
        """Return the fields of a transaction that deploys a store named `name`, owned by `account`."""
        artefact = json.loads(files(__package__).joinpath("documentstore.json").read_text("utf-8"))
        contract = self._web3().eth.contract(abi=artefact["abi"], bytecode=artefact["bytecode"])
        return {"data": contract.constructor(name, self._account(account).address).data_in_transaction}

    def count(self, *, account: str) -> AccountCount:
        """Say how many transactions of the account the chain has taken; see `LedgerWriter.count`."""
        return self._count_of(self._account(account))

    def _count_of(self, signer: LedgerAccount) -> AccountCount:
        address = signer.address
        mined, pending = self._ask(
            [("eth_getTransactionCount", [address, block]) for block in ("latest", "pending")]
        )
        return AccountCount(quantity(mined), quantity(pending))

    def prepare(
        self, store: StoreRef, kind: EventKind, value: bytes, *, account: str, nonce: int
    ) -> SignedTransaction:
        """Sign `issue(value)` or `revoke(value)`; see `LedgerWriter.prepare`."""
        self._require_store(store, value)
        fields = {"to": store.address, "data": _SELECTORS[kind] + value.hex()}
        return self._sign(self._account(account), account, fields, nonce)

    def replacement(self, transaction_hash: bytes, *, account: str) -> SignedTransaction | None:
        """Sign a waiting transaction with a higher fee; see `LedgerWriter.replacement`."""
        found, head, price = self._ask(
            [("eth_getTransactionByHash", ["0x" + transaction_hash.hex()]), _HEAD, _PRICE]
        )
        if not isinstance(found, dict) or found.get("blockNumber") is not None:
            return None
        fees = raised_fees(found, current_fees(head, price))
        if fees is None:
            return None
        nonce = quantity(found.get("nonce"))
        to = self._web3().to_checksum_address(str(found.get("to")))
        fields = {"to": to, "data": found.get("input"), "gas": quantity(found.get("gas"))}
        return self._signed(self._account(account), {**fields, **fees}, nonce)

    def send(self, raw: bytes, *, account: str) -> None:
        """Hand a signed transaction to the chain; see `LedgerWriter.send`."""
        self._ask([])
        (answer,) = self._rpc.answers([("eth_sendRawTransaction", ["0x" + raw.hex()])])
        if not isinstance(answer, RpcError):
            return
        said = answer.message.lower().replace("_", " ")
        if "insufficient funds" in said or "upfront cost exceeds" in said:
            raise LedgerTakesNot(
                f"The ledger account {account} cannot pay for gas.",
                code="LEDGER_ACCOUNT_EMPTY",
                account=account,
            )
        if not any(words in said for words in _TAKEN):
            raise LedgerTakesNot(
                f"The ledger did not take the transaction: {answer.message}", account=account
            )

    def issue(self, store: StoreRef, root: bytes, *, account: str) -> bytes:
        """Issue `root` at once, for a caller that keeps no record of it; return the transaction's hash."""
        return self._act(store, EventKind.ISSUED, root, account)

    def revoke(self, store: StoreRef, target: bytes, *, account: str) -> bytes:
        """Revoke `target` at once, as `issue`."""
        return self._act(store, EventKind.REVOKED, target, account)

    def call(self, store: StoreRef, data: bytes, *, account: str) -> bytes:
        """Send any other call of a store at once, as `issue`; see `roles`."""
        self._require_store(store, bytes(32))
        return self._send_now(account, {"to": store.address, "data": "0x" + data.hex()})

    def has_role(self, store: StoreRef, role: bytes, address: str) -> bool:
        """Say whether an account holds a role (32 bytes) on a store."""
        data = _HAS_ROLE + role.hex() + address.removeprefix("0x").rjust(64, "0")
        self._require_store(store, bytes(32))
        (answer,) = self._ask([("eth_call", [{"to": store.address, "data": data}, "latest"])])
        return word(answer) != 0

    def issuing(self, store: StoreRef, anchor: Anchor) -> bytes | None:
        """Return the hash of the transaction that made an anchor; see `LedgerWriter.issuing`."""
        block = hex(anchor.block_number)
        only = {
            "address": store.address,
            "topics": [_ISSUED_TOPIC, "0x" + anchor.root.hex()],
            "fromBlock": block,
            "toBlock": block,
        }
        (logs,) = self._ask([("eth_getLogs", [only])])
        try:
            return bytes.fromhex(logs[0]["transactionHash"].removeprefix("0x")) if logs else None
        except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
            raise LedgerUnavailable("The ledger's event cannot be read.") from error

    def revocation_depths(self, store: StoreRef, hashes: Sequence[bytes]) -> list[int]:
        """Say how deep each revocation lies; see `LedgerWriter.revocation_depths`."""
        self._check_store(store)
        reads: list[Call] = [
            ("eth_call", [{"to": store.address, "data": _DOCUMENT_REVOKED + one.hex()}, "latest"])
            for one in hashes
        ]
        *answers, head = self._ask([*reads, ("eth_blockNumber", [])])
        newest = quantity(head)
        # The head was read beside the rest: a block that came in between makes it one too low.
        return [max(1, newest - block + 1) if block else 0 for block in map(word, answers)]

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

    def _require_store(self, store: StoreRef, value: bytes) -> None:
        # A call to an address without code succeeds and does nothing: reading first tells a lost store.
        self.revoked(store, [value])

    def _act(self, store: StoreRef, kind: EventKind, value: bytes, account: str) -> bytes:
        self._require_store(store, value)
        return self._send_now(account, {"to": store.address, "data": _SELECTORS[kind] + value.hex()})

    def _send_now(self, account: str, fields: dict[str, Any]) -> bytes:
        """Sign with the account in use, under its next nonce, and send; return the transaction's hash."""
        return self._send_by(self._account(account), account, fields)

    def _send_by(
        self, signer: LedgerAccount, account: str, fields: dict[str, Any], nonce: int | None = None
    ) -> bytes:
        """Sign with `nonce`, or the node's next one, and send, one at a time in this process; return the hash."""
        with self._sending:
            taken = self._count_of(signer).pending if nonce is None else nonce
            signed = self._sign(signer, account, fields, taken)
            self.send(signed.raw, account=account)
        return signed.hash

    def _sign(
        self, signer: LedgerAccount, account: str, fields: dict[str, Any], nonce: int
    ) -> SignedTransaction:
        """Estimate, price and sign; `account` is what an error calls the signer."""
        # web3 takes more than a second to import, and a verifier that only reads never needs it.
        from govseal.adapters.evm.bridge import ledger_errors  # noqa: PLC0415 - see above

        head, price = self._ask([_HEAD, _PRICE])
        call = cast("TxParams", {"from": signer.address, **fields})
        with ledger_errors(account):
            gas = self._web3().eth.estimate_gas(call)
        fields = {**fields, **current_fees(head, price), "gas": int(gas * _GAS_MARGIN)}
        return self._signed(signer, fields, nonce)

    def _signed(self, signer: LedgerAccount, fields: dict[str, Any], nonce: int) -> SignedTransaction:
        whole = {**fields, "chainId": self.chain_id, "nonce": nonce, "value": 0}
        raw = signer.sign_transaction(whole)
        return SignedTransaction(keccak256(raw), raw, nonce)

    def _account(self, name: str) -> LedgerAccount:
        try:
            return self._accounts[name]
        except KeyError:
            raise OperatorError(f"There is no ledger account named {name}.", account=name) from None

    def wait_until_final(self, transaction_hash: bytes, deadline: float) -> Any:
        """Return the receipt of a transaction once it has `finality` confirmations, at the latest at `deadline`."""
        digest = "0x" + transaction_hash.hex()
        while time.monotonic() < deadline:
            receipt, head = self._ask([("eth_getTransactionReceipt", [digest]), ("eth_blockNumber", [])])
            if receipt is not None:
                _, succeeded, confirmations = _depth(receipt, head)
                if not succeeded:
                    raise LedgerUnavailable("The transaction failed on the ledger.", transaction=digest)
                if confirmations >= self.finality:
                    return receipt
            time.sleep(_POLL_SECONDS)
        raise LedgerUnavailable("The ledger has not confirmed the transaction in time.", transaction=digest)

    def _web3(self) -> "Web3":
        """Return web3.py over this ledger's connection, made when something is first written."""
        if self._made_web3 is None:
            from govseal.adapters.evm.bridge import web3_over  # noqa: PLC0415 - as in `_sign`

            self._made_web3 = web3_over(self._rpc)
        return self._made_web3


def _depth(receipt: Any, head: Any) -> tuple[int, bool, int]:
    """Return a receipt's block number, whether its transaction succeeded, and its confirmations."""
    try:
        number, succeeded = quantity(receipt["blockNumber"]), quantity(receipt["status"]) == 1
    except (KeyError, TypeError) as error:
        raise LedgerUnavailable("The ledger's receipt cannot be read.") from error
    return number, succeeded, max(1, quantity(head) - number + 1)
