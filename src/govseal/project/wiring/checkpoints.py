"""The checkpoint of a trust list: a block of the ledger that the list's maker saw (docs/protocol.md section 6, "Dates").

Whoever kept the list knows from then on what that block was and when, whatever a ledger and a stolen key say later.

What is *not* here: judging a receipt by it (`govseal.core.verify.standing`).
"""

import logging
from contextlib import closing

from govseal.adapters.evm import EvmEvents
from govseal.core.errors import LedgerUnavailable
from govseal.core.trustlist import Checkpoint
from govseal.project.configuration import Configuration

DEPTH = 32
"""Blocks between a final block and the one of a checkpoint: a published list is never taken back, a block might be."""

_log = logging.getLogger(__name__)


def checkpoint(configuration: Configuration) -> Checkpoint | None:
    """Return a block deep below the ledger's newest, the first one of a young ledger; None without an answer."""
    if not configuration.rpc_url:
        return None
    chain = configuration.chain_id, configuration.genesis
    try:
        with closing(EvmEvents(configuration.rpc_url, *chain)) as ledger:
            number = max(0, ledger.head().number - configuration.finality - DEPTH)
            (block,) = ledger.blocks([number])
    except LedgerUnavailable as error:
        _log.warning("The trust list bears no checkpoint: %s", error.message)
        return None
    return block and Checkpoint(*chain, block.number, f"0x{block.hash.hex()}", block.time)
