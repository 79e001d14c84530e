"""OpenAttestation's own DID-signed fixtures: what two outside verifiers say of each, and what our core says.

Their DIDs, DNS records and OCSP responders are stand-ins; their revocation stores answer on a local chain, at the
addresses that the fixtures name. Compared are integrity, signatures and revocation in stores. Our verifier finds the
issuer of a DID-signed document in no trust list, since it looks for stores alone: it says *not recognised* of each
(docs/protocol.md section 1: "alone they give 'not recognised'").
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from govseal.adapters.evm import EvmLedger
from govseal.adapters.localchain import LocalChain
from govseal.core import jsjson
from govseal.core.openattestation import check, did
from govseal.core.trustlist import StoreRef
from support.chain import mined
from support.conformance import conformance_file
from support.node import need_npm, run_lines
from support.world import World

pytestmark = [pytest.mark.npm, pytest.mark.conformance]

PEER = Path(__file__).with_name("did_peer.mjs")
PACKAGES = ("@govtechsg/oa-verify", "@tradetrust-tt/tt-verify")
V2, V3 = "oa-verify/test/fixtures/v2", "oa-verify/test/fixtures/v3"

IN_STORES = (
    f"{V2}/did-revocation-store-signed-revoked.json",
    f"{V2}/dnsdid-revocation-store-signed-not-revoked.json",
    f"{V2}/dnsdid-revocation-store-signed-revoked.json",
    f"{V2}/documentDidSigned.ts#documentDidSigned",
    f"{V2}/documentDnsDidSigned.ts#documentDnsDidSigned",
    f"{V3}/did-revocation-store-signed-not-revoked.json",
    f"{V3}/did-revocation-store-signed-revoked.json",
    f"{V3}/dnsdid-revocation-store-signed-not-revoked.json",
    f"{V3}/dnsdid-revocation-store-signed-revoked.json",
)
ELSEWHERE = (  # revocation by OCSP, or none at all
    f"{V2}/did-ocsp-revocation-signed.json",
    f"{V3}/dnsdid-invalid-signed.json",
    f"{V3}/dnsdid-signed.json",
)
WRONG_KEY = f"{V2}/documentDnsDidNoDnsTxt.ts#documentDnsDidNoDnsTxt"
NO_VERDICT = {  # signed, and yet they come to no verdict on the signature
    f"{V2}/did-revocation-store-signed-no-location.json": "REVOCATION_LOCATION_MISSING",
    f"{V3}/did-revocation-store-signed-no-location.json": "REVOCATION_LOCATION_MISSING",
    f"{V2}/documentDnsDidMixedTokenRegistry.ts#documentDnsDidMixedTokenRegistryValid": "INVALID_ISSUERS",
}
NAMES = (*IN_STORES, *ELSEWHERE, WRONG_KEY, *NO_VERDICT)


def fixtures() -> dict[str, Any]:
    documents = jsjson.parse(conformance_file("openattestation", "documents.json").read_bytes())
    return {name: documents[name] for name in NAMES}


# --- what a fixture says of itself --------------------------------------------------------------------


def issuer(document: Any) -> dict[str, Any]:
    """Return {key, domain, revocation} of a document's first issuer."""
    data = check(document).data or {}
    if "openAttestationMetadata" in data:
        metadata = data["openAttestationMetadata"]
        domain = metadata["identityProof"]["identifier"]
        return {
            "key": document["proof"]["key"],
            "domain": domain,
            "revocation": metadata["proof"]["revocation"],
        }
    first = data["issuers"][0]
    identity = first["identityProof"]
    return {"key": identity["key"], "domain": identity.get("location"), "revocation": first["revocation"]}


def question(document: Any, chain: LocalChain) -> dict[str, Any]:
    named = issuer(document)
    records = {named["domain"]: [f"openatts a=dns-did; p={named['key']}; v=1.0;"]} if named["domain"] else {}
    return {"document": document, "rpc": chain.rpc_url, "records": records}


@dataclass(frozen=True)
class Said:
    """What is said of a document.

    Attributes:
        theirs: by package, see the peer.
        revoked: whether its store has revoked it, by our reader and our path of hashes.
    """

    theirs: dict[str, Any]
    revoked: bool


# --- their revocation stores on our chain -------------------------------------------------------------


def forwarder(address: str) -> str:
    """Return code that passes each question on to the contract at `address`, and its answer back.

    CALLDATACOPY(0, 0, size) · STATICCALL(gas, address, 0, size, 0, 0) · RETURNDATACOPY(0, 0, size) · RETURN
    """
    return f"0x3660006000376000600036600073{address[2:]}5afa503d600060003e3d6000f3"


