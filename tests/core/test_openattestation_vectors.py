"""The language-neutral vectors of attested documents (vectors/openattestation.json)."""

from pathlib import Path
from typing import Any

import pytest

from govseal.core import jsjson
from govseal.core.openattestation import check, v2

VECTORS = jsjson.parse(
    (Path(__file__).resolve().parents[2] / "vectors" / "openattestation.json").read_bytes()
)


@pytest.mark.parametrize("case", VECTORS["documents"], ids=lambda case: case["name"])
def test_a_document_gets_the_integrity_and_signers_of_its_vector(case: dict[str, Any]) -> None:
    found = check(case["document"])
    assert (found.integrity, list(found.signers)) == (case["integrity"], case["signers"])


@pytest.mark.parametrize("case", VECTORS["numbers"], ids=lambda case: case["text"])
def test_a_number_prints_as_in_its_vector(case: dict[str, Any]) -> None:
    assert jsjson.number_text(case["number"]) == case["text"]


def test_a_batch_is_wrapped_byte_for_byte_as_npm_wraps_it() -> None:
    wrapped = VECTORS["batch"]["wrapped"]
    salts = iter([salt for document in wrapped for salt in _salts(document["data"])])
    assert v2.wrap_batch(VECTORS["batch"]["raws"], lambda: next(salts)) == wrapped


def _salts(salted: Any) -> list[str]:
    if isinstance(salted, str):
        return [salted[:36]]
    return [
        salt for value in (salted.values() if isinstance(salted, dict) else salted) for salt in _salts(value)
    ]
