"""When a batch is formed, when a transaction counts, and how often the outbox looks."""

from dataclasses import dataclass

from govseal.core.ports import LedgerWriter

POLL = 0.25
"""Seconds between looks at a transaction that is not final yet."""


@dataclass(frozen=True, slots=True)
class OutboxPolicy:
    """When a batch is formed and when it counts as anchored.

    Attributes:
        batch_size: most documents under one root.
        batch_age: longest time (seconds) that a waiting document waits for company.
        finality: confirmations that a block needs.
    """

    batch_size: int
    batch_age: float
    finality: int


def is_lost(transaction_hash: bytes | None, ledger: LedgerWriter) -> bool:
    """Say whether a transaction will never be mined: refused, or the chain has no trace of it."""
    if transaction_hash is None:
        return True
    found = ledger.transaction(bytes(transaction_hash))
    return not found.known or found.succeeded is False


def is_final(transaction_hash: bytes | None, ledger: LedgerWriter, policy: OutboxPolicy) -> bool:
    """Say whether a transaction lies deep enough; one that we did not send is not ours to wait for."""
    if transaction_hash is None:
        return True
    return ledger.transaction(bytes(transaction_hash)).confirmations >= policy.finality
