"""OpenAttestation v3: checked, never issued (docs/protocol.md section 1)."""

import base64
from typing import Any

import pytest

from govseal.core import jsjson
from govseal.core.openattestation import Integrity, check
from govseal.core.openattestation.leaves import digest_of_hashes, leaf_hash
from support.oa_documents import DocumentSource


def body(**subject: Any) -> dict[str, Any]:
    return {
        "version": "https://schema.openattestation.com/3.0/schema.json",
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential"],
        "issuanceDate": "2026-01-01T00:00:00Z",
        "issuer": {"id": "https://example.gov", "name": "x"},
        "credentialSubject": subject,
        "openAttestationMetadata": {
            "proof": {
                "type": "OpenAttestationProofMethod",
                "method": "DOCUMENT_STORE",
                "value": "0x" + "ab" * 20,
            },
            "identityProof": {"type": "DNS-TXT", "identifier": "e.gov"},
        },
    }


META = {
    "version": "https://schema.openattestation.com/3.0/schema.json",
    "@context[0]": "https://www.w3.org/2018/credentials/v1",
    "type[0]": "VerifiableCredential",
    "issuanceDate": "2026-01-01T00:00:00Z",
    "issuer.id": "https://example.gov",
    "issuer.name": "x",
    "openAttestationMetadata.proof.type": "OpenAttestationProofMethod",
    "openAttestationMetadata.proof.method": "DOCUMENT_STORE",
    "openAttestationMetadata.proof.value": "0x" + "ab" * 20,
    "openAttestationMetadata.identityProof.type": "DNS-TXT",
    "openAttestationMetadata.identityProof.identifier": "e.gov",
}


def wrapped(
    document: dict[str, Any],
    leaves: dict[str, str],
    *,
    salts: list[str] | None = None,
    hidden: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Wrap as a signer would: hash `leaves` and `hidden`, list salts for the paths `salts`."""
    salt = "5a" * 32
    hashed = [leaf_hash(path, f"{salt}:{text}") for path, text in leaves.items()]
    obfuscated = [leaf_hash(path, f"{salt}:{text}") for path, text in (hidden or {}).items()]
    target = digest_of_hashes(hashed, obfuscated)
    entries = [{"value": salt, "path": path} for path in (leaves if salts is None else salts)]
    proof = {
        "type": "OpenAttestationMerkleProofSignature2018",
        "proofPurpose": "assertionMethod",
        "targetHash": target,
        "proofs": [],
        "merkleRoot": target,
        "salts": base64.b64encode(jsjson.dumps(entries).encode()).decode(),
        "privacy": {"obfuscated": obfuscated},
    }
    return {**document, "proof": proof}


def test_a_document_whose_leaves_are_all_salted_is_valid() -> None:
    document = body(name="សុខ", marks=[{"n": 1.0}, None, True], empty={}, none=[])
    leaves = {
        **META,
        "credentialSubject.name": "សុខ",
        "credentialSubject.marks[0].n": "1",
        "credentialSubject.marks[1]": "null",
        "credentialSubject.marks[2]": "true",
    }
    found = check(wrapped(document, leaves))
    assert (found.integrity, found.version) == (Integrity.VALID, 3)
    assert found.data["credentialSubject"] == {"name": "សុខ", "marks": [{"n": "1"}, "null", "true"]}


def test_a_hidden_leaf_keeps_the_target() -> None:
    assert (
        check(
            wrapped(body(a="x"), {**META, "credentialSubject.a": "x"}, hidden={"credentialSubject.b": "y"})
        ).integrity
        == "VALID"
    )


@pytest.mark.parametrize(
    "change",
    [{"name": "forged"}, {"name": "Sok", "more": "x"}, {}, {"nome": "Sok"}, {"n.a": "x"}, {"n[0]": "x"}],
)
def test_a_changed_added_lost_or_renamed_leaf_is_caught(change: dict[str, str]) -> None:
    document = wrapped(body(name="Sok"), {**META, "credentialSubject.name": "Sok"})
    assert check({**document, "credentialSubject": change}).integrity is Integrity.DOCUMENT_TAMPERED


def test_a_forged_leaf_whose_salt_leads_nowhere_is_ambiguous() -> None:
    document = wrapped(
        body(name="Forged"),
        META,
        salts=[*META, "credentialSubject.nowhere"],
        hidden={"credentialSubject.name": "Sok"},
    )
    assert check(document).integrity is Integrity.AMBIGUOUS_CONTENT


def test_a_forged_leaf_covered_by_a_second_salt_of_another_leaf_is_ambiguous() -> None:
    twice = {**META, "credentialSubject.name": "Sok"}
    document = wrapped(body(name="Sok", grade="Forged"), twice)
    again = leaf_hash("issuer.name", "5a" * 32 + ":x")
    proof = document["proof"]
    salts = [{"value": "5a" * 32, "path": path} for path in [*twice, "issuer.name"]]
    proof["salts"] = base64.b64encode(jsjson.dumps(salts).encode()).decode()
    hashed = [leaf_hash(path, f"{'5a' * 32}:{text}") for path, text in twice.items()]
    proof["targetHash"] = proof["merkleRoot"] = digest_of_hashes([*hashed, again])
    assert check(document).integrity is Integrity.AMBIGUOUS_CONTENT


@pytest.mark.parametrize("added", [{"__proto__": {"b": "forged"}}, {"": {"b": "forged"}}])
def test_members_that_no_salt_can_reach_are_ambiguous(added: dict[str, Any]) -> None:
    salts = [*META, "b"] if "" in added else [*META]
    assert check(wrapped({**body(), **added}, META, salts=salts)).integrity is Integrity.AMBIGUOUS_CONTENT


@pytest.mark.parametrize(
    ("salts", "expected"),
    [
        ("", "DOCUMENT_TAMPERED"), ("!!!", "DOCUMENT_TAMPERED"), ("e30", "DOCUMENT_TAMPERED"), ("A", "DOCUMENT_TAMPERED"), ("/w==", "DOCUMENT_TAMPERED"),
        ("WzFd", "DOCUMENT_TAMPERED"), (None, "NOT_WRAPPED"), (7, "NOT_WRAPPED"),
    ],
)  # fmt: skip
def test_salts_that_are_none_are_judged_and_never_raise(salts: Any, expected: str) -> None:
    document = wrapped(body(), META)
    document["proof"]["salts"] = salts
    assert check(document).integrity == expected


def test_salts_are_read_as_leniently_as_npm_reads_them() -> None:
    document = wrapped(body(), META)
    spelled = document["proof"]["salts"].replace("+", "-").replace("/", "_").rstrip("=")
    document["proof"]["salts"] = " \n".join(spelled)
    assert check(document).integrity is Integrity.VALID


def test_no_random_document_however_broken_makes_a_check_raise() -> None:
    source = DocumentSource(3)
    seen = {check(source.case()["document"]).integrity for _ in range(500)}
    assert seen >= {Integrity.VALID, Integrity.DOCUMENT_TAMPERED, Integrity.NOT_WRAPPED}