class Stores:
    """Real DocumentStores that answer at the addresses which the fixtures name."""

    def __init__(self, ledger: EvmLedger, documents: dict[str, Any]) -> None:
        self._ledger = ledger
        self._behind: dict[str, StoreRef] = {}
        for address in {issuer(documents[name])["revocation"]["location"] for name in IN_STORES}:
            self._behind[address] = ledger.deploy(account="treasury", name=f"behind {address}")
            ledger._rpc.result("anvil_setCode", address, forwarder(self._behind[address].address))

    def revoke(self, documents: dict[str, Any]) -> None:
        """Revoke of each document the hash above its own, or its own where it stands alone."""
        nodes = {
            (issuer(document)["revocation"]["location"], check(document).path_hashes[:2][-1])
            for document in documents.values()
        }
        for address, node in nodes:
            mined(self._ledger, self._ledger.revoke(self._behind[address], node, account="treasury"))

    def revoked(self, document: Any) -> bool:
        """Say what our reader and our path of hashes say."""
        address = issuer(document)["revocation"]["location"]
        behind = self._behind[address]
        asked = StoreRef(behind.chain_id, behind.genesis, address)
        return any(self._ledger.revoked(asked, check(document).path_hashes))


@pytest.fixture(scope="module")
def documents() -> dict[str, Any]:
    for package in PACKAGES:
        need_npm(package)
    return fixtures()


@pytest.fixture(scope="module")
def replayed(documents: dict[str, Any], ledger: EvmLedger, chain: LocalChain) -> dict[str, list[Said]]:
    """Ask of each document before and after its revocation."""
    stores = Stores(ledger, documents)
    lines = [question(document, chain) for document in documents.values()]

    def ask() -> list[Said]:
        theirs = map(jsjson.parse, run_lines(PEER, lines))
        ours = [name in IN_STORES and stores.revoked(documents[name]) for name in documents]
        return list(map(Said, theirs, ours))

    before = ask()
    stores.revoke({name: documents[name] for name in IN_STORES})
    return {name: [*both] for name, *both in zip(documents, before, ask(), strict=True)}


# --- what is said -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*IN_STORES, *ELSEWHERE, WRONG_KEY])
def test_their_integrity_and_their_verdict_on_the_signature_are_ours(
    name: str, documents: dict[str, Any], replayed: dict[str, list[Said]]
) -> None:
    document = documents[name]
    for said in replayed[name]:
        for answer in said.theirs.values():
            assert answer["integrity"] == check(document).integrity.value
            assert answer["signed"] == [did.is_signed_by(document, issuer(document)["key"])]
    assert did.is_signed_by(document, issuer(document)["key"]) is (name != WRONG_KEY)


@pytest.mark.parametrize("name", IN_STORES)
def test_what_a_store_has_revoked_they_and_we_find_revoked(
    name: str, replayed: dict[str, list[Said]]
) -> None:
    for said, revoked in zip(replayed[name], (False, True), strict=True):
        assert said.revoked is revoked
        assert [answer["revoked"] for answer in said.theirs.values()] == [revoked, revoked]


@pytest.mark.parametrize("name", NO_VERDICT)
def test_where_they_come_to_no_verdict_on_the_signature_the_code_says_why(
    name: str, replayed: dict[str, list[Said]]
) -> None:
    for said in replayed[name]:
        assert {answer["code"] for answer in said.theirs.values()} == {NO_VERDICT[name]}
        assert {answer["integrity"] for answer in said.theirs.values()} == {"VALID"}


@pytest.mark.parametrize("name", NAMES)
def test_our_verifier_recognises_no_issuer_by_a_did_alone(name: str, documents: dict[str, Any]) -> None:
    verdict = World().verifier().document(documents[name]).verdict
    assert verdict.outcome == "not_recognised"
    assert verdict.reason is not None
    assert verdict.reason.code == "STORE_NOT_LISTED"


def test_they_find_what_is_signed_and_not_revoked_valid_where_dns_names_the_key(
    replayed: dict[str, list[Said]],
) -> None:
    """So the difference between us is recognition alone."""
    for name in (*IN_STORES, *ELSEWHERE):
        for answer in replayed[name][0].theirs.values():
            assert answer["status"] == "VALID"
            assert set(answer["identity"].values()) == {"VALID"}
