"""What a document says of its issuer, read from any JSON; and the records and answers that speak of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.core import jsjson
from govseal.core.errors import OutsideError
from govseal.core.openattestation import ocsp, records
from govseal.core.openattestation.issuer import NOBODY, Issuer, named
from support.dids import CONTROLLER, DID, issuer

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "issuers",
                    "id",
                    "identityProof",
                    "key",
                    "type",
                    "revocation",
                    "proof",
                    "openAttestationMetadata",
                    "value",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def version_3(
    method: str = "DID", value: str = DID, kind: str = "DNS-DID", **revocation: str
) -> dict[str, Any]:
    return {
        "openAttestationMetadata": {
            "proof": {
                "type": "OpenAttestationProofMethod",
                "method": method,
                "value": value,
                "revocation": revocation,
            },
            "identityProof": {"type": kind, "identifier": "letters.moeys.example"},
        }
    }


def test_version_2_names_its_key_its_place_of_revocation_and_its_domain() -> None:
    data = {"issuers": [issuer("OCSP_RESPONDER", "https://ocsp.example", domain="moeys.example")]}
    expected = Issuer("", CONTROLLER, "OCSP_RESPONDER", "https://ocsp.example", "moeys.example", by_dns=True)
    assert named(data, {}, version=2) == expected


def test_version_3_names_its_key_in_the_proof_and_the_rest_in_what_was_hashed() -> None:
    data = version_3(type="REVOCATION_STORE", location="0xab")
    found = named(data, {"proof": {"key": CONTROLLER}}, version=3)
    assert found == Issuer("", CONTROLLER, "REVOCATION_STORE", "0xab", "letters.moeys.example", by_dns=True)
    by_did = named(version_3(kind="DID"), {"proof": {"key": CONTROLLER}}, version=3)
    assert (by_did.domain, by_did.by_dns) == ("", False)
    assert named(version_3("DOCUMENT_STORE", "0xcd"), {}, version=3).store == "0xcd"
    assert named(version_3("TOKEN_REGISTRY", "0xcd"), {"proof": {"key": CONTROLLER}}, version=3).store == ""


@pytest.mark.parametrize("key", [f"did:ethr:0x{'ab' * 20}#controller", f"{DID}x#controller", "", None, 5])
def test_a_key_of_another_did_than_the_issuer_s_speaks_for_nobody(key: Any) -> None:
    assert named(version_3(), {"proof": {"key": key}}, version=3).key == ""
    data = {"issuers": [issuer(identityProof={"type": "DID", "key": key})]}
    assert named(data, {}, version=2).key == ""


def test_several_issuers_are_nobody() -> None:
    assert named({"issuers": [issuer(), issuer()]}, {}, version=2) == NOBODY


@given(ANY, ANY, st.sampled_from([2, 3, None]))
def test_any_json_is_read_and_what_is_named_is_text(data: Any, document: Any, version: int | None) -> None:
    *texts, by_dns = named(data, document, version=version)
    assert all(isinstance(one, str) for one in texts)
    assert isinstance(by_dns, bool)


@given(st.lists(st.text(max_size=30)), st.text(max_size=10))
def test_any_record_is_read_and_none_speaks_for_what_it_does_not_name(texts: list[str], more: str) -> None:
    said = [*texts, f"openatts {more}", "openatts a=dns-did; v=1.0;", "openatts net=ethereum netId=1"]
    assert not records.speaks_for_key(said, CONTROLLER)
    assert not records.speaks_for_store(said, chain_id=1, address="0x" + "ab" * 20)


@given(
    st.one_of(st.binary(max_size=40), ANY.map(lambda value: jsjson.dumps(value).encode("utf-8", "replace")))
)
def test_any_answer_of_a_responder_says_nothing_unless_it_has_the_form(answer: bytes) -> None:
    with pytest.raises(OutsideError) as caught:
        ocsp.is_revoked(answer, "0xab")
    assert caught.value.code == "OCSP_ANSWER_INVALID"
