"""A real EVM chain on this machine: anvil from npm, started and ended by us.

For demonstrations and tests, never for production: whoever reaches its port can do anything to it, so it
listens on loopback only, answers no other origin's browser pages, and holds no keys (it starts without
accounts; ours are derived from a mnemonic of our own, made once and kept 0600, and sign in this process).
Gas is free, as on a consortium's chain. A block is mined for each transaction at once: one confirmation is
final, and an idle chain does not grow.

The folder holds the chain's state, so a chain goes on where it stopped, with the same block 0. anvil writes
the state each second and when it ends: SIGKILL of anvil loses the last blocks, up to five seconds of them where it was
hit while it wrote; stopping it, or the death of the thread that called `start` (call it from the main one), loses
nothing.

    with LocalChain(Path("var/chain"), port=8545) as chain:
        EvmLedger(chain.rpc_url, chain.chain_id, chain.genesis, {"treasury": chain.account(0)})

What is *not* here: reading and writing contracts (`evm`), and the order in which a demonstration starts and
stops its parts (`govseal.project`).
"""

from govseal.adapters.localchain.chain import CHAIN_ID, ChainAccount, LocalChain

__all__ = ["CHAIN_ID", "ChainAccount", "LocalChain"]
