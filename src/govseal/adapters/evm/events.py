"""What DocumentStores have said: `DocumentIssued` and `DocumentRevoked`, many stores in one filter.

Endpoints limit how many blocks, events or bytes they answer for, each in its own words. So whatever goes wrong
with a range of several blocks, and can come from its size, is `LedgerRangeRefused`: the caller halves it.

Invariants:
- an answer is whole or none: the endpoint must hold the range's last block, in the same request, since one that
  lags behind leaves out events without a word;
- an event that was not asked for, and a block that changed meanwhile, are refused.

    EvmEvents(rpc_url, chain_id, genesis).events([store], 1, 2_000)

What is *not* here: which ranges are read, and keeping what was found (`govseal.apps.evidence`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from govseal.adapters.evm.answers import header_of, quantity
from govseal.adapters.evm.reader import EvmReader
from govseal.adapters.evm.rpc import Call, RpcError
from govseal.core.errors import LedgerMoved, LedgerRangeRefused, LedgerUnavailable
from govseal.core.merkle import keccak256
from govseal.core.ports import EventKind, LedgerBlock, LedgerEvent
from govseal.core.trustlist import StoreRef

# Events of docs/protocol.md section 2, by their topic.
_KINDS = {
    "0x" + keccak256(b"DocumentIssued(bytes32)").hex(): EventKind.ISSUED,
    "0x" + keccak256(b"DocumentRevoked(bytes32)").hex(): EventKind.REVOKED,
}

_STORES_IN_A_FILTER = 500  # go-ethereum takes 1,000 addresses
_TOO_MUCH_STATUS = {400, 413}
_TOO_SLOW = "ReadTimeout"
_HASH_BYTES = 32
_MOST_BLOCKS = 1 << 63
_MOST_LOGS = 1 << 31


class EvmEvents(EvmReader):
    """`LedgerEvents` of one chain, by one endpoint; its arguments are `EvmReader`'s."""

    def head(self) -> LedgerBlock:
        """Return the newest block; see `LedgerEvents.head`."""
        (answer,) = self._ask([_block_call("latest")])
        return _block(answer)

    def blocks(self, numbers: Sequence[int]) -> list[LedgerBlock | None]:
        """Return headers by height, None beyond the head; see `LedgerEvents.blocks`."""
        answers = self._ask([_block_call(hex(number)) for number in numbers])
        found = [None if answer is None else _block(answer) for answer in answers]
        for number, block in zip(numbers, found, strict=True):
            if block is not None and block.number != number:
                raise LedgerUnavailable("The ledger answered with another block than the one asked for.")
        return found

    def events(self, stores: Sequence[StoreRef], first: int, last: int) -> list[LedgerEvent]:
        """Return every event of `stores` in a range of blocks; see `LedgerEvents.events`."""
        for store in stores:
            self._check_store(store)
        # A filter without addresses asks for every contract's events.
        if not stores:
            return []
        end, *answers = self._ask_range(stores, first, last)
        if end is None:
            raise LedgerMoved("The ledger's endpoint does not hold all blocks of the range.", block=last)
        logs = [log for answer in answers for log in _logs_of(answer)]
        times = self._times(logs)
        by_address = {store.address.lower(): store for store in stores}
        found = [_event(log, by_address, times) for log in logs]
        if any(not first <= event.block_number <= last for event in found):
            raise LedgerUnavailable("The ledger answered with events of other blocks than those asked for.")
        return sorted(found, key=lambda event: (event.block_number, event.log_index))

    def first_block(self, store: StoreRef) -> int:
        """Return the lowest block that may hold an event of `store`; see `LedgerEvents.first_block`.

        Looks for the block that brought the code. A node that forgot old states cannot tell, so the answer may
        be lower than that block, and never higher.
        """
        self._check_store(store)
        head, code = self._ask([("eth_blockNumber", []), ("eth_getCode", [store.address, "latest"])])
        if code == "0x":
            raise LedgerUnavailable(
                "The ledger holds no document store at that address.", code="LEDGER_STORE_MISSING"
            )
        empty, there = 0, quantity(head)
        while there - empty > 1:
            middle = (empty + there) // 2
            (answer,) = self._rpc.answers([("eth_getCode", [store.address, hex(middle)])])
            if isinstance(answer, RpcError):
                break
            empty, there = (middle, there) if answer == "0x" else (empty, middle)
        return empty + 1

    def _ask_range(self, stores: Sequence[StoreRef], first: int, last: int) -> list[Any]:
        """Return the header of `last` and the logs of the range, one list for each filter."""
        addresses = [store.address for store in stores]
        filters = [
            {
                "fromBlock": hex(first),
                "toBlock": hex(last),
                "address": addresses[start : start + _STORES_IN_A_FILTER],
                "topics": [list(_KINDS)],
            }
            for start in range(0, len(addresses), _STORES_IN_A_FILTER)
        ]
        try:
            return self._ask([_block_call(hex(last)), *(("eth_getLogs", [one]) for one in filters)])
        except LedgerUnavailable as error:
            if first == last or not _may_be_too_much(error):
                raise
            raise LedgerRangeRefused(
                f"The ledger's endpoint does not answer for {last - first + 1} blocks: {error.message}",
                first=first,
                last=last,
            ) from error

    def _times(self, logs: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """Return the timestamp of each block that a log names without one, by the block's hash."""
        untimed = {
            log.get("blockNumber"): log.get("blockHash") for log in logs if not log.get("blockTimestamp")
        }
        headers = self._ask([_block_call(number) for number in untimed]) if untimed else []
        for header, block_hash in zip(headers, untimed.values(), strict=True):
            if not isinstance(header, dict) or header.get("hash") != block_hash:
                raise LedgerMoved("A block of the ledger changed while its events were read.")
        return {header["hash"]: header.get("timestamp") for header in headers}


def _block_call(number: Any) -> Call:
    return "eth_getBlockByNumber", [number, False]


def _block(answer: Any) -> LedgerBlock:
    block_hash, time = header_of(answer)
    return LedgerBlock(_bounded(answer.get("number"), _MOST_BLOCKS), block_hash, time)


def _bounded(answer: Any, limit: int) -> int:
    """Return a quantity that any database can keep."""
    found = quantity(answer)
    if not 0 <= found < limit:
        raise LedgerUnavailable("The ledger's answer is a number beyond all bounds.")
    return found


def _may_be_too_much(error: LedgerUnavailable) -> bool:
    """Say whether fewer blocks may help: an error about the logs themselves, a long answer, a slow one."""
    return (
        error.facts.get("method") == "eth_getLogs"
        or error.facts.get("status") in _TOO_MUCH_STATUS
        or error.facts.get("cause") == _TOO_SLOW
        or error.code == "LEDGER_ANSWER_TOO_LONG"
    )


def _logs_of(answer: Any) -> list[dict[str, Any]]:
    if not isinstance(answer, list) or not all(_is_log(log) for log in answer):
        raise LedgerUnavailable("The ledger's answer is not a list of events.")
    return answer


def _is_log(log: Any) -> bool:
    return isinstance(log, dict) and all(
        isinstance(log.get(key), str) for key in ("blockNumber", "blockHash")
    )


def _event(log: Mapping[str, Any], stores: Mapping[str, StoreRef], times: Mapping[str, Any]) -> LedgerEvent:
    """Return one log as an event; refuse one that nobody asked for."""
    try:
        topic, value = log["topics"]
        seconds = log.get("blockTimestamp") or times[log["blockHash"]]
        return LedgerEvent(
            store=stores[log["address"].lower()],
            kind=_KINDS[topic],
            value=_hash(value),
            block_number=quantity(log["blockNumber"]),
            block_hash=_hash(log["blockHash"]),
            block_time=datetime.fromtimestamp(quantity(seconds), UTC),
            log_index=_bounded(log["logIndex"], _MOST_LOGS),
        )
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError, OSError) as error:
        raise LedgerUnavailable("The ledger's event cannot be read.") from error


def _hash(text: str) -> bytes:
    found = bytes.fromhex(text.removeprefix("0x"))
    if len(found) != _HASH_BYTES:
        raise ValueError(text)
    return found
