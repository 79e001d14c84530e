"""OpenAttestation's own DID-signed fixtures: two outside verifiers and ours judge each, on the same stand-ins.

All three ask the same name server and the same revocation stores on a local chain, at the addresses that the
fixtures name. The outside verifiers ask OCSP responders of a site on this machine; ours asks one by TLS that answers
with the same code. Where our verdict differs from theirs, `DIFFERENCES` says why, and so does docs/conformance.md.
"""

import copy
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dns.rcode
import pytest

from govseal.adapters.dns import resolver_of
from govseal.adapters.evm import EvmLedger
from govseal.adapters.http import HttpResponders
from govseal.adapters.localchain import LocalChain
from govseal.core import jsjson
from govseal.core.openattestation import check, did, v2
from govseal.core.openattestation.issuer import Issuer, named
from govseal.core.trustlist import Did, StoreRef
from support.chain import mined
from support.conformance import PROJECT, conformance_file
from support.nameserver import NameServer, nameserver
from support.node import need_npm, run_lines
from support.site import Answer, Redirected, reply, site, tls_contexts
from support.world import World, institution, trust_list

pytestmark = [pytest.mark.npm, pytest.mark.conformance]

PEER = Path(__file__).with_name("did_peer.mjs")
PACKAGES = ("@govtechsg/oa-verify", "@tradetrust-tt/tt-verify")
V2, V3 = "oa-verify/test/fixtures/v2", "oa-verify/test/fixtures/v3"
OCSP = "https://ocsp.example.com"
LISTED = {  # whose each key is, by the domain under which its documents name their records
    "openattestation.com": ("0x1245e5B64D785b25057f7438F715f4aA5D965733", "0xB26B4941941C51a4885E5B7D3A1B861E54405f90"),
    "example.com": ("0xE712878f6E8d5d4F9e87E10DA604F9cB564C9a89",),
}  # fmt: skip
LISTED_RECORDS = {
    place: [f"openatts a=dns-did; p=did:ethr:{address}#controller; v=1.0;" for address in addresses]
    for place, addresses in LISTED.items()
}

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
BY_OCSP = f"{V2}/did-ocsp-revocation-signed.json"
OTHER_DOMAIN = f"{V3}/dnsdid-invalid-signed.json"
GENUINE = (*IN_STORES, BY_OCSP, OTHER_DOMAIN, f"{V3}/dnsdid-signed.json")
REFUSED = {  # what we say of each, right records and all; to them none is valid
    f"{V2}/documentDnsDidNoDnsTxt.ts#documentDnsDidNoDnsTxt": ("not_found", "NOT_SIGNED"),
    f"{V2}/documentDidMissingProof.ts#documentDidMissingProof": ("not_found", "NOT_SIGNED"),
    f"{V2}/documentDidCustomRevocation.ts#documentDidCustomRevocation": ("not_found", "NOT_SIGNED"),
    f"{V2}/documentDidObfuscatedRevocation.ts#documentDidObfuscatedRevocation": ("not_found", "NOT_SIGNED"),
    f"{V2}/did-revocation-store-signed-no-location.json": ("could_not_check", "REVOCATION_UNKNOWN"),
    f"{V3}/did-revocation-store-signed-no-location.json": ("could_not_check", "REVOCATION_UNKNOWN"),
    f"{V2}/documentDnsDidMixedTokenRegistry.ts#documentDnsDidMixedTokenRegistryValid": ("not_recognised", "STORE_NOT_LISTED"),
    f"{V2}/documentDnsDidMixedTokenRegistry.ts#documentDnsDidMixedTokenRegistryInvalid": ("not_recognised", "STORE_NOT_LISTED"),
    f"{V3}/dnsdid-wrapped.json": ("not_recognised", "STORE_NOT_LISTED"),
}  # fmt: skip
NAMES = (*GENUINE, *REFUSED)
SITUATIONS = {  # what we say in each, of a fixture that is genuine in the first
    "as it stands": ("genuine", None),
    "a wrong DNS record": ("not_recognised", "DNS_RECORD_MISSING"),
    "no DNS record": ("not_recognised", "DNS_RECORD_MISSING"),
    "no name server": ("could_not_check", "DNS_UNAVAILABLE"),
    "a field changed": ("altered", "DOCUMENT_TAMPERED"),
    "another document's signature": ("not_found", "NOT_SIGNED"),
    "a broken responder": ("could_not_check", "OCSP_ANSWER_INVALID"),
    "a responder that is away": ("could_not_check", "OCSP_UNAVAILABLE"),
    "revoked": ("revoked", "REVOKED"),
    "its domain hidden": ("could_not_check", "DNS_NAME_HIDDEN"),
}
DNS_DID = f"{V2}/dnsdid-revocation-store-signed-not-revoked.json"
DIFFERENCES = {  # they say not valid, or could not tell; we say genuine
    (OTHER_DOMAIN, situation): "a DNS record of a domain that is not listed"
    for situation in ("a wrong DNS record", "no DNS record", "no name server")
} | {
    (
        DNS_DID,
        "its domain hidden, the listed one names its key",
    ): "its domain hidden, the listed one names its key"
}


