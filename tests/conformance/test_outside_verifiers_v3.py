"""OpenAttestation version 3, which we check and never issue: two outside verifiers and ours on one chain.

The npm package wraps each document; its root is entered in a real DocumentStore. Version 3 salts stand beside the
content, in the holder's hands: what a holder can forge with them the outside verifiers find valid, and we do not
(docs/protocol.md section 1, "Exceptions to parity").
"""

import base64
import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from govseal.core import jsjson, merkle
from support.judged import Judged
from support.node import need_npm, run_lines
from support.oa_documents import v3_paths
from support.outside import (
    ALTERED,
    NOT_FOUND,
    REVOKED,
    Asked,
    Registry,
    Row,
)

pytestmark = pytest.mark.npm

WRAPPER = Path(__file__).with_name("openattestation_peer.mjs")
ISSUER = "court"
SALT = "5a" * 32
NAME = "credentialSubject.name"
SHOWN = "section 1, exceptions: what is shown is not what was hashed"
AMBIGUOUS = Row((), ("altered", "AMBIGUOUS_CONTENT"), SHOWN)

ROWS = {
    "alone": Row(),
    "one of four": Row(),
    "with a field hidden": Row(),
    "a field changed": ALTERED,
    "a field added": ALTERED,
    "another document's proof": ALTERED,
    "revoked, alone": REVOKED,
    "under a revoked inner node": REVOKED,
    "beside the revoked inner node": Row(),
    "never anchored": NOT_FOUND,
    # --- where we differ ---
    "a field replaced, its salt led astray and its hash hidden": AMBIGUOUS,
    "a field added, a salt repeated for it": AMBIGUOUS,
}


def wrapped(*bodies: dict[str, Any]) -> list[dict[str, Any]]:
    """Return each body as npm wraps it alone."""
    need_npm("@govtechsg/open-attestation")
    return by_npm(*({**one, "proof": proof(v3_paths(one))} for one in bodies))


def by_npm(*documents: dict[str, Any]) -> list[dict[str, Any]]:
    """Put npm's own digest into each document."""
    answers = run_lines(WRAPPER, ({"document": one, "reseal": True} for one in documents))
    return [jsjson.parse(answer)["document"] for answer in answers]


def body(registry: Registry, name: str, **more: str) -> dict[str, Any]:
    identity = {"type": "DNS-TXT", "identifier": f"{ISSUER}.example"}
    method = {"type": "OpenAttestationProofMethod", "method": "DOCUMENT_STORE"}
    store = registry.stores[ISSUER].address
    return {
        "version": "https://schema.openattestation.com/3.0/schema.json",
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential"],
        "issuanceDate": "2026-01-01T00:00:00Z",
        "issuer": {"id": "https://court.example", "name": "Court"},
        "credentialSubject": {"name": name, "judgement": "acquitted", **more},
        "openAttestationMetadata": {"proof": {**method, "value": store}, "identityProof": identity},
    }


def proof(paths: list[str]) -> dict[str, Any]:
    """Return a proof with salts for `paths`, its hashes yet to be filled in."""
    return {
        "type": "OpenAttestationMerkleProofSignature2018",
        "proofPurpose": "assertionMethod",
        "targetHash": "",
        "proofs": [],
        "merkleRoot": "",
        "salts": salts(paths),
        "privacy": {"obfuscated": []},
    }


def salts(paths: list[str]) -> str:
    entries = [{"value": SALT, "path": path} for path in paths]
    return base64.b64encode(jsjson.dumps(entries).encode()).decode()


def leaf(path: str, text: str) -> str:
    """Return the hash under which a field can be hidden."""
    return merkle.keccak256(jsjson.dumps({path: f"{SALT}:{text}"}).encode()).hex()


def target(document: dict[str, Any]) -> bytes:
    return bytes.fromhex(document["proof"]["targetHash"])


def anchored(registry: Registry, *documents: dict[str, Any]) -> list[dict[str, Any]]:
    """Put documents into one tree, and enter its root; return them by their hash, as the tree has them."""
    tree = merkle.MerkleTree([target(one) for one in documents])
    registry.issue(tree.root.hex(), ISSUER)
    ordered = sorted(documents, key=target)
    for one in ordered:
        hashes = [node.hex() for node in tree.proof(target(one))]
        one["proof"].update(proofs=hashes, merkleRoot=tree.root.hex())
    return ordered


def changed(document: dict[str, Any], change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    made = copy.deepcopy(document)
    change(made)
    return made


def without_name(document: dict[str, Any]) -> dict[str, Any]:
    """Hide the name, as npm's obfuscation does."""
    made = copy.deepcopy(document)
    name = made["credentialSubject"].pop("name")
    made["proof"].update(salts=salts(v3_paths(_body(made))), privacy={"obfuscated": [leaf(NAME, name)]})
    return made


def with_another_name(document: dict[str, Any]) -> dict[str, Any]:
    """Hide the name's hash, show another name, and let its salt lead nowhere: any holder can do it."""
    made = without_name(document)
    paths = v3_paths(_body(made))
    made["credentialSubject"]["name"] = "Forged"
    made["proof"]["salts"] = salts([*paths, "credentialSubject.nowhere"])
    return made


def with_a_grade(registry: Registry) -> dict[str, Any]:
    """Show a grade without a salt, and salt another field twice: an issuer's doing, and the count is right."""
    paths = v3_paths(body(registry, "Rith"))
    graded = {**body(registry, "Rith", grade="Never hashed"), "proof": proof([*paths, paths[0]])}
    return by_npm(graded)[0]


def _body(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "proof"}


def all_documents(registry: Registry) -> dict[str, Asked]:
    names = ("Sok", "Chan", "Dara", "Bopha", "Vanna", "Kunthea", "Sokha")
    alone, gone, loose, *four = wrapped(*(body(registry, name) for name in names))
    twice = with_a_grade(registry)
    for one in (alone, gone, twice):
        anchored(registry, one)
    left, _, right, other = anchored(registry, *four)
    registry.revoke(gone["proof"]["targetHash"], ISSUER)
    nodes = list(merkle.path(target(left), [bytes.fromhex(one) for one in left["proof"]["proofs"]]))
    registry.revoke(nodes[1].hex(), ISSUER)
    documents = {
        "alone": alone,
        "one of four": right,
        "with a field hidden": without_name(alone),
        "a field changed": changed(alone, lambda made: made["credentialSubject"].update(name="Forged")),
        "a field added": changed(alone, lambda made: made["credentialSubject"].update(grade="A")),
        "another document's proof": changed(
            right, lambda made: made["proof"].update(proofs=left["proof"]["proofs"])
        ),
        "revoked, alone": gone,
        "under a revoked inner node": left,
        "beside the revoked inner node": other,
        "never anchored": loose,
        "a field replaced, its salt led astray and its hash hidden": with_another_name(alone),
        "a field added, a salt repeated for it": twice,
    }
    return {name: registry.asked(document, ISSUER) for name, document in documents.items()}


class TestVersion3(Judged):
    """The rows above."""

    ROWS = ROWS
    made = staticmethod(all_documents)
