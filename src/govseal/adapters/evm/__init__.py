"""Any EVM chain that speaks JSON-RPC, as the ledger ports (docs/protocol.md section 2).

`EvmReader` answers a verifier and holds no key; `EvmLedger` adds deploying, issuing and revoking; `EvmEvents`
adds what the stores have said, block by block. A chain is known by its id *and* the hash of its block 0: an
endpoint that serves another chain is "away", never "no".

    ledger = EvmReader("http://127.0.0.1:8545", chain_id=1337, genesis="0x…")
    ledger.anchor(store, root)

What is *not* here: starting a chain (`localchain`), keeping keys (`keys`), and deciding how many confirmations
make an anchor final (the outbox does, with `EvmLedger.finality`).
"""

from govseal.adapters.evm.events import EvmEvents
from govseal.adapters.evm.reader import EvmReader
from govseal.adapters.evm.restoring import EvmLedger

__all__ = ["EvmEvents", "EvmLedger", "EvmReader"]
