"""The Merkle tree of a batch (docs/protocol.md section 1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.core import merkle
from govseal.core.errors import InputError
from govseal.core.merkle import MerkleTree, fold, keccak256

LEAVES = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40)


def test_keccak_is_ethereums_and_not_sha3() -> None:
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


@given(LEAVES)
def test_every_proof_leads_to_the_root(leaves: list[bytes]) -> None:
    tree = MerkleTree(leaves)
    assert {fold(leaf, tree.proof(leaf)) for leaf in leaves} == {tree.root}


@given(LEAVES)
def test_the_proofs_of_a_batch_are_those_of_its_leaves(leaves: list[bytes]) -> None:
    tree = MerkleTree(leaves)
    proofs = list(tree.proofs_in_hex(leaves))
    assert proofs == [[node.hex() for node in tree.proof(leaf)] for leaf in leaves]
    assert len({id(proof) for proof in proofs}) == len(leaves), "no two documents share a list"


@given(LEAVES)
def test_the_order_of_the_batch_changes_nothing(leaves: list[bytes]) -> None:
    shuffled = sorted(leaves, reverse=True)
    assert MerkleTree(shuffled).root == MerkleTree(leaves).root


@given(LEAVES, st.integers(0, 255), st.data())
def test_any_changed_bit_of_a_leaf_or_proof_misses_the_root(
    leaves: list[bytes], bit: int, data: st.DataObject
) -> None:
    tree = MerkleTree(leaves)
    leaf = data.draw(st.sampled_from(leaves))
    path = [leaf, *tree.proof(leaf)]
    at = data.draw(st.integers(0, len(path) - 1))
    path[at] = (int.from_bytes(path[at], "big") ^ (1 << bit)).to_bytes(32, "big")
    assert fold(path[0], path[1:]) != tree.root


def test_a_parent_hashes_the_smaller_child_first_and_an_odd_node_is_promoted() -> None:
    low, middle, high = (bytes([n]) * 32 for n in (1, 2, 3))
    tree = MerkleTree([high, low, middle])
    parent = keccak256(low + middle)
    assert tree.root == keccak256(min(parent, high) + max(parent, high))
    assert tree.proof(high) == [parent]
    assert tree.proof(low) == [middle, high]


def test_the_path_names_every_hash_at_which_a_document_can_be_revoked() -> None:
    low, middle, high = (bytes([n]) * 32 for n in (1, 2, 3))
    tree = MerkleTree([low, middle, high])
    assert list(merkle.path(low, tree.proof(low))) == [low, keccak256(low + middle), tree.root]


def test_a_single_leaf_is_its_own_root() -> None:
    tree = MerkleTree([b"x" * 32])
    assert (tree.root, tree.proof(b"x" * 32)) == (b"x" * 32, [])


def test_an_empty_batch_a_short_leaf_and_a_stranger_are_refused() -> None:
    with pytest.raises(InputError, match="at least one"):
        MerkleTree([])
    with pytest.raises(InputError, match="32 bytes"):
        MerkleTree([b"short"])
    with pytest.raises(InputError, match="not in"):
        MerkleTree([b"x" * 32]).proof(b"y" * 32)
    with pytest.raises(InputError, match="not in"):
        list(MerkleTree([b"x" * 32]).proofs_in_hex([b"y" * 32]))
