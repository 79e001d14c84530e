"""What a node's answers mean: quantities, words of a contract, headers of blocks; nonsense is `LedgerUnavailable`.

Headers are read as they come, so the long `extraData` of proof-of-authority chains needs no care.

What is *not* here: asking (`rpc`), and what is asked (`reader`, `facts`, `events`).
"""

from datetime import UTC, datetime
from typing import Any

from govseal.core.errors import LedgerUnavailable

_HASH_BYTES = 32
_WORD_DIGITS = 2 + 64


def quantity(answer: Any) -> int:
    """Return a JSON-RPC quantity, `0x` and hex digits."""
    try:
        return int(answer, 16)
    except (TypeError, ValueError) as error:
        raise LedgerUnavailable("The ledger's answer is not a number.") from error


def word(answer: Any) -> int:
    """Return the 32-byte word that a contract answered; no contract answers `0x`."""
    if answer == "0x":
        raise LedgerUnavailable(
            "The ledger holds no document store at that address.", code="LEDGER_STORE_MISSING"
        )
    if not isinstance(answer, str) or len(answer) != _WORD_DIGITS:
        raise LedgerUnavailable("The ledger's answer is not that of a document store.")
    return quantity(answer)


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
