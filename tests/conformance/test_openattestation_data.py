"""OpenAttestation's own fixtures and 153 fuzzed documents: what npm said of each, we say."""

from typing import Any

import pytest

from govseal.core import jsjson
from govseal.core.openattestation import check, v2
from support.conformance import conformance_file

pytestmark = pytest.mark.conformance


def _load(name: str) -> Any:
    return jsjson.parse(conformance_file("openattestation", name).read_bytes())


def _expected_integrity(expected: dict[str, Any]) -> str:
    return str(expected.get("hash", "NOT_WRAPPED")).removeprefix("INVALID/")


def test_each_fixture_gets_npms_verdict_hashes_and_signers() -> None:
    documents, expected = _load("documents.json"), _load("expected.json")
    assert len(documents) == len(expected) == 58
    ours, npms = {}, {}
    for name, document in documents.items():
        found, said = check(document), expected[name]
        signers = tuple(signer.split(" vs ")[0] for signer in said.get("signers", []))
        ours[name] = (found.integrity.value, found.target_hash, found.merkle_root, found.signers)
        npms[name] = (_expected_integrity(said), said.get("target"), said.get("root"), signers)
    assert ours == npms


def test_each_version_2_fixture_gets_npms_digest() -> None:
    documents = _load("documents.json")
    digests = {name: said["digest"] for name, said in _load("expected.json").items() if said.get("digest")}
    ours = {
        name: v2.digest(
            documents[name]["data"], documents[name].get("privacy", {}).get("obfuscatedData", [])
        ).hex()
        for name in digests
    }
    assert ours == digests


def test_each_fuzzed_document_has_npms_digest_and_verdict_whole_and_obfuscated() -> None:
    cases = _load("fuzz.json")
    assert len(cases) == 153
    for case in cases:
        assert v2.digest(case["wrapped"]["data"]).hex() == case["wrapped"]["signature"]["targetHash"]
        assert (check(case["wrapped"]).integrity == "VALID") is case["v"]
        assert (check(case["obf"]).integrity == "VALID") is case["vo"]
        assert v2.obfuscate(case["wrapped"], ["s"]) == case["obf"]


def test_each_fuzzed_raw_document_is_wrapped_as_npm_wraps_it() -> None:
    for case in _load("fuzz.json"):
        salts = iter(_salts(case["wrapped"]["data"]))
        assert v2.attest(case["raw"], lambda salts=salts: next(salts)).salted == case["wrapped"]["data"]


def _salts(salted: Any) -> list[str]:
    if isinstance(salted, str):
        return [salted[:36]]
    return [
        salt for value in (salted.values() if isinstance(salted, dict) else salted) for salt in _salts(value)
    ]
