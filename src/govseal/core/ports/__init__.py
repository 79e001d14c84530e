"""The shape of every outside thing, as `typing.Protocol`s, and the values that cross.

Services and the verifier are typed against these; `govseal.project.wiring` alone chooses who fulfils them;
tests fake the port, not the function. Each method says which error of `govseal.core.errors` means "away"
and which means "no".

What is *not* here: any behaviour.
"""

from govseal.core.ports.keys import Escrow, LedgerAccount, Signer
from govseal.core.ports.ledger import (
    AccountCount,
    Anchor,
    EventKind,
    Ledger,
    LedgerBlock,
    LedgerEvent,
    LedgerEvents,
    LedgerFacts,
    LedgerQuestion,
    LedgerReader,
    LedgerWriter,
    SignedTransaction,
    Transaction,
)
from govseal.core.ports.named import DnsReader, ResponderReader
from govseal.core.ports.published import KeptList, ListMemory, PublishedReader, PublishedWriter
from govseal.core.ports.sheets import FoundCode, SheetReader, SheetWriter

__all__ = [
    "AccountCount",
    "Anchor",
    "DnsReader",
    "Escrow",
    "EventKind",
    "FoundCode",
    "KeptList",
    "Ledger",
    "LedgerAccount",
    "LedgerBlock",
    "LedgerEvent",
    "LedgerEvents",
    "LedgerFacts",
    "LedgerQuestion",
    "LedgerReader",
    "LedgerWriter",
    "ListMemory",
    "PublishedReader",
    "PublishedWriter",
    "ResponderReader",
    "SheetReader",
    "SheetWriter",
    "SignedTransaction",
    "Signer",
    "Transaction",
]
