"""The event index of the ledger: follow, rebuild, compare, and answer from it.

    stores_follow(stores=..., ledger=..., clock=...)      once, and for each new store
    index_follow(ledger=..., policy=..., clock=...)       again and again
    IndexedLedger(live, lag=..., clock=...)               a `LedgerReader` for who verifies

What a state means and which transitions there are stands in `models`. A step may be killed anywhere and taken
again, by any number of workers. What is *not* here: JSON-RPC (the port `LedgerEvents`), and when to run.
"""

from govseal.apps.evidence.services.answering import IndexedLedger
from govseal.apps.evidence.services.comparing import Comparison, Difference, index_compare
from govseal.apps.evidence.services.following import Progress, index_follow, index_rebuild
from govseal.apps.evidence.services.ranges import IndexPolicy
from govseal.apps.evidence.services.stores import stores_follow

__all__ = [
    "Comparison",
    "Difference",
    "IndexPolicy",
    "IndexedLedger",
    "Progress",
    "index_compare",
    "index_follow",
    "index_rebuild",
    "stores_follow",
]
