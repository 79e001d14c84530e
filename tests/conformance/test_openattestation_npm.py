"""A fixed sample of random documents, genuine and broken: the unmodified npm packages and we agree on each."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from govseal.core import jsjson
from govseal.core.openattestation import check
from support.node import PROJECT, need_npm, run_lines
from support.oa_documents import DocumentSource

pytestmark = pytest.mark.npm

PEER = Path(__file__).with_name("openattestation_peer.mjs")
SAMPLE = 2_000
# What npm says, and what we may say of the same document. Where npm throws it has no verdict.
AGREEMENT = {
    "VALID": {"VALID", "AMBIGUOUS_CONTENT"},
    "DOCUMENT_TAMPERED": {"DOCUMENT_TAMPERED"},
    "NOT_WRAPPED": {"NOT_WRAPPED"},
    "THROWS": {"DOCUMENT_TAMPERED", "AMBIGUOUS_CONTENT", "NOT_WRAPPED"},
}


@pytest.fixture(scope="module")
def answers() -> list[dict[str, Any]]:
    need_npm("@govtechsg/open-attestation")
    source = DocumentSource(20260101)
    said = [jsjson.parse(line) for line in run_lines(PEER, (source.case() for _ in range(SAMPLE)))]
    assert len(said) == SAMPLE
    return [answer for answer in said if not _is_beyond_comparison(answer["document"])]


def test_npm_and_we_give_the_same_verdict(answers: list[dict[str, Any]]) -> None:
    pairs = Counter((answer["verdict"], check(answer["document"]).integrity.value) for answer in answers)
    assert {pair: number for pair, number in pairs.items() if pair[1] not in AGREEMENT[pair[0]]} == {}
    assert len({said for said, _ in pairs}) == len(AGREEMENT), "the sample reaches every verdict"


def test_npm_and_we_show_the_same_content(answers: list[dict[str, Any]]) -> None:
    for answer in answers:
        found = check(answer["document"])
        if "data" in answer and found.data is not None:
            assert jsjson.parse(jsjson.dumps(found.data)) == answer["data"]


def test_the_committed_vectors_are_what_the_npm_packages_make() -> None:
    need_npm("@govtechsg/oa-encryption")
    made = run_lines(PROJECT / "vectors" / "generate.mjs", [])
    assert made == (PROJECT / "vectors" / "openattestation.json").read_bytes().splitlines()


def _is_beyond_comparison(document: Any) -> bool:
    """Two forms which npm takes by accident: hidden hashes that are no array of texts, a version that is no text."""
    if not isinstance(document, dict):
        return False
    privacy = document.get("privacy")
    hidden = privacy.get("obfuscatedData", []) if isinstance(privacy, dict) else []
    is_hidden_odd = not isinstance(hidden, list) or not all(isinstance(one, str) for one in hidden)
    return is_hidden_odd or not isinstance(document.get("version"), str | None)
