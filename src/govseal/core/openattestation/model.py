"""What a check of an attested document yields, and the fold of a proof written in hex.

What is *not* here: the checks (`v2`, `v3`), and whether the root is on a ledger.
"""

import re
from binascii import unhexlify
from collections.abc import Sequence
from enum import StrEnum
from struct import Struct
from typing import Any, NamedTuple

from govseal.core import merkle
from govseal.core.merkle import HASH_BYTES

_HASH_DIGITS = {2 * HASH_BYTES}
_NODES = Struct(f"{HASH_BYTES}s")
_WHOLE_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})*")


class Integrity(StrEnum):
    """The verdict on integrity. The words are published and never change."""

    VALID = "VALID"
    DOCUMENT_TAMPERED = "DOCUMENT_TAMPERED"
    AMBIGUOUS_CONTENT = "AMBIGUOUS_CONTENT"
    NOT_WRAPPED = "NOT_WRAPPED"


class Check(NamedTuple):
    """The result of a check.

    Attributes:
        integrity: the verdict.
        version: 2 or 3; None when the document is not wrapped.
        target_hash: as the document writes it, in hex; None when it is not wrapped.
        merkle_root: likewise.
        proof: likewise, bottom-up.
        signers: checksummed addresses recovered from DID signatures of valid form, in the document's order.
        data: the content to show: unsalted (v2), or each leaf as the text that was hashed (v3). None unless VALID.
        path_hashes: 32 bytes each, targetHash first, root last. The document is revoked when any of them is. Empty
            unless VALID and written in exactly 64 hex digits each: a verdict must then be INVALID.
    """

    integrity: Integrity
    version: int | None = None
    target_hash: str | None = None
    merkle_root: str | None = None
    proof: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()
    data: Any = None
    path_hashes: tuple[bytes, ...] = ()


NOT_WRAPPED = Check(Integrity.NOT_WRAPPED)


def concluded(
    integrity: Integrity,
    version: int,
    written: tuple[str, str, list[str]],
    signers: list[str],
    shown: Any,
    path_hashes: tuple[bytes, ...],
) -> Check:
    """Return the check of a wrapped document; content and hashes to look up are for a VALID one alone.

    Args:
        integrity: the verdict.
        version: 2 or 3.
        written: targetHash, merkleRoot and proof, as the document writes them.
        signers: addresses recovered from its signatures.
        shown: its content.
        path_hashes: as `follow` gave them.
    """
    target_hash, merkle_root, proof = written
    if integrity is not Integrity.VALID:
        shown, path_hashes = None, ()
    return Check(
        integrity, version, target_hash, merkle_root, tuple(proof), tuple(signers), shown, path_hashes
    )


def follow(target_hash: str, merkle_root: str, proof: Sequence[str]) -> tuple[bool, tuple[bytes, ...]]:
    """Say whether `proof` leads from `target_hash` to `merkle_root`, and return the hashes on the way.

    Anything is read as hex the way Node reads it, so that the answer is npm's. The hashes are 32 bytes each; there
    are none when one of the three is not written in exactly 64 hex digits.
    """
    texts = [target_hash, *proof, merkle_root]
    nodes = _exact_nodes(texts)
    first, *siblings, root = nodes or map(_node_hex, texts)
    hashes = tuple(merkle.path(first, siblings))
    return hashes[-1] == root, hashes if nodes else ()


def _exact_nodes(texts: list[str]) -> list[bytes] | None:
    """Read all as hex at once, or return None when one is not written in exactly 64 hex digits."""
    if {*map(len, texts)} != _HASH_DIGITS:
        return None
    try:
        return [node for (node,) in _NODES.iter_unpack(unhexlify("".join(texts)))]
    except ValueError:
        return None


def _node_hex(text: str) -> bytes:
    """Read hex as Node's `Buffer.from(text, "hex")` does: up to the first pair that is none, of any length."""
    try:
        read = bytes.fromhex(text)
        if 2 * len(read) == len(text):  # Python's reader lets spaces pass
            return read
    except ValueError:
        pass  # Node stops where Python refuses
    whole = _WHOLE_HEX.match(text)
    return bytes.fromhex(whole[0]) if whole else b""
