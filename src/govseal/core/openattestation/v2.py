"""OpenAttestation v2: wrap, hide fields, check (docs/protocol.md section 1).

A wrapped document is `{version, data, privacy?, signature}`. Its target is the digest of its salted data; the
targets of a batch are the leaves of one Merkle tree, whose root alone goes on a ledger.

Invariants: what `attest` lets through, the unmodified npm verifiers find VALID; hiding a field changes neither
the target nor the proof; `check` says VALID only if exactly the content it returns was hashed.

    >>> from itertools import count
    >>> numbers = count()
    >>> raw = {"issuers": [{"name": "Ministry", "identityProof": {"type": "DNS-TXT", "location": "gov.example"}}]}
    >>> [wrapped] = wrap_batch([raw], lambda: f"00000000-0000-4000-8000-{next(numbers):012}")
    >>> check(wrapped).integrity
    <Integrity.VALID: 'VALID'>

What is *not* here: randomness (`new_uuid` is an argument; see `salting.uuid4_source`), encryption, the ledger.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from govseal.core.errors import MalformedDocument
from govseal.core.merkle import MerkleTree
from govseal.core.openattestation import did
from govseal.core.openattestation.leaves import ambiguous_paths, leaf_hash
from govseal.core.openattestation.leaves import digest as digest_text
from govseal.core.openattestation.model import NOT_WRAPPED, Check, Integrity, concluded, follow
from govseal.core.openattestation.obfuscation import hide
from govseal.core.openattestation.reading import Reading, leaves, unsalt
from govseal.core.openattestation.salting import salt, salt_leaves
from govseal.core.openattestation.shapes import V2, is_raw_v2, is_wrapped_v2

__all__ = [
    "Attested",
    "attest",
    "check",
    "digest",
    "document",
    "obfuscate",
    "salt",
    "unsalt",
    "wrap",
    "wrap_batch",
]


class Attested(NamedTuple):
    """A document on its way into a batch.

    Attributes:
        salted: its salted data.
        target: 32 bytes, the digest of `salted`.
    """

    salted: dict[str, Any]
    target: bytes


def digest(salted: Any, obfuscated: Sequence[str] = ()) -> bytes:
    """Return the 32-byte target of salted data.

    Args:
        salted: the visible, salted data.
        obfuscated: leaf hashes in hex of what is hidden.

    Raises:
        MalformedDocument: a key contains `.`.
    """
    return bytes.fromhex(digest_text(leaves(salted), obfuscated))


def attest(raw: Any, new_uuid: Callable[[], str]) -> Attested:
    """Salt and digest one raw document.

    Raises:
        MalformedDocument: no verifier would take it (no issuers, wrong types, a key with `.`), or it has keys that
            hashing does not protect.
    """
    if not is_raw_v2(raw):
        raise MalformedDocument("The document has not the members that OpenAttestation v2 asks for.")
    salted, found = salt_leaves(raw, new_uuid)
    if unsafe := ambiguous_paths(salted, found):
        raise MalformedDocument("A key of the document is not protected by hashing.", path=unsafe[0])
    return Attested(salted, bytes.fromhex(digest_text(found)))


def document(salted: Any, target: bytes, proof: Sequence[bytes], root: bytes) -> dict[str, Any]:
    """Return the wrapped form of salted data; hashes are 32 bytes each, the proof bottom-up."""
    return _wrapped(salted, target.hex(), [node.hex() for node in proof], root.hex())


def wrap(attested: Sequence[Attested]) -> Iterator[dict[str, Any]]:
    """Yield the wrapped form of each document of one batch, in order, all under one root.

    Raises:
        InputError: the batch is empty.
    """
    tree = MerkleTree(one.target for one in attested)
    root = tree.root.hex()
    proofs = tree.proofs_in_hex(target for _, target in attested)
    for (salted, target), proof in zip(attested, proofs, strict=True):
        yield _wrapped(salted, target.hex(), proof, root)


def wrap_batch(raws: Iterable[Any], new_uuid: Callable[[], str]) -> list[dict[str, Any]]:
    """Wrap raw documents in one batch; the first that cannot be attested stops it (see `attest` and `wrap`)."""
    with _cycles_not_sought():
        return list(wrap([attest(raw, new_uuid) for raw in raws]))


def obfuscate(wrapped: dict[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """Return a copy of a wrapped document without the fields at `paths`; it verifies as the whole one does.

    Args:
        wrapped: a wrapped v2 document.
        paths: keys and array indexes joined by `.`, such as `recipient.name`.

    Raises:
        InputError: nothing is at a path, or it is one element of an array (the others would move up).
    """
    data = wrapped["data"]
    hidden: list[str] = []
    for path in paths:
        data, taken = hide(data, path)
        hidden += [leaf_hash(*leaf) for leaf in taken.items()]
    privacy = wrapped.get("privacy") or {}
    before = privacy.get("obfuscatedData") or []
    return {**wrapped, "data": data, "privacy": {**privacy, "obfuscatedData": [*before, *hidden]}}


def check(wrapped: Any) -> Check:
    """Check the integrity of a v2 document; never raises, whatever JSON value it is given.

    The order is the reference's: form, digest, proof; then our exceptions to parity.
    """
    if not isinstance(wrapped, dict):
        return NOT_WRAPPED
    read = Reading(wrapped.get("data"))
    if not is_wrapped_v2(wrapped, read.shown):
        return NOT_WRAPPED
    signature = wrapped["signature"]
    written = signature["targetHash"], signature["merkleRoot"], signature["proof"]
    holds, hashes = follow(*written)
    integrity = _integrity(wrapped, read) if holds else Integrity.DOCUMENT_TAMPERED
    return concluded(integrity, 2, written, did.recover_signers(wrapped), read.shown, hashes)


def _integrity(wrapped: dict[str, Any], read: Reading) -> Integrity:
    hidden = _obfuscated(wrapped)
    if not read.is_flat or hidden is None:  # no digest exists
        return Integrity.DOCUMENT_TAMPERED
    if digest_text(read.leaves, hidden) != wrapped["signature"]["targetHash"]:
        return Integrity.DOCUMENT_TAMPERED
    # Section 1, "Exceptions to parity": from here on npm says VALID.
    shown = read.shown
    if not read.is_readable or not isinstance(shown, dict) or not isinstance(shown.get("issuers"), list):
        return Integrity.AMBIGUOUS_CONTENT
    if ambiguous_paths(shown, read.leaves):
        return Integrity.AMBIGUOUS_CONTENT
    return Integrity.VALID


def _obfuscated(wrapped: dict[str, Any]) -> list[str] | None:
    """Return the hashes of what is hidden, or None when they are not an array of texts."""
    privacy = wrapped.get("privacy")
    hidden = privacy.get("obfuscatedData", []) if isinstance(privacy, dict) else []
    return hidden if isinstance(hidden, list) and {*map(type, hidden)} <= {str} else None


@contextmanager
def _cycles_not_sought() -> Iterator[None]:
    """Let Python's cycle collector rest meanwhile.

    JSON trees hold no cycles, yet the collector walks all of a growing batch again and again: a fifth of the time
    of 40,000 documents. It rests for the whole process; where batches overlap in threads, it is at work again
    when the first of them ends.
    """
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_at_work:
            gc.enable()


def _wrapped(salted: Any, target: str, proof: list[str], root: str) -> dict[str, Any]:
    signature = {"type": "SHA3MerkleProof", "targetHash": target, "proof": proof, "merkleRoot": root}
    return {"version": V2, "data": salted, "signature": signature}
