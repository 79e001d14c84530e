"""Signed lists of what became of documents: the IETF's Token Status List (docs/protocol.md clause 6.6).

`entries` holds the two bits of each document, `model` what a list says, `jwt` and `cwt` its two published forms,
and `token` signs it, and judges one that was fetched. `notices` say why and since when, in a file of their own.

What is *not* here: fetching, keeping the last list seen, drawing indexes, and what a state means for a verdict
(`govseal.core.verify`).
"""

from govseal.core.status.entries import ARRAY_BYTES, BITS, ENTRIES, State, build, state_at
from govseal.core.status.model import Seen, StatusList
from govseal.core.status.notices import (
    NOTICES_MAX_BYTES,
    NOTICES_SUFFIX,
    NOTICES_TYP,
    Notice,
    Notices,
    read_notices,
    sign_notices,
)
from govseal.core.status.token import (
    CWT_TYP,
    JWT_TYP,
    MAX_BYTES,
    OFFLINE_AGE,
    ONLINE_AGE,
    read,
    read_believed,
    sign_cwt,
    sign_jwt,
)

__all__ = [
    "ARRAY_BYTES",
    "BITS",
    "CWT_TYP",
    "ENTRIES",
    "JWT_TYP",
    "MAX_BYTES",
    "NOTICES_MAX_BYTES",
    "NOTICES_SUFFIX",
    "NOTICES_TYP",
    "OFFLINE_AGE",
    "ONLINE_AGE",
    "Notice",
    "Notices",
    "Seen",
    "State",
    "StatusList",
    "build",
    "read",
    "read_believed",
    "read_notices",
    "sign_cwt",
    "sign_jwt",
    "sign_notices",
    "state_at",
]
