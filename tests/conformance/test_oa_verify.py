"""An outside verifier: what the unmodified npm package oa-verify says of documents that went the whole real way.

Each was sealed by the office, anchored by the outbox on a real chain (id 1337), published encrypted, and is
decrypted here from what is published. DNS answers are supplied; nothing else is.
"""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from govseal.core.openattestation import v2
from support.node import PROJECT, need_npm, run_lines
from support.sealed import Sealed, SealedSheet

pytestmark = pytest.mark.npm

PEER = Path(__file__).with_name("oa_verify_peer.mjs")
FAMILIES = ("DOCUMENT_INTEGRITY", "DOCUMENT_STATUS", "ISSUER_IDENTITY")


@pytest.fixture(scope="module", autouse=True)
def _npm() -> None:
    need_npm("@govtechsg/oa-verify")


def domain(sheet: SealedSheet) -> str:
    return f"{sheet.institution}.example"


def record(sealed: Sealed, sheet: SealedSheet, *, chain: int = 1337, store: str = "") -> str:
    """Return the DNS-TXT record that the institution's domain must carry."""
    return (
        f"openatts net=ethereum netId={chain} addr={store or sealed.country.store(sheet.institution).address}"
    )


def question(sealed: Sealed, sheet: SealedSheet, document: Any = None, records: Any = None) -> dict[str, Any]:
    return {
        "document": sealed.wrapped(sheet) if document is None else document,
        "rpc": sealed.country.chain.rpc_url,
        "records": {domain(sheet): [record(sealed, sheet)]} if records is None else records,
    }


def said(*questions: dict[str, Any]) -> list[tuple[bool, dict[str, str]]]:
    """Return for each question whether it is valid, and the statuses of each family that were not skipped."""
    answers = [json.loads(line) for line in run_lines(PEER, questions)]
    return [
        (
            answer["valid"],
            {one["type"]: one["status"] for one in answer["fragments"] if one["status"] != "SKIPPED"},
        )
        for answer in answers
    ]


VALID = (True, dict.fromkeys(FAMILIES, "VALID"))


def test_the_package_is_the_unmodified_one_of_the_lock_file() -> None:
    package = json.loads((PROJECT / "node_modules/@govtechsg/oa-verify/package.json").read_text())
    assert package["version"] == "9.4.0"
    assert (
        json.loads((PROJECT / "package.json").read_text())["devDependencies"]["@govtechsg/oa-verify"]
        == "9.4.0"
    )


def test_documents_of_a_batch_and_one_alone_are_valid(sealed: Sealed) -> None:
    proofs = [sealed.wrapped(sheet)["signature"]["proof"] for sheet in (sealed.alone, *sealed.several)]
    assert proofs[0] == []
    assert all(proofs[1:])
    questions = [question(sealed, sheet) for sheet in (sealed.alone, *sealed.several)]
    assert said(*questions) == [VALID] * len(questions)


def test_a_document_with_a_field_hidden_is_valid(sealed: Sealed) -> None:
    sheet = sealed.several[0]
    hidden = v2.obfuscate(sealed.wrapped(sheet), ["fields.title"])
    assert said(question(sealed, sheet, hidden)) == [VALID]


def test_a_tampered_document_is_invalid(sealed: Sealed) -> None:
    sheet = sealed.several[0]
    changed = sealed.wrapped(sheet)
    changed["data"]["number"] += "7"
    other_proof = sealed.wrapped(sheet)
    other_proof["signature"]["proof"] = sealed.wrapped(sealed.several[1])["signature"]["proof"]
    rooted = copy.deepcopy(other_proof)
    rooted["signature"]["merkleRoot"] = rooted["signature"]["targetHash"]
    answers = said(*(question(sealed, sheet, one) for one in (changed, other_proof, rooted)))
    assert [valid for valid, _ in answers] == [False, False, False]
    assert {statuses["DOCUMENT_INTEGRITY"] for _, statuses in answers} == {"INVALID"}


def test_a_revoked_document_is_invalid_and_its_neighbours_in_the_batch_are_not(sealed: Sealed) -> None:
    revoked, neighbour = said(question(sealed, sealed.revoked), question(sealed, sealed.several[0]))
    assert revoked == (False, {**VALID[1], "DOCUMENT_STATUS": "INVALID"})
    assert neighbour == VALID


def test_a_document_that_was_wrapped_and_never_anchored_is_invalid(sealed: Sealed) -> None:
    raw = v2.unsalt(sealed.wrapped(sealed.alone)["data"])
    numbers = iter(range(1_000))
    fresh = v2.wrap_batch([raw], lambda: f"00000000-0000-4000-8000-{next(numbers):012}")[0]
    assert said(question(sealed, sealed.alone, fresh)) == [
        (False, {**VALID[1], "DOCUMENT_STATUS": "INVALID"})
    ]


@pytest.mark.parametrize(
    "wrong", ["no record", "another store", "another chain", "another domain", "another network"]
)
def test_a_domain_without_the_right_record_is_invalid(sealed: Sealed, wrong: str) -> None:
    sheet = sealed.alone
    right = record(sealed, sheet)
    records = {
        "no record": {},
        "another store": {domain(sheet): [record(sealed, sheet, store="0x" + "5a" * 20)]},
        "another chain": {domain(sheet): [record(sealed, sheet, chain=1)]},
        "another domain": {"elsewhere.example": [right]},
        "another network": {domain(sheet): [right.replace("ethereum", "hyperledger")]},
    }[wrong]
    assert said(question(sealed, sheet, records=records)) == [
        (False, {**VALID[1], "ISSUER_IDENTITY": "INVALID"})
    ]


def test_the_right_record_among_others_is_enough(sealed: Sealed) -> None:
    sheet = sealed.alone
    records = {domain(sheet): ["v=spf1 -all", record(sealed, sheet, chain=5), record(sealed, sheet)]}
    assert said(question(sealed, sheet, records=records)) == [VALID]
