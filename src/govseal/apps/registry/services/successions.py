"""What a list key says when another signs from now on (docs/protocol.md clause 6.10).

The statement is made with the first list of the new key, in one transaction, so that its number is right whoever publishes
at the same time; it is kept with that list, and published before it.

What is *not* here: its form (`govseal.core.trustlist.succession`), and which keys may still speak
(`govseal.adapters.keys.lifecycle`).
"""

import logging
from collections.abc import Callable

from govseal.apps.registry.models import PublishedTrustList
from govseal.core import jose, trustlist
from govseal.core.errors import RefusedError
from govseal.core.ports import PublishedWriter, Signer
from govseal.core.trustlist import TrustList, succession

Outgoing = Callable[[bytes], Signer | None]
"""Returns what signs with the list key of a certificate (DER) that was replaced; None when that key may say nothing."""

_log = logging.getLogger(__name__)


def leaving(newest: PublishedTrustList | None, signer: Signer, outgoing: Outgoing) -> Signer | None:
    """Return what signs with the key of the newest list, when another is to sign the next and that may say so."""
    if newest is None or _certificate(newest) == signer.certificate:
        return None
    return outgoing(_certificate(newest))


def succeeded(newest: PublishedTrustList | None, signer: Signer, leaves: Signer | None) -> tuple[str, ...]:
    """Return the digests of the keys whose statements lead to the signer of the next list, oldest first.

    Args:
        newest: the list before.
        signer: signs the next one.
        leaves: the key that makes a statement with it, if any: where a key changes without one, none leads there.
    """
    if newest is None:
        return ()
    if leaves:
        return (*newest.succeeded, succession.digest(leaves.certificate))[-trustlist.MAX_STEPS :]
    return tuple(newest.succeeded) if _certificate(newest) == signer.certificate else ()


def statement(listed: TrustList, leaves: Signer, signer: Signer) -> bytes:
    """Return what the key that leaves says: from this list on, the signer."""
    said = succession.Succession(
        hosts=listed.hosts,
        predecessor=succession.digest(leaves.certificate),
        successor=signer.certificate,
        sequence=listed.sequence,
        signed_at=listed.issued_at,
    )
    return succession.sign(said, certificate=leaves.certificate, signer=leaves.sign).encode()


def put(said: bytes, published: PublishedWriter) -> None:
    """Publish a statement; another one that stands in its place is left there and told: nobody may ever see two."""
    path = succession.path(succession.predecessor_of(said))
    try:
        published.put(path, said)
    except RefusedError:
        _log.error("%s is another statement than the one that was kept: run govseal doctor", path)


def _certificate(row: PublishedTrustList) -> bytes:
    """Return the certificate (DER) that signed a list."""
    return jose.certificate(jose.read(bytes(row.token), max_bytes=trustlist.MAX_BYTES))