# --- what a fixture says of itself --------------------------------------------------------------------


def fixtures() -> dict[str, Any]:
    documents = jsjson.parse(conformance_file("openattestation", "documents.json").read_bytes())
    return {name: documents[name] for name in NAMES}


def issuer(document: Any) -> Issuer:
    """Return what our reader says that a fixture names."""
    found = check(document)
    return named(found.data, document, version=found.version)


def domain(document: Any) -> str:
    """Return the DNS name that a fixture's identity stands at, also where it names several issuers."""
    data = check(document).data
    if "issuers" in data:
        return str(data["issuers"][0]["identityProof"].get("location", ""))
    return issuer(document).domain


def key(document: Any) -> str:
    data = check(document).data
    return str(
        data["issuers"][0]["identityProof"]["key"] if "issuers" in data else document["proof"].get("key", "")
    )


def changed(document: Any) -> Any:
    """Return a fixture with one visible word changed."""
    made = copy.deepcopy(document)
    if "issuers" in check(document).data:
        made["data"]["issuers"][0]["name"] += "!"
    else:
        made["issuanceDate"] = "2001-01-01T00:00:00Z"
    return made


def signed_otherwise(document: Any, other: Any) -> Any:
    """Return a fixture with the signature of another."""
    made = copy.deepcopy(document)
    mine, theirs = made["proof"], other["proof"]
    (mine[0] if isinstance(mine, list) else mine)["signature"] = (
        theirs[0] if isinstance(theirs, list) else theirs
    )["signature"]
    return made


# --- stand-ins ----------------------------------------------------------------------------------------


def forwarder(address: str) -> str:
    """Return code that passes each question on to the contract at `address`, and its answer back.

    CALLDATACOPY(0, 0, size) · STATICCALL(gas, address, 0, size, 0, 0) · RETURNDATACOPY(0, 0, size) · RETURN
    """
    return f"0x3660006000376000600036600073{address[2:]}5afa503d600060003e3d6000f3"


def responder(*, revoked: bool) -> Answer:
    """Return an OCSP responder that has revoked everything, or nothing."""

    def answer(connection: socket.socket, request: bytes) -> None:
        name = request.split(b" ")[1].rpartition(b"/")[2].decode()
        said: dict[str, Any] = {"revoked": revoked, "documentHash": name}
        body = json.dumps({**said, "reasonCode": 0} if revoked else said)
        reply(body.encode(), "200 OK", "Connection: close", "Content-Type: application/json")(
            connection, request
        )

    return answer


RESPONDERS = {
    "standing": responder(revoked=False),
    "revoked": responder(revoked=True),
    "a broken responder": reply(b'{"revoked": "no"}', "200 OK", "Connection: close"),
    "a responder that is away": reply(b"busy", "503 Busy", "Connection: close"),
}


