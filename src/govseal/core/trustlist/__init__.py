"""The signed list of a country's institutions: who may issue what (docs/protocol.md section 6).

`model` holds the values, `lote` their published form (ETSI TS 119 602), `token` signs and reads it.
What is *not* here: fetching, and comparing a new list with the one held before.
"""

from govseal.core.trustlist.model import (
    Build,
    Certificate,
    Checkpoint,
    DocumentTypeRule,
    Institution,
    RpcEndpoint,
    Store,
    StoreRef,
    TrustList,
)

__all__ = [
    "Build",
    "Certificate",
    "Checkpoint",
    "DocumentTypeRule",
    "Institution",
    "RpcEndpoint",
    "Store",
    "StoreRef",
    "TrustList",
]
