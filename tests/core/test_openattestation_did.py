"""Documents signed by a DID (docs/protocol.md section 1, "DID-signed v2")."""

from typing import Any

import pytest
from coincurve import PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from govseal.core.openattestation import check, did, v2
from support.dids import ADDRESS, CONTROLLER, proof, sign
from support.oa_documents import DocumentSource


@pytest.fixture
def wrapped() -> dict[str, Any]:
    source = DocumentSource(1)
    return v2.wrap_batch([source.raw(), source.raw()], source.new_uuid)[0]


@pytest.mark.parametrize("offset", [0, 27])
def test_the_signer_of_a_document_is_recovered(wrapped: dict[str, Any], offset: int) -> None:
    wrapped["proof"] = [proof(sign(wrapped["signature"]["merkleRoot"], offset=offset))]
    assert check(wrapped).signers == (ADDRESS,)
    assert did.is_signed_by(
        wrapped,
        CONTROLLER.upper().replace("DID:ETHR:0X", "did:ethr:0x").replace("#CONTROLLER", "#controller"),
    )


def test_another_key_another_method_and_another_root_are_told_apart(wrapped: dict[str, Any]) -> None:
    root = wrapped["signature"]["merkleRoot"]
    wrapped["proof"] = [
        proof(sign(root, key=PrivateKey(b"\x02" * 32))),
        proof(sign(root), "did:ethr:0x" + "ab" * 20),
    ]
    assert check(wrapped).signers[1] == ADDRESS
    assert not did.is_signed_by(wrapped, CONTROLLER)
    assert not did.is_signed_by(wrapped, "did:ethr:0x" + "ab" * 20)
    assert not did.is_signed_by(wrapped, "did:web:e.gov")
    wrapped["proof"] = [proof(sign("00" * 32))]
    assert not did.is_signed_by(wrapped, CONTROLLER)


@pytest.mark.parametrize("broken", [None, [], {}, "x", [{}], [None]])
def test_a_proof_without_the_form_of_signatures_has_no_signers(wrapped: dict[str, Any], broken: Any) -> None:
    assert check({**wrapped, "proof": broken}).signers == ()


def test_one_malformed_proof_spoils_the_array_as_in_npm(wrapped: dict[str, Any]) -> None:
    good = proof(sign(wrapped["signature"]["merkleRoot"]))
    assert check({**wrapped, "proof": [good, {**good, "proofPurpose": "other"}]}).signers == ()


@pytest.mark.parametrize(
    "signature",
    ["", "0x", "0x" + "00" * 65, "0x" + "ff" * 65, "0x" + "11" * 64 + "02", "11" * 65, "0x" + "zz" * 65],
)
def test_a_signature_that_no_key_can_have_made_recovers_nobody(signature: str) -> None:
    assert did.recover("ab" * 32, signature) is None


def test_a_root_that_is_not_32_bytes_was_signed_by_nobody() -> None:
    assert did.recover("ab" * 31, sign("ab" * 32)) is None


@given(st.integers(0, 64 * 8 - 1))
def test_any_changed_bit_of_a_signature_is_caught(bit: int) -> None:
    raw = bytearray(bytes.fromhex(sign("ab" * 32)[2:]))
    raw[bit // 8] ^= 1 << (bit % 8)
    assert did.recover("ab" * 32, "0x" + raw.hex()) != ADDRESS


@pytest.mark.parametrize(
    ("name", "address"),
    [
        (CONTROLLER, ADDRESS), (f"did:ethr:{ADDRESS.lower()}", ADDRESS), (f"did:ethr:sepolia:{ADDRESS}#controller", ADDRESS),
        ("did:web:e.gov", None), (f"did:ethr:{ADDRESS}#delegate-1", None), (f"did:ethr:{ADDRESS}00", None),
    ],
)  # fmt: skip
def test_a_did_ethr_names_its_controller(name: str, address: str | None) -> None:
    assert did.controller(name) == address


@pytest.mark.parametrize(
    "address",
    [
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    ],
)
def test_addresses_are_written_in_the_mixed_case_of_eip_55(address: str) -> None:
    assert did.checksummed(bytes.fromhex(address[2:])) == address