class StandIns:
    """Name servers, responders and revocation stores that all three verifiers ask."""

    def __init__(self, stack: ExitStack, folder: Path, ledger: EvmLedger, documents: dict[str, Any]) -> None:
        right: dict[str, list[str]] = {}
        for one in documents.values():
            right.setdefault(domain(one), []).append(f"openatts a=dns-did; p={key(one)}; v=1.0;")
        wrong = {
            name: [record.replace("did:ethr:0x", "did:ethr:0xab") for record in records]
            for name, records in right.items()
        }
        self.names: dict[str, NameServer] = {
            "right": stack.enter_context(nameserver(right)),
            "listed": stack.enter_context(nameserver(LISTED_RECORDS)),
            "a wrong DNS record": stack.enter_context(nameserver(wrong)),
            "no DNS record": stack.enter_context(nameserver({})),
            "no name server": stack.enter_context(nameserver({})),
        }
        self.names["no name server"].rcode = dns.rcode.REFUSED
        server, self._believed = tls_contexts(OCSP.removeprefix("https://"), folder)
        self.plain = {name: stack.enter_context(site(one)).origin for name, one in RESPONDERS.items()}
        self._secured = {
            name: stack.enter_context(site(one, tls=server)).port for name, one in RESPONDERS.items()
        }
        self._ledger = ledger
        self._behind: dict[str, StoreRef] = {}
        for address in sorted({issuer(documents[name]).location for name in IN_STORES}):
            self._behind[address] = ledger.deploy(account="treasury", name=f"behind {address}")
            ledger._rpc.result("anvil_setCode", address, forwarder(self._behind[address].address))
        self._world = World(lists=[trust_list(*self._institutions())])

    def _institutions(self) -> Iterator[Any]:
        at = next(iter(self._behind.values()))
        stores = tuple(StoreRef(at.chain_id, at.genesis, address) for address in self._behind)
        for place, addresses in LISTED.items():
            keys = tuple(Did(f"did:ethr:{address}#controller") for address in addresses)
            made = institution(place, dids=keys, revocation_stores=stores, ocsp_responders=(OCSP,))
            yield replace(made, domain=place)

    def revoke(self, documents: dict[str, Any]) -> None:
        """Revoke of each document the hash above its own, or its own where it stands alone."""
        nodes = {(issuer(one).location, check(one).path_hashes[:2][-1]) for one in documents.values()}
        for address, node in nodes:
            mined(self._ledger, self._ledger.revoke(self._behind[address], node, account="treasury"))

    def ours(self, document: Any, names: str, responders: str) -> tuple[str, str | None]:
        """Return what our verifier says."""
        asked = HttpResponders(
            [OCSP],
            resolver=lambda *_: ["203.0.114.7"],
            network=Redirected(self._secured[responders]),
            tls=self._believed,
        )
        reader = resolver_of(self.names[names].address)
        verifier = replace(self._world.verifier(), ledger=self._ledger, dns=reader, responders=asked)
        verdict = verifier.document(document).verdict
        return verdict.outcome.value, verdict.reason.code if verdict.reason else None


