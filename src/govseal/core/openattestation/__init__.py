"""Attested documents: OpenAttestation v2 (issue and check) and v3 (check) (docs/protocol.md section 1).

    >>> check({"not": "wrapped"}).integrity
    <Integrity.NOT_WRAPPED: 'NOT_WRAPPED'>

Modules, from the bottom: `shapes` (what is a wrapped document at all), `salting`, `reading` (unsalt, flatten),
`leaves` (hash, digest), `obfuscation`, `model` (what a check yields), `did` (who signed), `v2`, `v3`, `lines` (one JSON value in,
one out). Beside them, what a check of an issuer goes by: `issuer` (whom a document names), `records` (what its domain
says), `ocsp` (what its responder says).

What is *not* here: whether a root is on a ledger, and whether an issuer is recognised (`govseal.core.verify`).
"""

from typing import Any

from govseal.core.openattestation import v2, v3
from govseal.core.openattestation.model import NOT_WRAPPED, Check, Integrity

__all__ = ["NOT_WRAPPED", "Check", "Integrity", "check", "v2", "v3"]


def check(document: Any) -> Check:
    """Check the integrity of a parsed document of either version; never raises.

    Args:
        document: what `jsjson.parse` returned. Its depth is bounded there.
    """
    found = v3.check(document)
    return v2.check(document) if found.integrity is Integrity.NOT_WRAPPED else found
