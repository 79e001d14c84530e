"""When a batch is formed, when a transaction counts, when it is sent anew, and how often the outbox looks."""

from dataclasses import dataclass

POLL = 0.25
"""Seconds between looks at a transaction that is not final yet."""


@dataclass(frozen=True, slots=True)
class OutboxPolicy:
    """When a batch is formed, when it counts as anchored, and when its transaction is stuck.

    Attributes:
        batch_size: most documents under one root.
        batch_age: longest time (seconds) that a waiting document waits for company.
        finality: confirmations that a block needs.
        replace_after: seconds without a block after which a transaction is replaced: the same nonce, a higher fee.
    """

    batch_size: int
    batch_age: float
    finality: int
    replace_after: float = 60.0
