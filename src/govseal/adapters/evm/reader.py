"""Reading DocumentStores: where a root is anchored, and what is revoked.

Two requests tell an anchor (mark and head, then the block's header), one tells up to a hundred revocations.
Headers are read as they come, so the long `extraData` of proof-of-authority chains needs no care here.

Invariants:
- "no" is said only by a contract of the right chain: a place without code, an endpoint of another chain and a
  node that lags behind are all `LedgerUnavailable`;
- a revocation counts from the head of the chain, whatever the finality.

What is *not* here: sending transactions (`writer`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from govseal.adapters.evm.rpc import Call, JsonRpc
from govseal.core.errors import LedgerUnavailable
from govseal.core.ports import Anchor
from govseal.core.trustlist import StoreRef

# Selectors of docs/protocol.md section 2. `documentIssued` holds the block number that `getIssuedBlock`
# returns, and 0 where that one would refuse to answer.
_DOCUMENT_ISSUED = "0x33358d2d"
_IS_REVOKED = "0x4294857f"
_HASH_BYTES = 32
_WORD_DIGITS = 2 + 64


class EvmReader:
    """`LedgerReader` of one chain, by one endpoint.

    Args:
        rpc_url: JSON-RPC endpoint, http or https.
        chain_id: EIP-155 chain id that the endpoint must serve.
        genesis: hash of that chain's block 0, `0x` and 64 lower-case hex digits.
        timeout: seconds for each request.
    """

    def __init__(self, rpc_url: str, chain_id: int, genesis: str, *, timeout: float = 5.0) -> None:
        self.chain_id = chain_id
        self.genesis = genesis
        self._rpc = JsonRpc(rpc_url, timeout=timeout)

    def close(self) -> None:
        """Close the connections to the endpoint."""
        self._rpc.close()

    def anchor(self, store: StoreRef, root: bytes) -> Anchor | None:
        """Return where `root` (32 bytes) is issued on `store`, or None; see `LedgerReader.anchor`."""
        self._check_store(store)
        mark, head = self._ask([_read(store, _DOCUMENT_ISSUED, root), ("eth_blockNumber", [])])
        number = _word(mark)
        if number == 0:
            return None
        header = self._rpc.result("eth_getBlockByNumber", hex(number), False)  # noqa: FBT003 - JSON-RPC's own
        block_hash, block_time = header_of(header)
        # The head was read beside the mark: a block that came in between makes it one too low.
        confirmations = max(1, quantity(head) - number + 1)
        return Anchor(root, number, block_hash, block_time, confirmations)

    def revoked(self, store: StoreRef, hashes: Sequence[bytes]) -> list[bool]:
        """Say which of `hashes` `store` has revoked; see `LedgerReader.revoked`."""
        self._check_store(store)
        return [
            _word(answer) != 0 for answer in self._ask([_read(store, _IS_REVOKED, value) for value in hashes])
        ]

    def _check_store(self, store: StoreRef) -> None:
        if (store.chain_id, store.genesis) != (self.chain_id, self.genesis):
            raise LedgerUnavailable(
                "The document's ledger is not the one that this installation reads.",
                code="LEDGER_OTHER_CHAIN",
                chain_id=store.chain_id,
            )

    def _ask(self, calls: Sequence[Call]) -> list[Any]:
        """Make calls, asking in the same request which chain answers; refuse another than the configured one.

        Asked each time, since an address may come to serve another chain, whose stores may even have the same
        addresses; it costs no round trip.
        """
        identity: list[Call] = [("eth_chainId", []), ("eth_getBlockByNumber", ["0x0", False])]
        chain_id, block_zero, *answers = self._rpc.results([*identity, *calls])
        found = (quantity(chain_id), "0x" + header_of(block_zero)[0].hex())
        if found != (self.chain_id, self.genesis):
            raise LedgerUnavailable(
                "The ledger's endpoint serves another chain than the one configured.",
                code="LEDGER_OTHER_CHAIN",
                expected=(self.chain_id, self.genesis),
                found=found,
            )
        return answers


def _read(store: StoreRef, selector: str, value: bytes) -> Call:
    """Return the `eth_call` that reads one hash's entry at the head of the chain."""
    return "eth_call", [{"to": store.address, "data": selector + value.hex()}, "latest"]


def _word(answer: Any) -> int:
    """Return the 32-byte word that a contract answered; no contract answers `0x`."""
    if answer == "0x":
        raise LedgerUnavailable(
            "The ledger holds no document store at that address.", code="LEDGER_STORE_MISSING"
        )
    if not isinstance(answer, str) or len(answer) != _WORD_DIGITS:
        raise LedgerUnavailable("The ledger's answer is not that of a document store.")
    return quantity(answer)


def quantity(answer: Any) -> int:
    """Return a JSON-RPC quantity, `0x` and hex digits."""
    try:
        return int(answer, 16)
    except (TypeError, ValueError) as error:
        raise LedgerUnavailable("The ledger's answer is not a number.") from error


def header_of(block: Any) -> tuple[bytes, datetime]:
    """Return the hash and the time (UTC) of a block's header."""
    if not isinstance(block, dict):
        raise LedgerUnavailable("The ledger does not hold a block that it should.")
    try:
        block_hash = bytes.fromhex(block["hash"].removeprefix("0x"))
        block_time = datetime.fromtimestamp(quantity(block["timestamp"]), UTC)
    except (KeyError, AttributeError, ValueError, OverflowError, OSError) as error:
        raise LedgerUnavailable("The ledger's block header cannot be read.") from error
    if len(block_hash) != _HASH_BYTES:
        raise LedgerUnavailable("The ledger's block header cannot be read.")
    return block_hash, block_time