# --- asking -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """What is said of a fixture in a situation.

    Attributes:
        ours: outcome and code.
        theirs: by package, see the peer.
    """

    ours: tuple[str, str | None]
    theirs: dict[str, Any]

    @property
    def valid(self) -> set[bool]:
        """Whether they find it valid."""
        return {answer["valid"] for answer in self.theirs.values()}


Asked = dict[tuple[str, str], tuple[Any, str, str]]


def before(documents: dict[str, Any]) -> Asked:
    """Return (document, names, responders) of each fixture and situation but the last."""
    asked: Asked = {(name, "as it stands"): (one, "right", "standing") for name, one in documents.items()}
    for name in GENUINE:
        one = documents[name]
        other = next(
            documents[each]
            for each in GENUINE
            if check(documents[each]).merkle_root != check(one).merkle_root
        )
        asked[name, "a field changed"] = (changed(one), "right", "standing")
        asked[name, "another document's signature"] = (signed_otherwise(one, other), "right", "standing")
        if issuer(one).domain:
            for names in ("a wrong DNS record", "no DNS record", "no name server"):
                asked[name, names] = (one, names, "standing")
    hidden = v2.obfuscate(documents[DNS_DID], ["issuers.0.identityProof.location"])
    asked[DNS_DID, "its domain hidden"] = (hidden, "right", "standing")
    asked[DNS_DID, "its domain hidden, the listed one names its key"] = (hidden, "listed", "standing")
    for responders in ("a broken responder", "a responder that is away"):
        asked[BY_OCSP, responders] = (documents[BY_OCSP], "right", responders)
    return asked


@pytest.fixture(scope="module")
def documents() -> dict[str, Any]:
    for package in PACKAGES:
        need_npm(package)
    return fixtures()


@pytest.fixture(scope="module")
def said(
    documents: dict[str, Any], ledger: EvmLedger, chain: LocalChain, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], Said]:
    """Ask all of each fixture in each situation, before anything is revoked and after."""
    with ExitStack() as stack:
        there = StandIns(stack, tmp_path_factory.mktemp("responders"), ledger, documents)

        def ask(asked: Asked) -> dict[tuple[str, str], Said]:
            lines = [
                {
                    "document": one,
                    "rpc": chain.rpc_url,
                    "dns": there.names[names].address,
                    "web": there.plain[responders],
                }
                for one, names, responders in asked.values()
            ]
            theirs = map(jsjson.parse, run_lines(PEER, lines))
            ours = [there.ours(*one) for one in asked.values()]
            return {name: Said(*both) for name, *both in zip(asked, ours, theirs, strict=True)}

        found = ask(before(documents))
        there.revoke({name: documents[name] for name in IN_STORES})
        revoked: Asked = {
            (name, "revoked"): (documents[name], "right", "revoked") for name in (*IN_STORES, BY_OCSP)
        }
        return found | ask(revoked)


# --- what is said -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GENUINE)
def test_we_say_of_each_fixture_and_situation_what_the_table_says(
    name: str, said: dict[tuple[str, str], Said]
) -> None:
    told = {situation: one.ours for (each, situation), one in said.items() if each == name}
    assert {"as it stands", "a field changed", "another document's signature"} <= told.keys()
    expected = {
        situation: SITUATIONS["as it stands"] if (name, situation) in DIFFERENCES else SITUATIONS[situation]
        for situation in told
    }
    assert told == expected


@pytest.mark.parametrize("name", REFUSED)
def test_we_say_of_a_fixture_that_is_not_whole_what_is_missing(
    name: str, said: dict[tuple[str, str], Said]
) -> None:
    assert said[name, "as it stands"].ours == REFUSED[name]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_genuine_to_us_is_valid_to_them_and_the_reverse(
    name: str, said: dict[tuple[str, str], Said]
) -> None:
    for (each, situation), one in said.items():
        if each == name:
            assert len(one.valid) == 1, situation
            agree = one.valid == {one.ours[0] == "genuine"}
            assert agree is ((name, situation) not in DIFFERENCES), situation


@pytest.mark.parametrize(("situation", "family"), [
    ("a field changed", "DOCUMENT_INTEGRITY"), ("another document's signature", "DOCUMENT_STATUS"),
    ("revoked", "DOCUMENT_STATUS"), ("a wrong DNS record", "ISSUER_IDENTITY"), ("no DNS record", "ISSUER_IDENTITY"),
])  # fmt: skip
def test_they_say_invalid_of_the_family_of_our_reason(
    situation: str, family: str, said: dict[tuple[str, str], Said]
) -> None:
    found = [one for (_, each), one in said.items() if each == situation]
    assert len(found) >= 5
    for one in found:
        for answer in one.theirs.values():
            assert "INVALID" in answer["statuses"][family]


@pytest.mark.parametrize("situation", ["no name server", "a broken responder", "a responder that is away"])
def test_where_they_say_error_we_say_could_not_check(
    situation: str, said: dict[tuple[str, str], Said]
) -> None:
    found = [one for (name, each), one in said.items() if each == situation and name != OTHER_DOMAIN]
    assert found
    for one in found:
        assert one.ours[0] == "could_not_check"
        for answer in one.theirs.values():
            flat = [status for statuses in answer["statuses"].values() for status in statuses]
            assert "ERROR" in flat
            assert "INVALID" not in flat


@pytest.mark.parametrize("name", NAMES)
def test_their_integrity_and_their_verdict_on_the_signature_are_ours(
    name: str, documents: dict[str, Any], said: dict[tuple[str, str], Said]
) -> None:
    document = documents[name]
    for answer in said[name, "as it stands"].theirs.values():
        assert answer["integrity"] == check(document).integrity.value
        if answer["signed"] is not None:
            assert answer["signed"] == [did.is_signed_by(document, key(document))]


def test_the_differences_stand_in_the_documents() -> None:
    table = (PROJECT / "docs" / "conformance.md").read_text(encoding="utf-8")
    for what in DIFFERENCES.values():
        assert f"| {what} |" in table
