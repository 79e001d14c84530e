"""Reading DocumentStores: where a root is anchored, and what is revoked.

A verifier's questions about any number of documents take one request (`facts`). Two tell one anchor alone (mark
and head, then the block's header), one tells up to a hundred revocations.

Invariants:
- "no" is said only by a contract of the right chain: a place without code, an endpoint of another chain and a
  node that lags behind are all `LedgerUnavailable`;
- a revocation counts from the head of the chain, whatever the finality.

What is *not* here: sending transactions (`writer`), and how questions are joined (`facts`).
"""

from collections.abc import Sequence
from typing import Any

from govseal.adapters.evm.answers import header_of, quantity, word
from govseal.adapters.evm.facts import DOCUMENT_ISSUED, IS_REVOKED, Facts, anchor_at, header_call, read_call
from govseal.adapters.evm.joined import Read
from govseal.adapters.evm.rpc import Call, JsonRpc, required
from govseal.core.errors import LedgerUnavailable
from govseal.core.ports import Anchor, LedgerFacts, LedgerQuestion
from govseal.core.trustlist import StoreRef


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
        self._facts = Facts(self._ask_each)

    def close(self) -> None:
        """Close the connections to the endpoint."""
        self._rpc.close()

    def facts(self, questions: Sequence[LedgerQuestion]) -> list[LedgerFacts]:
        """Answer the questions of many verifications at once; see `LedgerReader.facts`."""
        found: dict[int, LedgerFacts] = {}
        ours: dict[int, LedgerQuestion] = {}
        for place, question in enumerate(questions):
            try:
                self._check_store(question.store)
                ours[place] = question
            except LedgerUnavailable as error:
                found[place] = LedgerFacts(error, error)
        try:
            answers = self._facts.of(list(ours.values())) if ours else []
        except LedgerUnavailable as error:
            answers = [LedgerFacts(error, error)] * len(ours)
        found |= zip(ours, answers, strict=True)
        return [found[place] for place in range(len(questions))]

    def anchor(self, store: StoreRef, root: bytes) -> Anchor | None:
        """Return where `root` (32 bytes) is issued on `store`, or None; see `LedgerReader.anchor`."""
        self._check_store(store)
        mark, head = self._ask([_read(store, DOCUMENT_ISSUED, root), ("eth_blockNumber", [])])
        number = word(mark)
        if number == 0:
            return None
        (header,) = self._rpc.results([header_call(number)])
        return anchor_at(root, number, header_of(header), quantity(head))

    def revoked(self, store: StoreRef, hashes: Sequence[bytes]) -> list[bool]:
        """Say which of `hashes` `store` has revoked; see `LedgerReader.revoked`."""
        self._check_store(store)
        return [word(answer) != 0 for answer in self._ask([_read(store, IS_REVOKED, one) for one in hashes])]

    def _check_store(self, store: StoreRef) -> None:
        if (store.chain_id, store.genesis) != (self.chain_id, self.genesis):
            raise LedgerUnavailable(
                "The document's ledger is not the one that this installation reads.",
                code="LEDGER_OTHER_CHAIN",
                chain_id=store.chain_id,
            )

    def _ask(self, calls: Sequence[Call]) -> list[Any]:
        """Make calls as `_ask_each` does; raise `LedgerUnavailable` when one of them is answered by an error."""
        return required(calls, self._ask_each(calls))

    def _ask_each(self, calls: Sequence[Call]) -> list[Any]:
        """Make calls, asking in the same request which chain answers; refuse another than the configured one.

        Asked each time, since an address may come to serve another chain, whose stores may even have the same
        addresses; it costs no round trip.
        """
        identity: list[Call] = [("eth_chainId", []), header_call(0)]
        answers = self._rpc.answers([*identity, *calls])
        chain_id, block_zero = required(identity, answers[:2])
        found = (quantity(chain_id), "0x" + header_of(block_zero)[0].hex())
        if found != (self.chain_id, self.genesis):
            raise LedgerUnavailable(
                "The ledger's endpoint serves another chain than the one configured.",
                code="LEDGER_OTHER_CHAIN",
                expected=(self.chain_id, self.genesis),
                found=found,
            )
        return answers[2:]


def _read(store: StoreRef, selector: str, value: bytes) -> Call:
    return read_call(Read(store.address, selector, value))
