"""What a transaction offers for its gas (wei), and what it offers when it has to be sent anew.

Fees follow the chain: zero where gas is free, else the node's price with room for a base fee that doubles. One
that waits too long is replaced by an offer an eighth higher (nodes ask for a tenth), up to ten times the
price of the moment: a chain that stands still is not to be outbid.

What is *not* here: signing and sending (`writer`).
"""

from collections.abc import Mapping
from typing import Any

from govseal.adapters.evm.answers import quantity
from govseal.core.errors import LedgerUnavailable

_MOST_TIMES_THE_PRICE = 10
_FIELDS = ("maxFeePerGas", "maxPriorityFeePerGas")


def current_fees(head: Any, gas_price: Any) -> dict[str, int]:
    """Return the fee fields at the node's price: EIP-1559 where blocks have a base fee, else legacy.

    Args:
        head: the newest block's header, as the node gives it.
        gas_price: the node's `eth_gasPrice`.
    """
    if not isinstance(head, dict):
        raise LedgerUnavailable("The ledger's block header cannot be read.")
    price = quantity(gas_price)
    if head.get("baseFeePerGas") is None:
        return {"gasPrice": price}
    base_fee = quantity(head["baseFeePerGas"])
    tip = max(0, price - base_fee)
    # Twice the base fee is six full blocks of rise (EIP-1559 raises it by an eighth at most).
    return {"type": 2, "maxFeePerGas": 2 * base_fee + tip, "maxPriorityFeePerGas": tip}


def raised_fees(offered: Mapping[str, Any], current: Mapping[str, int]) -> dict[str, int] | None:
    """Return a higher offer of the same kind; None when the offer is at its limit, as where gas is free.

    Args:
        offered: the waiting transaction, as the node gives it.
        current: what `current_fees` says now.
    """
    price = current.get("maxFeePerGas", current.get("gasPrice", 0))
    if offered.get("maxFeePerGas") is None:
        raised = {"gasPrice": max(_bumped(offered.get("gasPrice")), price)}
    else:
        raised = {name: max(_bumped(offered.get(name)), current.get(name, 0)) for name in _FIELDS}
    if max(raised.values()) > _MOST_TIMES_THE_PRICE * price:
        return None
    return raised if "gasPrice" in raised else {"type": 2, **raised}


def _bumped(fee: Any) -> int:
    """Return an eighth more, rounded up, and at least 1 wei more."""
    wei = quantity(fee)
    return wei + max(1, -(-wei // 8))
