"""Documents that a DID has signed, and the domains that documents without a seal name, over faked ports."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from coincurve import PrivateKey

from govseal.core import jsjson
from govseal.core.errors import DnsUnavailable, FetchFailed, NotPublished
from govseal.core.openattestation import check, v2
from govseal.core.qrtext import UniversalAction
from govseal.core.trustlist import Did, Store, StoreRef
from govseal.core.verify import Report, Subject
from support.dids import CONTROLLER, DID, issuer, signed
from support.world import GENESIS, HOST, NOW, World, institution, store_of, trust_list

DOMAIN = "letters.moeys.example"
OCSP = "https://ocsp.moeys.example/v1"
STORE = StoreRef(1337, GENESIS, "0x" + "Ee" * 20)
RECORD = f"openatts a=dns-did; p={CONTROLLER}; v=1.0;"
OTHER_KEY = PrivateKey(b"\x02" * 32)
LISTED = institution(
    "moeys", "diploma", dids=(Did(CONTROLLER),), revocation_stores=(STORE,), ocsp_responders=(OCSP,)
)  # fmt: skip


class Names:
    """`DnsReader` over a dict; `away` makes every question fail."""

    def __init__(self, records: Mapping[str, Sequence[str]] | None = None, *, away: bool = False) -> None:
        self.records = {DOMAIN: [RECORD]} if records is None else records
        self.away = away
        self.asked: list[str] = []

    def texts(self, name: str) -> list[str]:
        self.asked.append(name)
        if self.away:
            raise DnsUnavailable("The name system does not answer.")
        return list(self.records.get(name, ()))


class Responder:
    """`ResponderReader` that answers from a dict of hash to answer; of others it says that they stand."""

    def __init__(self, said: Mapping[str, bytes | Exception] | None = None) -> None:
        self.said = said or {}
        self.asked: list[tuple[str, str]] = []

    def answers(self, location: str, names: Sequence[str]) -> Iterator[bytes]:
        for name in names:
            self.asked.append((location, name))
            answer = self.said.get(name, answered(name, revoked=False))
            if isinstance(answer, Exception):
                raise answer
            yield answer


def answered(name: str, *, revoked: Any, **more: Any) -> bytes:
    return jsjson.dumps({"revoked": revoked, "documentHash": name, **more}).encode()


class Country(World):
    """A world in which a ministry signs letters by a DID."""

    def __init__(self, listed: Any = LISTED) -> None:
        super().__init__(lists=[trust_list(listed, institution("moh", "letter"))])
        self.names, self.responder = Names(), Responder()

    def signed(self, *named: Any, key: PrivateKey | None = None, **changed: Any) -> dict[str, Any]:
        made = issuer(*named, **changed)
        return signed(made, self.new_uuid, **({"key": key} if key else {}))

    def judge(self, document: Any) -> Report:
        verifier = replace(self.verifier(), dns=self.names, responders=self.responder)
        return verifier.document(document)


def told(report: Report) -> tuple[str, str | None]:
    reason, names = report.verdict.reason, [one.name for one in report.verdict.fragments]
    assert len(names) == len(set(names)), names
    return report.verdict.outcome.value, reason.code if reason else None


def found(report: Report, name: str) -> tuple[str, str | None]:
    one = next(one for one in report.verdict.fragments if one.name == name)
    return one.status.value, one.reason.code if one.reason else None


def path(document: Any) -> list[bytes]:
    return list(check(document).path_hashes)


# --- who signed ---------------------------------------------------------------------------------------


def test_a_document_that_a_listed_did_signed_is_genuine_with_its_listed_issuer() -> None:
    here = Country()
    report = here.judge(here.signed())
    assert told(report) == ("genuine", None)
    assert report.issuer is not None
    assert report.issuer.names == {"en": "Ministry moeys"}
    assert {one.step for one in report.verdict.fragments} == {1, 2, 4, 5, 6, 7, 8, 9}
    assert here.ledger.asked == here.site.fetched == here.responder.asked == here.names.asked == []


@pytest.mark.parametrize("changed", [
    {"id": "did:ethr:0x" + "ab" * 20},
    {"id": "did:ethr:0x" + "ab" * 20, "identityProof": {"type": "DID", "key": f"did:ethr:0x{'ab' * 20}#controller"}},
    {"identityProof": {"type": "DID", "key": CONTROLLER.lower()}},
    {"identityProof": {"type": "DID", "key": DID}},
    {"documentStore": "0x" + "ab" * 20},
    {"tokenRegistry": "0x" + "ab" * 20},
])  # fmt: skip
def test_only_the_exact_did_url_of_the_list_is_an_issuer(changed: dict[str, Any]) -> None:
    here = Country()
    outcome, code = told(here.judge(here.signed("OCSP_RESPONDER", OCSP, domain=DOMAIN, **changed)))
    assert outcome == "not_recognised"
    assert code in {"DID_NOT_LISTED", "STORE_NOT_LISTED"}
    assert here.responder.asked == here.names.asked == []


def test_what_another_key_signed_was_never_issued_and_nobody_is_asked() -> None:
    here = Country()
    forged = here.signed("OCSP_RESPONDER", OCSP, domain=DOMAIN, key=OTHER_KEY)
    assert told(here.judge(forged)) == ("not_found", "NOT_SIGNED")
    stored = here.signed("REVOCATION_STORE", STORE.address, key=OTHER_KEY)
    assert told(here.judge(stored)) == ("not_found", "NOT_SIGNED")
    assert here.ledger.asked == here.responder.asked == here.names.asked == []


def test_a_signature_taken_away_or_taken_from_another_document_signs_nothing() -> None:
    here = Country()
    one, other = here.signed(), here.signed()
    assert told(here.judge({**one, "proof": other["proof"]})) == ("not_found", "NOT_SIGNED")
    assert told(here.judge({**one, "proof": []})) == ("not_found", "NOT_SIGNED")


def test_a_changed_document_is_altered_whoever_signed_its_root() -> None:
    here = Country()
    document = here.signed()
    document["data"]["subject"] += "!"
    assert told(here.judge(document)) == ("altered", "DOCUMENT_TAMPERED")


def test_a_stolen_key_can_vouch_for_nothing_since_no_date_is_attested() -> None:
    here = Country(replace(LISTED, dids=(Did(CONTROLLER, compromised_at=NOW),)))
    assert told(here.judge(here.signed())) == ("could_not_check", "KEY_COMPROMISED")


def test_a_kind_of_did_that_names_no_address_could_not_be_checked() -> None:
    here = Country(replace(LISTED, dids=(Did("did:web:moeys.example#key-1"),)))
    named = {
        "id": "did:web:moeys.example",
        "identityProof": {"type": "DID", "key": "did:web:moeys.example#key-1"},
    }
    assert told(here.judge(here.signed(**named))) == ("could_not_check", "DID_UNSUPPORTED")


def test_two_lists_that_name_one_did_leave_nobody_recognised() -> None:
    here = Country()
    here.lists = [*here.lists, trust_list(replace(LISTED, code="again"), hosts=("other.example",))]
    assert told(here.judge(here.signed())) == ("could_not_check", "AMBIGUOUS_TRUST_LIST")


def test_a_stale_list_recognises_no_did() -> None:
    here = Country()
    here.now = here.lists[0].next_update.replace(year=2027)
    assert told(here.judge(here.signed())) == ("could_not_check", "TRUST_LIST_STALE")


def test_a_code_leads_to_a_did_signed_document_of_its_host_s_list() -> None:
    here = Country()
    here.site.objects[HOST, "d/letter-1"] = jsjson.dumps(here.signed()).encode()
    code = UniversalAction(HOST, f"https://{HOST}/d/letter-1").text
    assert told(here.check(code)) == ("genuine", None)
    here.lists = [trust_list(institution("moh", "letter"))]
    assert told(here.check(code)) == ("not_recognised", "DID_NOT_LISTED")


# --- revoked ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("node", [0, 1, -1])
def test_it_is_revoked_by_its_hash_any_node_above_and_its_root_in_the_listed_store(node: int) -> None:
    here = Country()
    document = here.signed("REVOCATION_STORE", STORE.address.lower())
    assert told(here.judge(document)) == ("genuine", None)
    here.ledger.withdrawn.add((STORE.key, path(document)[node]))
    report = here.judge(document)
    assert told(report) == ("revoked", "REVOKED")
    assert found(report, "LedgerRevoked") == ("INVALID", "REVOKED")


def test_an_institution_may_revoke_in_its_own_document_store() -> None:
    here = Country()
    document = here.signed("REVOCATION_STORE", store_of("moeys").address)
    assert told(here.judge(document)) == ("genuine", None)
    here.ledger.revoke(path(document)[-1])
    assert told(here.judge(document)) == ("revoked", "REVOKED")


@pytest.mark.parametrize("node", [0, 1, -1])
def test_it_is_revoked_by_the_listed_responder(node: int) -> None:
    here = Country()
    document = here.signed("OCSP_RESPONDER", OCSP)
    assert told(here.judge(document)) == ("genuine", None)
    names = [f"0x{one.hex()}" for one in path(document)]
    assert here.responder.asked == [(OCSP, name) for name in names]
    here.responder.said = {names[node]: answered(names[node], revoked=True, reasonCode=4)}
    assert told(here.judge(document)) == ("revoked", "REVOKED")


@pytest.mark.parametrize(("kind", "location"), [
    ("REVOCATION_STORE", "0x" + "ab" * 20), ("REVOCATION_STORE", store_of("moh").address),
    ("OCSP_RESPONDER", "https://ocsp.evil.example"), ("OCSP_RESPONDER", f"{OCSP}/"), ("OCSP_RESPONDER", "http://localhost:1"),
])  # fmt: skip
def test_a_place_of_revocation_that_is_not_listed_is_not_asked(kind: str, location: str) -> None:
    here = Country()
    document = here.signed(kind, location, domain=DOMAIN)
    assert told(here.judge(document)) == ("not_recognised", "REVOCATION_NOT_LISTED")
    assert here.ledger.asked == here.responder.asked == here.names.asked == []


@pytest.mark.parametrize(
    ("kind", "location"),
    [("CUSTOM", None), ("", None), ("REVOCATION_STORE", None), ("OCSP_RESPONDER", None), ("none", None)],
)
def test_a_document_that_does_not_say_where_it_is_revoked_could_not_be_checked(
    kind: str, location: str | None
) -> None:
    here = Country()
    assert told(here.judge(here.signed(kind, location))) == ("could_not_check", "REVOCATION_UNKNOWN")


def test_a_holder_who_hides_how_it_is_revoked_gains_nothing() -> None:
    here = Country()
    document = here.signed("REVOCATION_STORE", STORE.address)
    here.ledger.withdrawn.add((STORE.key, path(document)[0]))
    hidden = v2.obfuscate(document, ["issuers.0.revocation"])
    assert told(here.judge(hidden)) == ("could_not_check", "REVOCATION_UNKNOWN")
    half = v2.obfuscate(document, ["issuers.0.revocation.location"])
    assert told(here.judge(half)) == ("could_not_check", "REVOCATION_UNKNOWN")


def test_a_ledger_that_is_away_or_was_not_given_could_not_be_asked() -> None:
    here = Country()
    document = here.signed("REVOCATION_STORE", STORE.address)
    here.ledger.away = True
    assert told(here.judge(document)) == ("could_not_check", "LEDGER_UNAVAILABLE")
    without = replace(here.verifier(), ledger=None)
    assert told(without.document(document)) == ("could_not_check", "LEDGER_UNAVAILABLE")


@pytest.mark.parametrize("failure", [FetchFailed("away"), NotPublished("none")])
def test_a_responder_that_does_not_answer_could_not_be_asked(failure: Exception) -> None:
    here = Country()
    document = here.signed("OCSP_RESPONDER", OCSP)
    here.responder.said = {f"0x{path(document)[1].hex()}": failure}
    assert told(here.judge(document)) == ("could_not_check", "OCSP_UNAVAILABLE")
    assert told(here.verifier().document(document)) == ("could_not_check", "OCSP_UNAVAILABLE")


@pytest.mark.parametrize("answer", [
    b"", b"no", b"[]", b"{}", b'{"revoked":"false"}', b'{"revoked":false}', b'{"revoked":0,"documentHash":"0x"}',
    answered("0x" + "00" * 32, revoked=False), b'{"revoked":false,"documentHash":"' + b"x" * 5000 + b'"}', b"\xff",
])  # fmt: skip
def test_an_answer_of_another_form_or_about_another_hash_says_nothing(answer: bytes) -> None:
    here = Country()
    document = here.signed("OCSP_RESPONDER", OCSP)
    here.responder.said = {f"0x{path(document)[0].hex()}": answer}
    assert told(here.judge(document)) == ("could_not_check", "OCSP_ANSWER_INVALID")


# --- what the domain says -----------------------------------------------------------------------------


def test_a_domain_that_names_the_key_agrees() -> None:
    here = Country()
    report = here.judge(here.signed(domain=DOMAIN.upper()))
    assert told(report) == ("genuine", None)
    assert found(report, "DnsRecord") == ("VALID", None)
    assert here.names.asked == [DOMAIN]


@pytest.mark.parametrize("records", [
    [], ["v=spf1 -all", ""], [RECORD.replace("1a64", "2a64")], [RECORD.replace("dns-did", "other")],
    [RECORD.replace("openatts", "openattest")], [RECORD.replace("; v=1.0", "")],
    [f"openatts net=ethereum netId=1337 addr={STORE.address}"],
])  # fmt: skip
def test_a_domain_that_does_not_name_the_key_takes_the_issuer_away(records: list[str]) -> None:
    here = Country()
    here.names = Names({DOMAIN: records})
    assert told(here.judge(here.signed(domain=DOMAIN))) == ("not_recognised", "DNS_RECORD_MISSING")


def test_who_hides_the_domain_has_the_listed_one_asked() -> None:
    here = Country()
    document = v2.obfuscate(here.signed(domain=DOMAIN), ["issuers.0.identityProof.location"])
    here.names = Names({LISTED.domain: [RECORD]})
    assert told(here.judge(document)) == ("genuine", None)
    assert here.names.asked == [LISTED.domain]
    here.names = Names({DOMAIN: [RECORD], LISTED.domain: ["v=spf1 -all"]})
    assert told(here.judge(document)) == ("could_not_check", "DNS_NAME_HIDDEN")
    here.names = Names(away=True)
    assert told(here.judge(document)) == ("could_not_check", "DNS_UNAVAILABLE")
    assert found(here.verifier().document(document), "DnsRecord") == ("SKIPPED", "DNS_NOT_ASKED")


@pytest.mark.parametrize("hidden", ["issuers.0.identityProof.type", "issuers.0.identityProof"])
def test_who_hides_how_the_issuer_is_known_has_no_document_left(hidden: str) -> None:
    here = Country()
    document = v2.obfuscate(here.signed(domain=DOMAIN), [hidden])
    assert told(here.judge(document)) == ("altered", "NOT_WRAPPED")


def test_a_document_that_hides_something_else_and_never_named_a_domain_is_not_held_up() -> None:
    here = Country()
    document = v2.obfuscate(here.signed(), ["subject"])
    assert told(here.judge(document)) == ("genuine", None)
    assert here.names.asked == []


def test_a_domain_alone_makes_nobody_an_issuer_and_is_not_asked() -> None:
    here = Country(institution("moeys"))
    assert told(here.judge(here.signed(domain=DOMAIN))) == ("not_recognised", "DID_NOT_LISTED")
    assert here.names.asked == []


def test_names_that_do_not_answer_could_not_be_asked() -> None:
    here = Country()
    here.names = Names(away=True)
    assert told(here.judge(here.signed(domain=DOMAIN))) == ("could_not_check", "DNS_UNAVAILABLE")


def test_without_a_reader_the_list_alone_speaks_for_the_issuer() -> None:
    here = Country()
    report = here.verifier().document(here.signed(domain=DOMAIN))
    assert told(report) == ("genuine", None)
    assert found(report, "DnsRecord") == ("SKIPPED", "DNS_NOT_ASKED")


@pytest.mark.parametrize(
    "domain",
    ["evil.example", "evilmoeys.example", "example", "a..moeys.example", "a b.moeys.example", "x" * 300],
)
def test_a_domain_that_is_not_the_listed_one_is_not_asked(domain: str) -> None:
    here = Country()
    report = here.judge(here.signed(domain=domain))
    assert told(report) == ("genuine", None)
    assert found(report, "DnsRecord") == ("SKIPPED", "DNS_NOT_LISTED")
    assert here.names.asked == []


def test_the_domain_of_an_unsealed_document_in_a_store_names_the_store() -> None:
    here = Country(institution("moeys", "openattestation"))
    raw = {"issuers": here.issue().raw["issuers"], "subject": "a letter"}
    document = here.anchor(raw).wrapped
    right = f"openatts net=ethereum netId=1337 addr={store_of('moeys').address.upper().replace('X', 'x')}"
    here.names = Names({"moeys.example": ["", right]})
    assert told(here.judge(document)) == ("genuine", None)
    for wrong in (
        right.replace("1337", "1"),
        right.replace("addr", "adr"),
        right.replace("ethereum", "other"),
        RECORD,
    ):
        here.names = Names({"moeys.example": [wrong]})
        assert told(here.judge(document)) == ("not_recognised", "DNS_RECORD_MISSING")


def test_a_document_that_is_not_issued_has_no_domain_asked_for_it() -> None:
    here = Country(institution("moeys", "openattestation"))
    raw = {"issuers": here.issue().raw["issuers"], "subject": "a letter"}
    document = here.anchor(raw).wrapped
    here.ledger.issued.clear()
    assert told(here.judge(document)) == ("not_found", "ROOT_NOT_ISSUED")
    here.ledger.away = True
    assert told(here.judge(document)) == ("could_not_check", "LEDGER_UNAVAILABLE")
    assert here.names.asked == []


def test_a_native_document_has_no_domain_asked_for_it() -> None:
    here = Country(replace(institution("moeys"), stores=(Store(store_of("moeys")),)))
    here.names = Names(away=True)
    assert told(here.judge(here.issue().wrapped)) == ("genuine", None)
    assert here.names.asked == []


@pytest.mark.parametrize("away", [False, True])
def test_of_documents_together_each_domain_is_asked_once(*, away: bool) -> None:
    here = Country()
    here.names = Names(away=away)
    documents = [here.signed(domain=DOMAIN) for _ in range(3)]
    alone = [told(here.judge(one)) for one in documents]
    here.names.asked.clear()
    verifier = replace(here.verifier(), dns=here.names, responders=here.responder)
    assert [told(one) for one in verifier.many([Subject(document=one) for one in documents])] == alone
    assert here.names.asked == [DOMAIN]
