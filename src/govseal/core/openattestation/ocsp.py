"""The answer of an OpenAttestation OCSP responder about one hash (docs/protocol.md 1.11).

    >>> is_revoked(b'{"revoked": false, "documentHash": "0xab"}', "0xab")
    False

It is JSON over https and not signed; whoever is listed as the responder is believed.

What is *not* here: asking (`govseal.core.ports.ResponderReader`).
"""

from govseal.core import jsjson
from govseal.core.errors import InputError, OutsideError

MAX_BYTES = 4096
"""Bytes of one answer; genuine ones have some 150."""


def is_revoked(answer: bytes, document_hash: str) -> bool:
    """Say whether the responder has revoked `document_hash` (0x and 64 lower-case hex digits).

    Raises:
        OutsideError: `OCSP_ANSWER_INVALID`: the answer has another form, or is about another hash.
    """
    try:
        said = jsjson.parse(answer, max_bytes=MAX_BYTES)
    except InputError:
        said = None
    if isinstance(said, dict):
        revoked, about = said.get("revoked"), said.get("documentHash")
        if isinstance(revoked, bool) and isinstance(about, str) and about.lower() == document_hash:
            return revoked
    message = "The service that tells of revoked documents gave an answer that cannot be used."
    raise OutsideError(message, code="OCSP_ANSWER_INVALID")
