"""What a document costs is bounded by its length: forms that once took hours, gigabytes, or a crash.

Each text here is small enough for an upload. Were one of the bounds gone, its test would run for minutes: none depends
on how fast a machine is.
"""

import base64
import tracemalloc
from typing import Any

import pytest

from govseal.core import jsjson
from govseal.core.errors import InputError, MalformedDocument, TooLargeError
from govseal.core.openattestation import Integrity, check, v2
from govseal.core.openattestation.reading import Reading
from govseal.core.openattestation.salting import uuid4_source

ISSUERS = [{"name": "x", "identityProof": {"type": "DNS-TXT", "location": "e.gov"}}]
HASH = "ab" * 32
MANY = 200_000
LONG_KEY = "k" * 100_000
MEGABYTES = 1 << 20


def version_2(data: Any) -> dict[str, Any]:
    signature = {"type": "SHA3MerkleProof", "targetHash": HASH, "proof": [], "merkleRoot": HASH}
    return {
        "version": "https://schema.openattestation.com/2.0/schema.json",
        "data": data,
        "signature": signature,
    }


def version_3(subject: dict[str, Any], path: str, *, salts: int) -> dict[str, Any]:
    entries = jsjson.dumps([{"value": HASH, "path": path}] * salts)
    return {
        "version": "https://schema.openattestation.com/3.0/schema.json",
        "@context": [],
        "type": [],
        "issuanceDate": "2026-01-01",
        "issuer": "x",
        "credentialSubject": subject,
        "openAttestationMetadata": {
            "proof": {"type": "OpenAttestationProofMethod", "method": "DID", "value": "x"},
            "identityProof": {"type": "DID", "identifier": "x"},
        },
        "proof": {
            "type": "OpenAttestationMerkleProofSignature2018",
            "proofPurpose": "assertionMethod",
            "targetHash": HASH,
            "proofs": [],
            "merkleRoot": HASH,
            "salts": base64.b64encode(entries.encode()).decode(),
            "privacy": {"obfuscated": []},
        },
    }


OTHER_LEAVES = 8  # of `version_3`, besides its subject's


def test_a_string_that_never_ends_is_looked_at_once() -> None:
    many_brackets = b"[" + b"[]," * jsjson.MAX_DEPTH
    with pytest.raises(MalformedDocument):
        jsjson.parse(many_brackets + b'"' + b'\\"' * MANY)


def test_a_number_of_many_digits_that_is_none_is_read_once() -> None:
    salted = f"ee7f3323-1634-4dea-8c12-f0bb83aff874:number:{'1' * MANY}x"
    assert str(Reading({"a": salted}).shown["a"]) == "nan"


@pytest.mark.parametrize("digits", ["9" * 5000, "00", "4294967295"])
def test_what_is_no_index_to_javascript_leads_to_no_element(digits: str) -> None:
    document = version_3({"l": [1]}, f"credentialSubject.l[{digits}]", salts=1 + OTHER_LEAVES)
    assert check(document).integrity is Integrity.DOCUMENT_TAMPERED
    with pytest.raises(InputError):
        v2.obfuscate(version_2({"issuers": ISSUERS, "l": [{"a": "x", "b": "y"}]}), [f"l.{digits}.a"])


def test_many_salts_that_lead_to_one_long_value_are_not_all_hashed() -> None:
    items = 10_000
    for path in ("credentialSubject.l", "credentialSubject.long"):
        subject = {"l": [1] * items, "long": "x" * MEGABYTES}
        document = version_3(subject, path, salts=items + 1 + OTHER_LEAVES)
        assert check(document).integrity is Integrity.DOCUMENT_TAMPERED


@pytest.mark.parametrize("below", [[1] * 1000, [[]] * 1000, {f"k{at}": {} for at in range(1000)}])
def test_a_long_key_above_many_leaves_takes_no_more_memory_than_its_text(below: Any) -> None:
    document = version_3({LONG_KEY: below}, "x", salts=1)
    tracemalloc.start()
    try:
        assert (
            check(version_2({"issuers": ISSUERS, LONG_KEY: below})).integrity is Integrity.DOCUMENT_TAMPERED
        )
        assert check(document).integrity is Integrity.DOCUMENT_TAMPERED
        with pytest.raises(TooLargeError):
            v2.attest({"issuers": ISSUERS, LONG_KEY: below}, uuid4_source(bytes))
        assert tracemalloc.get_traced_memory()[1] < 10 * MEGABYTES
    finally:
        tracemalloc.stop()


def test_long_paths_within_the_bound_are_hashed_as_ever() -> None:
    raw = {"issuers": ISSUERS, "k" * 1000: {"l" * 1000: ["x"] * 100}}
    assert check(v2.wrap_batch([raw], uuid4_source(bytes))[0]).integrity is Integrity.VALID
