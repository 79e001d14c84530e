"""The Merkle tree of a batch, and Keccak-256 (docs/protocol.md section 1).

The 32-byte leaves are sorted once; neighbours are paired, a parent is the Keccak-256 of the smaller child
followed by the larger, an odd last node is promoted unhashed, and upper layers are not sorted again. A proof is
the siblings from the bottom up, with none where a node was promoted.

    >>> leaves = [keccak256(bytes([n])) for n in range(3)]
    >>> tree = MerkleTree(leaves)
    >>> all(fold(leaf, tree.proof(leaf)) == tree.root for leaf in leaves)
    True

What is *not* here: how a document becomes a leaf (`govseal.core.openattestation`).
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

from sha3 import keccak_256

from govseal.core.errors import InputError

HASH_BYTES = 32
_PARENTS_KEPT = 1 << 14  # 16,384, some 5 MB: every node of a batch of so many documents


def keccak256(data: bytes) -> bytes:
    """Return the 32-byte Keccak-256 of `data`: Ethereum's, padded with 0x01, which SHA3-256 is not."""
    digest: bytes = keccak_256(data).digest()
    return digest


class MerkleTree:
    """The tree over one batch; building is O(n log n), a proof O(log n)."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        """Build the tree.

        Args:
            leaves: at least one 32-byte hash, in any order. Equal leaves stay, as the reference keeps them.

        Raises:
            InputError: no leaf, or one that is not 32 bytes.
        """
        ordered = sorted(leaves)
        if not ordered:
            raise InputError("A batch holds at least one document.")
        if {*map(len, ordered)} != {HASH_BYTES}:
            raise InputError("A leaf of a Merkle tree is 32 bytes.")
        self._layers = [ordered]
        while len(self._layers[-1]) > 1:
            self._layers.append(_parents(self._layers[-1]))
        # Built backwards, so that of equal leaves the first is found, as the reference's search finds it.
        self._index = dict(zip(reversed(ordered), reversed(range(len(ordered))), strict=True))

    @property
    def root(self) -> bytes:
        """The 32-byte root; of a single leaf, that leaf."""
        return self._layers[-1][0]

    def proof(self, leaf: bytes) -> list[bytes]:
        """Return the siblings of `leaf`, bottom-up, 32 bytes each.

        Raises:
            InputError: `leaf` is not in the tree.
        """
        index = self._index_of(leaf)
        siblings = []
        for layer in self._layers:
            sibling = index ^ 1
            if sibling < len(layer):
                siblings.append(layer[sibling])
            index >>= 1
        return siblings

    def _index_of(self, leaf: bytes) -> int:
        index = self._index.get(leaf)
        if index is None:
            raise InputError("This leaf is not in the Merkle tree.")
        return index

    def proofs_in_hex(self, leaves: Iterable[bytes]) -> Iterator[list[str]]:
        """Yield the proof of each of `leaves`, its hashes in hex: for a whole batch, twice as fast.

        A node is written out once, not once for each proof it is in, and a proof is one sibling before the proof
        of its parent, which was made for its neighbour too.

        Raises:
            InputError: one of `leaves` is not in the tree.
        """
        layers = [[*map(bytes.hex, layer)] for layer in self._layers[:-1]]
        above: list[tuple[str, ...]] = [()]
        for layer in reversed(layers[1:]):
            above = [*_proofs(layer, above)]
        siblings = layers[0] if layers else []
        for leaf in leaves:
            index = self._index_of(leaf)
            yield [*siblings[index ^ 1 : (index ^ 1) + 1], *above[index >> 1]]


def fold(leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """Return the root that `proof` leads to from `leaf`; with no proof, `leaf` itself."""
    *_, root = path(leaf, proof)
    return root


def path(leaf: bytes, proof: Sequence[bytes]) -> Iterator[bytes]:
    """Yield every node from `leaf` up to the root: the hashes at which a document can be revoked."""
    return accumulate(proof, _parent, initial=leaf)


@lru_cache(maxsize=_PARENTS_KEPT)
def _parent(one: bytes, other: bytes) -> bytes:
    """Return the parent of two nodes.

    The documents of one batch share the upper part of its tree, and the documents of an exam day are one batch:
    remembering takes a seventh of the time of hashing.
    """
    parent: bytes = keccak_256(one + other if one < other else other + one).digest()
    return parent


def _parents(layer: list[bytes]) -> list[bytes]:
    pairs = zip(layer[::2], layer[1::2], strict=False)
    parents = [keccak_256(one + other if one < other else other + one).digest() for one, other in pairs]
    return parents + layer[-1:] if len(layer) % 2 else parents


def _proofs(layer: list[str], above: list[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Yield the proof of each node of `layer`, given the proofs of their parents."""
    for left, right, of_parent in zip(layer[::2], layer[1::2], above, strict=False):
        yield (right, *of_parent)
        yield (left, *of_parent)
    if len(layer) % 2:
        yield above[-1]  # promoted: its parent is itself
