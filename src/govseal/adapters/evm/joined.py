"""Many reads of DocumentStores in one `eth_call`, whatever their number and stores: all of one moment of the chain.

Endpoints count and limit calls; a document in a batch of thousands needs fifteen. So the call carries a program of
79 bytes that makes the reads on the node: sent as if it were to create a contract, which `eth_call` only pretends.
Its data are 56 bytes a read (the store's address, the function's selector, the hash), its answer is 8 bytes a read.

Invariants: a place without code, a refusal, and a word that is no block number and no truth make the *whole* call
fail: an answer is of every store or of none.

    answer = rpc.answers([call([Read(store, selector, root)])])
    numbers_in(answer, 1)

What is *not* here: which functions are read and what they mean, and asking one by one where this fails (`reader`).
"""

import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

from govseal.adapters.evm.rpc import Call

MOST_READS = 512
"""Reads in one call: 28 kB of program and data (EIP-3860 allows 48 kB) and 4 million gas."""

_ANSWER_DIGITS = 16

# Memory: the read at 12, so that its address is the word at 0 and its call data begin at 32; the word answered at
# 0x60; the answer from 0x80. Stack: the next byte of the answer, the next read.
_PROGRAM = (
    "604f6080"  #           PUSH1 79 (the first read), PUSH1 0x80
    "5b"  #           next: JUMPDEST
    "813814604757"  #       DUP2, CODESIZE, EQ, PUSH1 done, JUMPI
    "603882600c39"  #       PUSH1 56, DUP3, PUSH1 12, CODECOPY
    "6020606060246020"  #   PUSH1 32 (bytes answered), PUSH1 0x60 (to), PUSH1 36 (of call data), PUSH1 32 (from)
    "6000515afa"  #         PUSH1 0, MLOAD (the store), GAS, STATICCALL
    "60203d1416"  #         PUSH1 32, RETURNDATASIZE, EQ, AND
    "606051603f1c1516"  #   PUSH1 0x60, MLOAD, PUSH1 63, SHR, ISZERO, AND: below 2**63
    "60335760006000fd"  #   PUSH1 good, JUMPI, PUSH1 0, PUSH1 0, REVERT
    "5b"  #           good: JUMPDEST
    "60605160c01b8152"  #   PUSH1 0x60, MLOAD, PUSH1 192, SHL, DUP2, MSTORE
    "6008019060380190"  #   PUSH1 8, ADD, SWAP1, PUSH1 56, ADD, SWAP1
    "600456"  #             PUSH1 next, JUMP
    "5b"  #           done: JUMPDEST
    "608090036080f3"  #     PUSH1 0x80, SWAP1, SUB (its length), PUSH1 0x80, RETURN
)


class Read(NamedTuple):
    """One function of one store, of one hash.

    Attributes:
        address: the store's, 0x and 40 hex digits.
        selector: 0x and 8 hex digits.
        value: 32 bytes.
    """

    address: str
    selector: str
    value: bytes


def call(reads: Sequence[Read]) -> Call:
    """Return the `eth_call` that makes up to `MOST_READS` reads at the head of the chain."""
    data = "".join(f"{one.address[2:]}{one.selector[2:]}{one.value.hex()}" for one in reads)
    return "eth_call", [{"data": f"0x{_PROGRAM}{data}"}, "latest"]


def numbers_in(answer: Any, reads: int) -> list[int] | None:
    """Return the word that each read answered, below 2**63; None when this is no answer of the program's."""
    if not isinstance(answer, str) or len(answer) != 2 + _ANSWER_DIGITS * reads:
        return None
    try:
        return list(struct.unpack(f">{reads}Q", bytes.fromhex(answer[2:])))
    except (ValueError, struct.error):
        return None
