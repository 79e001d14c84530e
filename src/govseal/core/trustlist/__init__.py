"""The signed list of a country's institutions: who may issue what (docs/protocol.md section 6).

`model` holds the values, `lote` writes their published form (ETSI TS 119 602) and `reading` reads it, `token`
signs and checks it. `succession` is a key's word about the one that follows it, `following` goes from a pinned key to
the one in use.

What is *not* here: fetching, and comparing a new list with the one held before.
"""

from govseal.core.trustlist.following import MAX_STEPS, Find, Followed, follow
from govseal.core.trustlist.lote import build
from govseal.core.trustlist.model import (
    Build,
    Certificate,
    Checkpoint,
    Did,
    DocumentTypeRule,
    Institution,
    RpcEndpoint,
    Store,
    StoreRef,
    TrustList,
)
from govseal.core.trustlist.token import MAX_BYTES, PATH, TYP, fingerprint, issued_at, read, sign

__all__ = [
    "MAX_BYTES",
    "MAX_STEPS",
    "PATH",
    "TYP",
    "Build",
    "Certificate",
    "Checkpoint",
    "Did",
    "DocumentTypeRule",
    "Find",
    "Followed",
    "Institution",
    "RpcEndpoint",
    "Store",
    "StoreRef",
    "TrustList",
    "build",
    "fingerprint",
    "follow",
    "issued_at",
    "read",
    "sign",
]
